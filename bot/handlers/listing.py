"""`/invites` and `/invite`: what was typed is understood and handed on; the list, its pages and filters."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import replace

from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message

from bot import grammar, screens
from bot.access import Asker
from bot.asked import Asked
from bot.callbacks import AskPress, FilterPress, ListPress, TablePress, WhosePress, read_press
from bot.commands import Asks, Has, in_full, rest, typed
from bot.desk import Desk
from bot.errors import BotError, Stale, UnknownPerson
from bot.handlers import (
    card,
    changing,
    creating,
    deleting,
    drafting,
    entry,
    history,
    joiners,
    removing,
    requests,
    rotating,
    series,
)
from bot.handlers.asking import ask
from bot.packing import BACK, unpack, unpack_place
from bot.recent import Recent
from bot.wishes import (
    CardWish,
    DeleteWish,
    DraftWish,
    EditWish,
    HistoryWish,
    LinkWish,
    ListWish,
    NewLink,
    NoteWish,
    Question,
    RemoveWish,
    ReplaceWish,
    RequestsWish,
    RevokeWish,
    RotateWish,
    Series,
    Unclear,
    WhoWish,
    Wish,
)
from ledger.chats import Chat, SeenPerson
from ledger.errands import Place
from ledger.listing import Position, Query, Whose

OWN_SECONDS = 60
WORDS_AT_MOST = 64
# As buttons were packed before filters had a screen.
OLD_LIST = re.compile(r"(?:l:-?\d{1,19}:[ampb]:\d{1,19}:[01]:[fablk]:|w:-?\d{1,19}:[01]:\d{1,9}$)")


class Listing:
    """Keeps each person's default list for a minute, and which choices were pressed."""

    def __init__(self) -> None:
        self._own: Recent[tuple[int, int], tuple[float, Query | None]] = Recent()
        self._pressed: Recent[tuple[Place, int], None] = Recent()

    async def command(self, message: Message, asked: Asked, desk: Desk) -> None:
        changes = grammar.changes(rest(asked.text)) and _name(asked.text) == "invite"
        chat, asker = await entry.by_command(asked, desk, fresh=changes)
        await self._run(asked.text, chat, asker, asked, desk)

    async def choose(self, query: CallbackQuery, callback_data: AskPress, asked: Asked, desk: Desk) -> None:
        """Runs the line a choice stands for as if its presser had typed it; a doubled press does so once."""
        if not await desk.delivery.ack(asked):
            return
        chat, asker = await entry.by_number(asked, desk, callback_data.chat, fresh=True)
        line = await desk.ledger.links.search_words(chat.id, callback_data.row, person_id=asked.person.id)
        if line is None or _name(line) != "invite" or asked.place is None:
            raise Stale
        if (asked.place, callback_data.row) in self._pressed:
            return
        desk.open_questions.pop(asked.person.id, None)
        await self._run(line, chat, asker, asked, desk)
        self._pressed[asked.place, callback_data.row] = None

    async def page(self, query: CallbackQuery, callback_data: ListPress, asked: Asked, desk: Desk) -> None:
        if not await desk.delivery.ack(asked):
            return
        chat, _ = await entry.by_number(asked, desk, callback_data.chat)
        before = desk.lists.get(asked.place) if asked.place is not None and callback_data.at == BACK else None
        if before is not None and (before.chat_id, before.viewer_id) == (chat.id, asked.person.id):
            await self._show(before, asked, desk)
            return
        wanted = await _question(callback_data.ask, chat, asked, desk)
        await self._show(replace(wanted, position=unpack_place(callback_data.at)), asked, desk)

    async def table(self, query: CallbackQuery, callback_data: TablePress, asked: Asked, desk: Desk) -> None:
        """The page as a table; where the server knows none, the plain list says so."""
        if not await desk.delivery.ack(asked):
            return
        chat, _ = await entry.by_number(asked, desk, callback_data.chat)
        wanted = await _question(callback_data.ask, chat, asked, desk)
        wanted = replace(wanted, position=unpack_place(callback_data.at))
        report = await desk.ledger.links.page(wanted)
        screen = screens.table(report, now=int(desk.clock()), search=await _search(wanted, desk))
        if not await desk.delivery.show_rich(screen, asked):
            await self._show(wanted, asked, desk, no_tables=True)
        elif asked.place is not None:
            desk.lists[asked.place] = wanted

    async def whose(self, query: CallbackQuery, callback_data: WhosePress, asked: Asked, desk: Desk) -> None:
        if await desk.delivery.ack(asked):
            chat, _ = await entry.by_number(asked, desk, callback_data.chat)
            wanted, search = unpack(callback_data.ask, chat.id, asked.person.id)
            creators = await desk.ledger.links.creators(chat.id)
            screen = screens.whose(wanted, chat, creators, page=callback_data.page, search=search)
            await desk.delivery.show(screen, asked)

    async def filters(self, query: CallbackQuery, callback_data: FilterPress, asked: Asked, desk: Desk) -> None:
        if not await desk.delivery.ack(asked):
            return
        chat, _ = await entry.by_number(asked, desk, callback_data.chat)
        wanted = await _question(callback_data.ask, chat, asked, desk)
        if callback_data.save:
            await desk.ledger.links.save_default(wanted)
            self._keep(wanted, desk)
        report = await desk.ledger.links.page(replace(wanted, size=1))
        creators = await desk.ledger.links.creators(chat.id)
        screen = screens.filters(
            report, creators, search=await _search(wanted, desk), in_group=asked.in_group,
            own=await self._own_list(chat.id, asked.person.id, desk) == wanted, saved=callback_data.save,
        )  # fmt: skip
        await desk.delivery.show(screen, asked)

    async def search(self, message: Message, asked: Asked, desk: Desk, press: ListPress | FilterPress) -> None:
        """A reply in private to a list or its filters: words to search there."""
        chat, _ = await entry.by_number(asked, desk, press.chat)
        wanted, _ = unpack(press.ask, chat.id, asked.person.id)
        await self._show(replace(wanted, words=_words(asked.text)), asked, desk)

    async def open(self, wish: ListWish, chat: Chat, asked: Asked, desk: Desk) -> None:
        """Raises UnknownPerson, Unclear."""
        if wish.default:
            own = await self._own_list(chat.id, asked.person.id, desk)
            await self._show(own or Query(chat.id, asked.person.id), asked, desk)
            return
        query = Query(
            chat.id, asked.person.id, whose=wish.whose, shelf=wish.shelf, order=wish.order, words=_words(wish.words)
        )
        if wish.whose != Whose.PERSON:
            await self._show(query, asked, desk)
            return
        people, words = await _people(wish, chat, desk)
        query = replace(query, words=_words(words))
        if not people:
            await self._show(replace(query, whose=Whose.ALL), asked, desk)
        elif len(people) == 1:
            await self._show(replace(query, person_id=people[0].id), asked, desk)
        else:
            creators = [c for c in await desk.ledger.links.creators(chat.id) if c.person_id in {p.id for p in people}]
            picker = screens.whose(query, chat, creators, page=0, search=await _search(query, desk))
            await desk.delivery.show(picker, asked)

    async def _run(self, line: str, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
        match await _understood(line, chat, desk):
            case NewLink() | Series() | DraftWish() as wish:
                await _make(wish, chat, asked, desk)
            case CardWish() as wish:
                await card.open_card(wish, chat, asker, asked, desk)
            case ListWish() as wish:
                await self.open(wish, chat, asked, desk)
            case Question() as question:
                await ask(question, chat, asked, desk)
            case wish:
                await _act(wish, chat, asker, asked, desk)

    async def _own_list(self, chat_id: int, person_id: int, desk: Desk) -> Query | None:
        until, own = self._own.get((chat_id, person_id), (0.0, None))
        if until <= desk.clock():
            own = await desk.ledger.links.default_list(chat_id, person_id)
            self._keep(own or Query(chat_id, person_id), desk)
        return own if own != Query(chat_id, person_id) else None

    def _keep(self, own: Query, desk: Desk) -> None:
        assert own.viewer_id is not None
        self._own[own.chat_id, own.viewer_id] = (desk.clock() + OWN_SECONDS, own)

    async def _show(self, query: Query, asked: Asked, desk: Desk, *, no_tables: bool = False) -> None:
        _, own = self._own.get((query.chat_id, asked.person.id), (0.0, None))
        plain = Query(query.chat_id, asked.person.id)
        is_own = replace(query, position=Position()) == own != plain
        await _show(query, asked, desk, own=is_own, no_tables=no_tables)


async def open_packed(question: str, chat: Chat, asked: Asked, desk: Desk) -> None:
    """The list a start link carries."""
    await _show(await _question(question, chat, asked, desk), asked, desk)


async def old_button(query: CallbackQuery, asked: Asked, desk: Desk) -> None:
    """Of a list that an earlier version wrote. Raises Stale."""
    if await desk.delivery.ack(asked):
        raise Stale


async def cancel(message: Message, asked: Asked, desk: Desk) -> None:
    """Takes away what was asked last, and every yes that was not given yet."""
    place = desk.open_questions.pop(asked.person.id, None)
    something = desk.confirmations.drop(asked.person.id) or place is not None
    chat_id = None
    if something:
        with contextlib.suppress(BotError, TelegramAPIError):  # a button less is no reason for no answer
            chat_id = (await desk.access.chat_for(asked)).id
    screen = screens.cancelled(something=something, chat_id=chat_id)
    if place is not None:
        await desk.delivery.edit(place, screen)
    quiet = not something and not await entry.lets_in(asked, desk)
    await desk.delivery.show(replace(screen, quiet=quiet), asked)


async def asked_about(message: Message, asked: Asked) -> dict[str, ListPress | FilterPress] | bool:
    """Matches words in private that reply to a list of ours: which one its last button tells."""
    replied = message.reply_to_message
    if asked.in_group or asked.reply_to is None or asked.text.startswith("/") or replied is None:
        return False
    rows = replied.reply_markup.inline_keyboard if replied.reply_markup else []
    presses = (read_press(button.callback_data) for row in rows for button in row)
    lists = [press for press in presses if isinstance(press, (ListPress, FilterPress))]
    if not lists or (isinstance(lists[-1], ListPress) and lists[-1].at == BACK):
        return False
    return {"press": lists[-1]}


async def _make(wish: NewLink | Series | DraftWish, chat: Chat, asked: Asked, desk: Desk) -> None:
    match wish:
        case NewLink():
            await creating.make(wish, chat, asked, desk)
        case Series():
            await series.ask(wish, chat, asked, desk)
        case DraftWish():
            await drafting.open_new(chat, asked, desk)


async def _act(wish: LinkWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    match wish:
        case EditWish() if wish == EditWish(wish.card):
            await drafting.open_change(await card.find(wish.card, chat.id, desk), chat, asker, asked, desk)
        case EditWish():
            await changing.edit(wish, chat, asker, asked, desk)
        case RevokeWish():
            await card.ask_revoke(wish, chat, asker, asked, desk)
        case NoteWish():
            await history.note(wish, chat, asker, asked, desk)
        case HistoryWish() | WhoWish() | RequestsWish():
            await _look(wish, chat, asker, asked, desk)
        case DeleteWish() | RemoveWish():
            await _take_away(wish, chat, asker, asked, desk)
        case ReplaceWish() | RotateWish():
            await rotating.ask_rotate(wish, chat, asker, asked, desk)


async def _understood(line: str, chat: Chat, desk: Desk) -> Wish:
    """Dates cost the reader up to a fifth of a second, so a thread reads them."""
    words = rest(line)
    if _name(line) == "invites":
        return grammar.read_invites(words)
    return await asyncio.to_thread(grammar.read_invite, words, now=int(desk.clock()), zone=chat.time_zone)


def _name(line: str) -> str:
    command = typed(in_full(line))
    return command.name if command is not None else ""


async def _take_away(wish: DeleteWish | RemoveWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """The link itself, or who came by it."""
    match wish:
        case DeleteWish():
            await deleting.ask_delete(wish, chat, asker, asked, desk)
        case RemoveWish():
            await removing.ask_remove(wish, chat, asker, asked, desk)


async def _look(wish: HistoryWish | WhoWish | RequestsWish, chat: Chat, asker: Asker, asked: Asked, desk: Desk) -> None:
    """At what happened with one link, who joined by it, who asks to."""
    match wish:
        case HistoryWish():
            await history.open_history(wish, chat, asked, desk)
        case WhoWish():
            await joiners.open_who(wish, chat, asker, asked, desk)
        case RequestsWish():
            await requests.open_list(wish.card, chat, asked, desk)


async def _people(wish: ListWish, chat: Chat, desk: Desk) -> tuple[list[SeenPerson], str]:
    """Whose links are meant, and the words left to search; nobody where all of it is words. Of several people
    of one name those who made links. Raises UnknownPerson."""
    find = desk.ledger.chats.find_person
    if wish.name.startswith("@"):
        found, words = await find(chat.id, wish.name), wish.words
        if not found:
            raise UnknownPerson(wish.name)
    else:
        parts = wish.name.split()
        for size in range(min(4, len(parts)), 0, -1):
            found, words = await find(chat.id, " ".join(parts[:size])), " ".join(parts[size:])
            if found:
                break
        else:
            return [], wish.name
    if len(found) > 1:
        made = {creator.person_id for creator in await desk.ledger.links.creators(chat.id)}
        found = [person for person in found if person.id in made] or found[:1]
    return found, words


def _words(text: str) -> str:
    """Raises Unclear. A link is looked up as such, never searched for."""
    words = " ".join(text.split())
    if len(words) > WORDS_AT_MOST:
        raise Unclear("words-long", "", "/invites spring")
    if grammar.holds_link(words):
        raise Unclear("other", "t.me/+…", "/invites spring")
    return words


async def _question(packed: str, chat: Chat, asked: Asked, desk: Desk) -> Query:
    """Words of another person, or kept too long ago, are left out."""
    query, search = unpack(packed, chat.id, asked.person.id)
    words = await desk.ledger.links.search_words(chat.id, search, person_id=asked.person.id) if search else None
    return replace(query, words=words) if words else query


async def _search(query: Query, desk: Desk) -> int:
    if not query.words or query.viewer_id is None:
        return 0
    return await desk.ledger.links.search_id(query.chat_id, query.viewer_id, query.words)


async def _show(query: Query, asked: Asked, desk: Desk, *, own: bool = False, no_tables: bool = False) -> None:
    search = await _search(query, desk)
    report = await desk.ledger.links.page(query)
    person = await desk.ledger.chats.person(query.person_id) if query.person_id else None
    clears = await deleting.whose_to_clear(query, report.chat, asked, desk)
    screen = screens.listing(
        report, now=int(desk.clock()), bot_username=desk.me.username or "", in_group=asked.in_group, search=search,
        person=person.name if person else "", own=own, linked=await entry.linked(report.chat, asked, desk),
        no_tables=no_tables, clears=clears,
    )  # fmt: skip
    place = await desk.delivery.show(screen, asked)
    if place is not None and desk.open_questions.get(asked.person.id) == place:
        del desk.open_questions[asked.person.id]
    if place is not None:
        desk.lists[place] = query


def register(routes: Router) -> None:
    listing = Listing()
    routes.message.register(listing.command, Asks("invites"))
    routes.message.register(listing.command, Asks("invite"))
    routes.message.register(cancel, Asks("cancel"))
    routes.message.register(listing.search, asked_about)
    routes.callback_query.register(listing.page, ListPress.filter())
    routes.callback_query.register(listing.table, TablePress.filter())
    routes.callback_query.register(listing.whose, WhosePress.filter())
    routes.callback_query.register(listing.filters, FilterPress.filter())
    routes.callback_query.register(listing.choose, AskPress.filter())
    routes.callback_query.register(old_button, Has(lambda query: OLD_LIST.match(query.data or "")))
