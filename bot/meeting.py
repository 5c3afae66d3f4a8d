"""Whom and what the bot meets goes into the ledger: people who write, chats it stands in, and in each
served chat what the Bot API tells of admins, its own rights and its own primary link."""

from __future__ import annotations

from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import Chat as TelegramChat
from aiogram.types import (
    ChatFullInfo,
    ChatInviteLink,
    ChatMemberAdministrator,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
    ChatMemberUnion,
    Update,
    User,
)

from bot import moving, screens
from bot.asked import Asked, Way
from bot.desk import Desk
from ledger.chats import Chat, Role, SeenChat, SeenPerson, Served
from ledger.errands import Act
from ledger.links import CutLink, SeenLink

KINDS = ("group", "supergroup", "channel")


def seen_person(user: User) -> SeenPerson:
    return SeenPerson(user.id, user.full_name, user.username, user.is_bot)


def seen_chat(chat: TelegramChat | ChatFullInfo) -> SeenChat:
    return SeenChat(chat.id, chat.title or "", chat.type, chat.username)


def seen_whole(link: ChatInviteLink) -> SeenLink:
    """This bot's own link as the Bot API returns it: it tells neither its use nor its date."""
    return SeenLink(
        link.invite_link,
        link.creator.id,
        primary=link.is_primary,
        approval=link.creates_join_request,
        revoked=link.is_revoked,
        title=link.name or "",
        expires=int(link.expire_date.timestamp()) if link.expire_date else None,
        limit=link.member_limit or 0,
        pending=link.pending_join_request_count or 0,
        price=link.subscription_price or 0,
    )


def seen_in_update(link: ChatInviteLink) -> SeenLink | CutLink:
    """Whole where this bot made it, else its first characters and three dots."""
    seen, start = seen_whole(link), link.invite_link.rstrip(".…")
    if start == link.invite_link:
        return seen
    return CutLink(
        start,
        seen.creator_id,
        primary=seen.primary,
        approval=seen.approval,
        revoked=seen.revoked,
        title=seen.title,
        expires=seen.expires,
        limit=seen.limit,
    )


def bot_role(member: ChatMemberUnion) -> tuple[Role, bool, bool]:
    """The bot's role, whether it may delete others' messages, and whether it may ban people."""
    match member:
        case ChatMemberOwner():
            return Role.OWNER, True, True
        case ChatMemberAdministrator():
            role = Role.ADMIN if member.can_invite_users else Role.POWERLESS
            return role, member.can_delete_messages, member.can_restrict_members
        case ChatMemberMember():
            return Role.MEMBER, False, False
        case ChatMemberRestricted():
            return (Role.MEMBER if member.is_member else Role.OUTSIDE), False, False
    return Role.OUTSIDE, False, False


