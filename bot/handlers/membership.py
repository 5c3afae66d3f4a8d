"""Who comes, goes and rises: the bot itself, admins, and people who join by an invite link."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import ChatMemberRestricted, ChatMemberUnion, ChatMemberUpdated, Update

from bot.desk import Desk
from bot.meeting import KINDS, Meeting, bot_role, look_at, look_at_admins, seen_in_update, take_up
from bot.questions import seen_person
from ledger.chats import Role, SeenPerson, Served
from ledger.joins import SeenJoin

PRESENT = ("creator", "administrator", "member")
ADMINS = ("creator", "administrator")


async def own_place(event: ChatMemberUpdated, desk: Desk, meeting: Meeting) -> None:
    """The bot was added, promoted, demoted or thrown out; in private: blocked or taken back."""
    chat, now = event.chat, event.new_chat_member
    if chat.type == "private":
        if now.status in PRESENT:
            await desk.ledger.chats.set_private_open(chat.id, True)
        else:
            await meeting.closed(chat.id)
        return
    if chat.type not in KINDS:
        return
    added = is_present(now) and not is_present(event.old_chat_member)
    adder = seen_person(event.from_user)
    await desk.ledger.chats.saw_people([adder])
    await meeting.chat(chat, added_by=adder, added=added)
    desk.access.forget(chat.id)
    role, deletes = bot_role(now)
    await desk.ledger.chats.bot_place(chat.id, role, deletes=deletes)
    known = await desk.ledger.chats.get(chat.id)
    if known is None or known.served != Served.SERVED or not is_present(now):
        return
    if added:
        await take_up(desk, chat.id)
    elif role in (Role.OWNER, Role.ADMIN):
        await look_at(desk, chat.id)


async def others_place(event: ChatMemberUpdated, event_update: Update, desk: Desk) -> None:
    """A join is counted once, by its update; what an admin may do is looked up anew."""
    chat_id, person = event.chat.id, event.new_chat_member.user
    old, new = event.old_chat_member, event.new_chat_member
    desk.access.forget(chat_id, person.id)
    known = await desk.ledger.chats.get(chat_id)
    if known is None or known.served != Served.SERVED:
        return
    if is_present(new) and not is_present(old):
        await _joined(event, event_update.update_id, desk)
    elif is_present(old) and not is_present(new):
        await desk.ledger.links.left(chat_id, person.id, int(event.date.timestamp()))
    if old.status in ADMINS or new.status in ADMINS:
        await look_at_admins(desk, chat_id)


async def _joined(event: ChatMemberUpdated, update_id: int, desk: Desk) -> None:
    link = event.invite_link
    people: list[SeenPerson] = [seen_person(event.new_chat_member.user)]
    if link is not None:
        people.append(seen_person(link.creator))
    await desk.ledger.chats.saw_people(people)
    await desk.ledger.links.seen_in_update(
        SeenJoin(
            chat_id=event.chat.id,
            person_id=event.new_chat_member.user.id,
            at=int(event.date.timestamp()),
            update_id=update_id,
            link=seen_in_update(link) if link else None,
            by_request=bool(event.via_join_request or (link and link.creates_join_request)),
        )
    )


def is_present(member: ChatMemberUnion) -> bool:
    return member.is_member if isinstance(member, ChatMemberRestricted) else member.status in PRESENT


def router() -> Router:
    membership = Router(name="membership")
    membership.my_chat_member.register(own_place)
    membership.chat_member.register(others_place)
    return membership
