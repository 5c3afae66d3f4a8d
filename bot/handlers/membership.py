"""Who comes, goes and rises: the bot itself, admins, and people who join by an invite link."""

from __future__ import annotations

import contextlib

from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Chat as TelegramChat
from aiogram.types import ChatMemberRestricted, ChatMemberUnion, ChatMemberUpdated, Update

from bot import moving
from bot.desk import Desk
from bot.handlers import added as coming
from bot.handlers import closing, retiring
from bot.meeting import (
    KINDS,
    Meeting,
    bot_role,
    look_at,
    look_at_admins,
    seen_in_update,
    seen_person,
    take_up,
)
from bot.notices import Owed, owe_host, send, tell_host
from ledger.chats import Chat, Role, SeenPerson, Served
from ledger.joins import SeenJoin

PRESENT = ("creator", "administrator", "member")
OWNER = "creator"
ADMINS = (OWNER, "administrator")


async def own_place(event: ChatMemberUpdated, desk: Desk, meeting: Meeting) -> None:
    """The bot was added, promoted, demoted or thrown out; in private: blocked or taken back. Its leaving of a
    chat the ledger does not know is the end of an erasing."""
    chat, now = event.chat, event.new_chat_member
    if chat.type == "private":
        if now.status in PRESENT:
            await desk.ledger.chats.set_private_open(chat.id, True)
        else:
            await meeting.closed(chat.id)
        return
    if chat.type not in KINDS or await moving.now(desk.ledger, chat.id) != chat.id:
        return
    added = is_present(now) and not is_present(event.old_chat_member)
    if added and await _was_a_group(chat, desk):
        added = False
    before = await desk.ledger.chats.get(chat.id)
    if before is None and not is_present(now):
        return
    adder = seen_person(event.from_user)
    await desk.ledger.chats.saw_people([adder])
    await meeting.chat(chat, added_by=adder, added=added)
    desk.access.forget(chat.id)
    role, deletes, restricts = bot_role(now)
    owed = await _of_lost_rights(before, role, event, desk)  # a run after this one knows no other place than the new
    async with desk.looks[chat.id]:
        await desk.ledger.chats.bot_place(chat.id, role, deletes=deletes, restricts=restricts)
    known = await desk.ledger.chats.get(chat.id)
    if known is None:
        return
    if known.served != Served.SERVED:
        if added:
            await coming.say_waits(desk, known)
        return
    await send(desk, owed)
    if added:
        await take_up(desk, chat.id)
        await coming.say_served(desk, chat.id)
    elif role in (Role.OWNER, Role.ADMIN):
        await look_at(desk, chat.id)
        await coming.say_rights(desk, chat.id)


async def _was_a_group(chat: TelegramChat, desk: Desk) -> bool:
    """Telegram says first that the bot is in the supergroup, then that a group became it. A call that names
    the old id tells at once, and Moving notes what it tells."""
    if chat.type != "supergroup" or await desk.ledger.chats.get(chat.id) is not None:
        return False
    for one in await desk.ledger.chats.every():
        if one.kind == "group" and one.title == chat.title:
            with contextlib.suppress(TelegramAPIError):
                await desk.bot.get_chat_member(one.id, desk.me.id)
            if await moving.now(desk.ledger, one.id) == chat.id:
                return True
    return False


async def _of_lost_rights(before: Chat | None, role: Role, event: ChatMemberUpdated, desk: Desk) -> list[Owed]:
    """What is to be told where it could do something before, and now cannot."""
    if before is None or before.served != Served.SERVED:
        return []
    at, could, owed = int(event.date.timestamp()), before.bot_role in (Role.OWNER, Role.ADMIN), []
    if role == Role.OUTSIDE and before.bot_role != Role.OUTSIDE:
        owed = await owe_host(desk, "removed", since=at, chat=before)
    elif could and role in (Role.POWERLESS, Role.MEMBER):
        owed = await owe_host(desk, "demoted", since=at, chat=before)
    if could and role in (Role.OUTSIDE, Role.POWERLESS, Role.MEMBER):
        owed += await retiring.owe_left(desk, before, event.from_user.id, since=at)
    return owed


async def others_place(event: ChatMemberUpdated, event_update: Update, desk: Desk) -> None:
    """A join is counted once, by its update; what an admin may do is looked up anew. What the owner allowed
    an admin ends with his being one, and what an earlier owner allowed anyone with his owning."""
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
    if (old.status in ADMINS) != (new.status in ADMINS):
        await _end_grants(desk, chat_id, person.id)
    if new.status == OWNER and old.status != OWNER:
        desk.access.forget(chat_id)
        for one in await desk.ledger.chats.grants(chat_id):
            await _end_grants(desk, chat_id, one)
        await tell_host(desk, "owner-changed", since=int(event.date.timestamp()), chat=known)
    if old.status in ADMINS or new.status in ADMINS:
        await look_at_admins(desk, chat_id)


async def _end_grants(desk: Desk, chat_id: int, person_id: int) -> None:
    for what in await desk.ledger.chats.grants_of(chat_id, person_id):
        await desk.ledger.chats.grant(chat_id, person_id, what, on=False, by=None)
    desk.access.forget(chat_id, person_id)  # who was asked about meanwhile had them still


async def _joined(event: ChatMemberUpdated, update_id: int, desk: Desk) -> None:
    link = event.invite_link
    people: list[SeenPerson] = [seen_person(event.new_chat_member.user)]
    if link is not None:
        people.append(seen_person(link.creator))
    await desk.ledger.chats.saw_people(people)
    at, person_id = int(event.date.timestamp()), event.new_chat_member.user.id
    by = event.from_user.id if event.from_user.id not in (person_id, desk.me.id) else None
    await desk.ledger.requests.joined(event.chat.id, person_id, at=at, by=by)
    used = await desk.ledger.links.seen_in_update(
        SeenJoin(
            chat_id=event.chat.id,
            person_id=person_id,
            at=at,
            update_id=update_id,
            link=seen_in_update(link) if link else None,
            by_request=bool(event.via_join_request or (link and link.creates_join_request)),
            username=people[0].username,
            approved_by=by or await desk.ledger.requests.approver(event.chat.id, person_id, at=at),
        )
    )
    if used is not None:
        await closing.joined(used, people[0], desk)


def is_present(member: ChatMemberUnion) -> bool:
    return member.is_member if isinstance(member, ChatMemberRestricted) else member.status in PRESENT


def register(routes: Router) -> None:
    routes.my_chat_member.register(own_place)
    routes.chat_member.register(others_place)