class Meeting:
    """Remembers what it wrote, so that an update about what is known costs no statement."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._people: dict[int, SeenPerson] = {}
        self._open: set[int] = set()
        self._chats: dict[int, SeenChat] = {}

    async def person(self, asked: Asked) -> None:
        """Who asked; a private message shows that the bot may write to him."""
        person = asked.person
        if self._people.get(person.id) != person:
            await self._desk.ledger.chats.saw_people([person])
            if len(self._people) > 10_000:
                self._people.clear()
                self._open.clear()
            self._people[person.id] = person
        if asked.way == Way.PRIVATE and person.id not in self._open:
            await self._desk.ledger.chats.set_private_open(person.id, True)
            self._open.add(person.id)

    async def closed(self, person_id: int) -> None:
        """Blocked by him."""
        self._open.discard(person_id)
        await self._desk.ledger.chats.set_private_open(person_id, False)

    async def chat_of(self, update: Update) -> None:
        """The chat behind any update but `my_chat_member`, whose handler knows who added the bot; and what
        a service message says of it."""
        message = update.message
        if message is not None and message.migrate_to_chat_id:
            await self.moved(message.chat.id, message.migrate_to_chat_id, look=True)
        elif message is not None and message.migrate_from_chat_id:
            await self.moved(message.migrate_from_chat_id, message.chat.id, look=True)
            await self.chat(message.chat)
        elif message is not None:
            await self.chat(message.chat)
            if message.chat_owner_changed or message.chat_owner_left:
                await self._look_again(message.chat.id)
        elif update.callback_query is not None and update.callback_query.message is not None:
            await self.chat(update.callback_query.message.chat)
        elif (told := update.chat_member or update.chat_join_request) is not None:
            await self.chat(told.chat)

    async def chat(self, chat: TelegramChat, *, added_by: SeenPerson | None = None, added: bool = False) -> None:
        """A chat an update came from. One never met, or one the bot was `added` to, waits for the
        host's yes; with OPEN_TO_ALL it is served at once."""
        if chat.type not in KINDS:
            return
        seen = seen_chat(chat)
        if self._chats.get(chat.id) == seen and not added:
            return
        if await moving.now(self._desk.ledger, chat.id) != chat.id:
            return  # a word from the group it was: the supergroup stands in its place
        chats, trusted = self._desk.ledger.chats, self._desk.settings.open_to_all
        before = await chats.get(chat.id)
        now = await chats.saw(seen, added_by=added_by.id if added_by else None, trusted=trusted)
        self._desk.access.forget(chat.id)
        if now.served != Served.SERVED and (added or before is None):
            await chats.serve(chat.id, Served.SERVED if trusted else Served.ASKED)
            if not trusted:
                await ask_the_host(self._desk, now, added_by)
        if trusted and (added or before is None):
            await take_up(self._desk, chat.id)
        self._chats[chat.id] = seen

    async def moved(self, old: int, new: int, *, look: bool = False) -> None:
        """A group became a supergroup: its rows go on under the new id. With `look` also what the bot may do
        there now is looked up."""
        await self._desk.ledger.chats.migrated(old, new)
        for chat_id in (old, new):
            self._chats.pop(chat_id, None)
            self._desk.access.forget(chat_id)
        if look:
            await self._look_again(new)

    async def _look_again(self, chat_id: int) -> None:
        self._desk.access.forget(chat_id)
        known = await self._desk.ledger.chats.get(chat_id)
        if known is not None and known.served == Served.SERVED:
            await look_at(self._desk, chat_id)


async def ask_the_host(desk: Desk, chat: Chat, added_by: SeenPerson | None) -> None:
    host = await desk.access.host()
    if host is not None:
        await desk.delivery.tell(host, screens.asks_to_serve(chat, added_by))


async def ask_about_waiting(desk: Desk) -> None:
    for chat in await desk.ledger.chats.every():
        if chat.served == Served.ASKED:
            adder = await desk.ledger.chats.person(chat.added_by) if chat.added_by else None
            await ask_the_host(desk, chat, adder)


async def take_up(desk: Desk, chat_id: int) -> None:
    """Begins to serve: looks at the chat and asks the account to read it."""
    desk.access.forget(chat_id)
    await look_at(desk, chat_id)
    await desk.ledger.errands.ask(Act.SYNC, chat_id, asked_by=None)


async def look_at(desk: Desk, chat_id: int) -> None:
    """Admins, the bot's own rights and own primary link, and the chat linked to this one. The primary is read
    by getChat: looking never makes or replaces one. A chat the bot was thrown out of is noted as such."""
    async with desk.looks[chat_id]:
        await _look_at(desk, chat_id)


async def _look_at(desk: Desk, chat_id: int) -> None:
    try:
        await _look_at_admins(desk, chat_id)
        own = await desk.bot.get_chat_member(chat_id, desk.me.id)
        role, deletes, restricts = bot_role(own)
        await desk.ledger.chats.bot_place(chat_id, role, deletes=deletes, restricts=restricts)
        if role not in (Role.OWNER, Role.ADMIN):
            return
        full = await desk.bot.get_chat(chat_id)
    except TelegramForbiddenError:
        await desk.ledger.chats.bot_place(chat_id, Role.OUTSIDE, deletes=False)
        return
    await desk.ledger.chats.saw(seen_chat(full))
    await desk.ledger.chats.set_discussion(chat_id, full.linked_chat_id)
    if full.invite_link:
        await desk.ledger.links.noticed(chat_id, SeenLink(full.invite_link, desk.me.id, primary=True))


async def look_at_admins(desk: Desk, chat_id: int) -> None:
    """getChatAdministrators with the other bots: without them their links would have no owner."""
    async with desk.looks[chat_id]:
        await _look_at_admins(desk, chat_id)


async def _look_at_admins(desk: Desk, chat_id: int) -> None:
    try:
        admins = await desk.bot.get_chat_administrators(chat_id, return_bots=True)
    except TelegramBadRequest:
        return
    people = [seen_person(admin.user) for admin in admins]
    await desk.ledger.chats.saw_people(people)
    await desk.ledger.chats.set_admins(chat_id, [person.id for person in people], told_by="bot")
