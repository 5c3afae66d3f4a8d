"""`/retire`: before this bot goes, its own links are revoked; where it can do nothing any more, the way is told."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message

from bot import notices, screens
from bot.asked import Asked
from bot.batches import Kind
from bot.commands import Asks
from bot.desk import Desk
from bot.errors import NotNamed
from bot.handlers import entry
from bot.handlers.tidying import RETIRE, revoke, settle_revoke
from bot.meeting import bot_role
from bot.notices import Owed
from ledger.batches import NewItem
from ledger.chats import Chat, Grant, Role
from ledger.rights import granted


async def retire(message: Message, asked: Asked, desk: Desk) -> None:
    """The owner's, and of who may clean up. Raises NotNamed."""
    chat, asker = await entry.by_command(asked, desk, fresh=True)
    if not granted(asker, Grant.CLEAN):
        raise NotNamed("retire")
    links = await desk.ledger.links.of_this_bot(chat.id)
    items = [NewItem(one.id) for one in links]
    draft = await desk.ledger.batches.draft(RETIRE, chat.id, asked_by=asked.person.id, items=items)
    role, *_ = bot_role(await desk.bot.get_chat_member(chat.id, desk.me.id))
    await desk.delivery.show(screens.retire(draft, chat, links, able=role in (Role.OWNER, Role.ADMIN)), asked)


async def owe_left(desk: Desk, chat: Chat, actor_id: int, *, since: int) -> list[Owed]:
    """This bot's rights were taken: which of its links work on, for who took them, if he is a known admin, and for the
    owner, where the account is his; for the host, who has no rights in chats, how many."""
    if not await desk.ledger.links.of_this_bot(chat.id):
        return []
    admins = {one.id for one in await desk.ledger.chats.admins(chat.id)}
    account, host = await desk.ledger.programs.account(), await desk.access.host()
    readers = {actor_id} & admins
    if chat.account_role == Role.OWNER and account.person_id is not None:
        readers.add(account.person_id)
    owed: list[Owed] = []
    for person_id in sorted(readers | ({host} if host is not None else set())):
        if await desk.ledger.chats.private_open(person_id):
            owed += await notices.owe_left(desk, chat, person_id, since=since, named=person_id in readers)
    return owed


KINDS = {RETIRE: Kind(revoke, settle_revoke)}


def register(routes: Router) -> None:
    routes.message.register(retire, Asks("retire"))
