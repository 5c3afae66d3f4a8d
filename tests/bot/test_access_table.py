"""Who gets what, for every way in: chats × askers × each handler that is registered (product: who may ask).

A handler without a row fails. Judged by what people see and by the sandbox's log of effects.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from aiogram import Router

from bot.callbacks import (
    AccountAct,
    AccountPress,
    CardAct,
    DraftAct,
    ErasePress,
    FilterPress,
    ListPress,
    NewPress,
    OtherChatPress,
    RemoveAct,
    SettingsAct,
    SettingsPress,
    TablePress,
    TidyAct,
    WaitingPress,
    WhosePress,
)
from bot.handlers import register
from ledger.chats import Grant, Served
from ledger.settings import LedgerSettings
from sandbox.chats import Chat, Kind
from sandbox.messages import Message
from sandbox.people import Actor
from tests.bot import ways
from tests.bot.conftest import Club
from tests.bot.turns import Turns, turns_of
from tests.bot.ways import ASKERS, Scene, Way, a, a_line, on
from tests.conftest import Clock
from tests.sizes import FULL

# Who gets it, of those who ask.
ALL = frozenset(ASKERS)
ADMINS = frozenset(ways.ADMINS)
OWNER, OWN, OTHERS = frozenset({"owner"}), frozenset({"owner", "maker"}), frozenset({"owner", "admin"})
SEE, ACT, CLEAN = frozenset({Grant.SEE}), frozenset({Grant.ACT}), frozenset({Grant.CLEAN})
HOST, NOBODY = frozenset({"host"}), frozenset[str]()

PRIVATE, GROUPS, CHANNELS = "private", "groups", "channels"


@dataclass(frozen=True)
class Row:
    """`way`: what is typed (a text), pressed or done; those of `who` see what `sees` says, and nobody else ever;
    `effect` is then, and only then, in the sandbox's log. `only`: where this way is at all. `anyhow`: it is not
    about the chat."""

    handler: str
    way: str | Way
    who: frozenset[str]
    sees: str
    effect: str = ""
    only: str = ""
    anyhow: bool = False


TABLE = (
    Row("listing.command", "/invites", ADMINS, "Posters"),
    Row("listing.command", "/invite", ADMINS, "Posters"),
    Row("listing.command", "/invite {own}", ADMINS, "#{own} Spring"),
    Row("listing.command", "/invite new Party 7d", ADMINS, "‘Party’", "link.created"),
    Row("listing.command", "/invite {own} x50", OWN | ACT, "changed just now", "link.edited"),
    Row("listing.command", "/invite {admins} x50", NOBODY, "changed just now"),
    Row("listing.command", "/invite revoke {own}", OWN | ACT, "cannot be undone"),
    Row("listing.command", "/invite {primary} replace", OWNER | ACT, "No undo"),
    Row("listing.command", "/invite {own} note ask Bob", OWN | ACT, "✎ ask Bob"),
    Row("listing.command", "/invite {admins} note ask Bob", OTHERS | ACT, "✎ ask Bob"),
    Row("listing.command", "/invite {own} history", ADMINS, "History, the latest first"),
    Row("history.page", ways.history, ADMINS, "History, the latest first"),
    Row("listing.page", a(ListPress), ADMINS, "Posters"),
    Row("listing.page", a(ListPress, at="k"), ADMINS, "Posters"),
    Row("listing.table", a(TablePress), ADMINS, "Name | By | Joined"),
    Row("listing.whose", a(WhosePress), ADMINS, "Whose links?"),
    Row("listing.filters", a(FilterPress), ADMINS, "🔎"),
    Row("listing.filters", a(FilterPress, save=True), ADMINS, "Saved:"),
    Row("listing.choose", ways.choosing, OWN | ACT, "changed just now", "link.edited"),
    Row("listing.search", ways.replying, ADMINS, "“spring”", only=PRIVATE),
    Row("listing.old_button", a_line("l:-1009999999999:a:0:0:f:0:0:1"), ALL, "too long ago", anyhow=True),
    Row("listing.cancel", ways.cancelling, ALL, "Cancelled. Nothing", only=PRIVATE, anyhow=True),
    Row("card.card", on(CardAct.CARD, "own"), ADMINS, "#{own} Spring"),
    Row("card.card", on(CardAct.CARD, "bots"), ADMINS, "#{bots} Doors"),
    Row("card.reveal", on(CardAct.SHOW, "own"), OWN | SEE, "https://t.me/+"),
    Row("card.reveal", on(CardAct.COPY, "own"), OWN | SEE, "copies the full link"),
    Row("card.reveal", on(CardAct.SHOW, "admins"), OTHERS | SEE, "https://t.me/+"),
    Row("card.reveal", on(CardAct.SHOW, "bots"), OWNER | SEE, "https://t.me/+"),
    Row("card.reveal_qr", on(CardAct.QR, "own"), OWN | SEE, "Scan it"),
    Row("card.reveal_qr", on(CardAct.QR, "admins"), OTHERS | SEE, "Scan it"),
    Row("card.hide_qr", on(CardAct.HIDE, "own"), ADMINS, "#{own} Spring"),
    Row("card.revoke", on(CardAct.REVOKE, "own"), OWN | ACT, "cannot be undone"),
    Row("card.revoke", on(CardAct.UNDO, "own"), OWN | ACT, "cannot be undone"),
    Row("card.revoke", on(CardAct.REVOKE, "admins"), NOBODY, "cannot be undone"),
    Row("card.revoke", on(CardAct.REVOKE, "primary"), NOBODY, "cannot be undone"),
    Row("card.confirm_revoke", ways.revoking, OWN | ACT, "Revoked just now", "link.revoked"),
    Row("listing.command", "/invite new", ADMINS, "A new link"),
    Row("listing.command", "/invite {own} edit", OWN | ACT, "Or one line: /invite {own} 7d"),
    Row("listing.command", "/invite new Flyer 1..3 x1", ADMINS, "Make 3 links?"),
    Row("series.press", ways.many, ADMINS, "Making links: 0 of 2", "link.created"),
    Row("drafting.new", a(NewPress), ADMINS, "A new link"),
    Row("drafting.change", on(CardAct.CHANGE, "own"), OWN | ACT, "Or one line: /invite {own} 7d"),
    Row("drafting.change", on(CardAct.CHANGE, "admins"), NOBODY, "Or one line"),
    Row("drafting.press", ways.drafting(DraftAct.LIMIT, 10), ADMINS, "10 people ✓"),
    Row("drafting.press", ways.drafting(DraftAct.SAVE), ADMINS, "‘Party’", "link.created"),
    Row("drafting.press", ways.drafting(DraftAct.LIMIT, 100, of="own"), OWN | ACT, "Limit: 100 members"),
    Row("drafting.press", ways.drafting(DraftAct.SAVE, of="own"), OWN | ACT, "changed just now", "link.edited"),
    Row("drafting.press", ways.drafting(DraftAct.SAVE, of="admins"), NOBODY, "changed just now"),
    Row("drafting.words", ways.naming, ADMINS, "Name: Party", only=PRIVATE),
    Row("start.start", ways.replaying_draft, ADMINS, "A new link", only=PRIVATE),
    Row("changing.undo", ways.undoing, OWN | ACT, "changed just now", "link.edited"),
    Row("primary.ask", on(CardAct.REPLACE, "primary"), OWNER | ACT, "No undo"),
    Row("primary.ask", on(CardAct.REPLACE, "own"), NOBODY, "No undo"),
    Row("primary.confirm", ways.replacing, OWNER | ACT, "the new one is", "link.revoked"),
    Row("tidying.clean", "/clean", ADMINS, " dead"),
    Row("tidying.press", ways.tidying(TidyAct.PAGE), ADMINS, "One link looks dead"),
    Row("tidying.press", ways.tidying(TidyAct.ASK), ADMINS, "Revoke one link"),
    Row("tidying.press", ways.tidying(TidyAct.YES), OWN | ACT | CLEAN, "1 of 1 revoked", "link.revoked"),
    Row("retiring.retire", "/retire", OWNER | CLEAN, "of mine work here"),
    Row("listing.command", "/invite {own} remove", OWN | ACT, "came by it"),
    Row("removing.press", ways.removing(RemoveAct.OPEN), OWN | ACT, "came by it"),
    Row("removing.press", ways.removing(RemoveAct.ASK_BAN), OWN | ACT, "Ban the 0 who came by"),
    Row("removing.press", ways.removing(RemoveAct.YES), OWN | ACT, "0 of 0 removed"),
    Row("many.stop", ways.stopping, ADMINS, "Stopping…"),
    Row("acting.confirm", ways.acting_on("admins"), NOBODY, "Asked"),
    Row("acting.cancel", ways.calling_back, OWN, "Cancelled: nothing"),
    Row("account.account", "/account", HOST, "What the account may change", anyhow=True),
    Row("account.press", a(AccountPress, act=AccountAct.SHOW), HOST, "What the account may change", anyhow=True),
    Row("listing.command", "/invite {own} rotate", OWN | ACT, "gets a new link"),
    Row("listing.command", "/invite {own} who", OWN | SEE, "joined by it"),
    Row("listing.command", "/invite {admins} who", OTHERS | SEE, "joined by it"),
    Row("listing.command", "/invite {bots} who", OWNER | SEE, "joined by it"),
    Row("joiners.turn", ways.of_joiners, OWN | SEE, "joined by it"),
    Row("joiners.who", "/who 424242", ADMINS, "Not seen to join"),
    Row("listing.command", "/invite {own} requests", ADMINS, "waits"),
    Row("requests.requests", "/requests", ADMINS, "wait"),
    Row("requests.turn", a(WaitingPress), ADMINS, "wait"),
    Row("requests.answer", ways.answering, ADMINS, "is in.", "request.approved"),
    Row("requests.answer_all", ways.answering_all, ADMINS, "who wait in"),
    Row("requests.write", ways.writing, ADMINS, "Reply to this message", only=PRIVATE),
    Row("requests.relay", ways.relaying, ADMINS, "has your message", only=PRIVATE),
    Row("listing.command", "/invite {own} delete", ADMINS, "works still"),
    Row("deleting.ask", on(CardAct.DELETE, "own"), ADMINS, "works still"),
    Row("deleting.clear", ways.clearing, NOBODY, "revoked links of"),
    Row("rotating.ask", on(CardAct.ROTATE, "own"), OWN | ACT, "gets a new link"),
    Row("rotating.ask", on(CardAct.ROTATE, "primary"), NOBODY, "gets a new link"),
    Row("rotating.confirm", ways.rotating, OWN | ACT, "has a new link now", "link.created"),
    Row("chats.chats", "/chats", ADMINS, "Go club"),
    Row("chats.choose", ways.the_chat, ADMINS, "You ask about"),
    Row("chats.named", a_line("@{username}"), ADMINS, "You ask about", only=PRIVATE),
    Row("chats.shared", ways.picking, ADMINS, "You ask about", only=PRIVATE),
    Row("chats.forwarded", ways.forwarding, ADMINS, "You ask about", only=CHANNELS),
    Row("chats.other", a(OtherChatPress), ALL, "Choose with the buttons", only=PRIVATE, anyhow=True),
    Row("status.status", "/status", ADMINS, "Bot: admin"),
    Row("status.sync", "/sync", ADMINS, "no account is signed in"),
    Row("start.start", "/start", ALL, "I list every invite link", only=PRIVATE, anyhow=True),
    Row("start.start", ways.replaying("list"), ADMINS, "Posters", only=PRIVATE),
    Row("start.start", ways.replaying("card", "own"), ADMINS, "#{own} Spring", only=PRIVATE),
    Row("start.start", ways.replaying("status"), ADMINS, "Bot: admin", only=PRIVATE),
    Row("start.help_", "/help", ALL, "How to ask", only=PRIVATE, anyhow=True),
    Row("start.not_understood", ways.hello, ALL, "I answer commands", only=PRIVATE, anyhow=True),
    Row("start.no_button_of_ours", a_line("zzz"), ALL, "does not work here", anyhow=True),
    Row("anonymous.ask", ways.as_group, NOBODY, "Posters", only=GROUPS),
    Row("anonymous.prove", ways.proving, ADMINS, "Posters", only=GROUPS),
    Row("anonymous.prove", ways.no_question, NOBODY, "Posters"),
    Row("settings.settings", "/settings", OWNER, "Settings"),
    Row("settings.settings", "/settings zone Lisbon", OWNER, "Times are shown"),
    Row("settings.press", a(SettingsPress, act=SettingsAct.MAIN), OWNER, "Settings"),
    Row("settings.press", a(SettingsPress, act=SettingsAct.ADMINS), OWNER, "Maker"),
    Row("settings.press", ways.giving, OWNER, "Admin may"),
    Row("settings.erase", a(ErasePress), OWNER, "Erase all"),
    Row("forget.forget", "/forget 424242", OWNER, "Forget 424242"),
    Row("forget.confirm", ways.forgetting, OWNER, "Forgotten"),
    Row("hosting.serve", ways.hosting("serve"), HOST, "is served now", only=PRIVATE, anyhow=True),
    Row("hosting.leave", ways.hosting("leave"), HOST, "I left", only=PRIVATE, anyhow=True),
    Row("hosting.test_alert", ways.hosting("test"), HOST, "A test alert", only=PRIVATE, anyhow=True),
    Row("hosting.claim", ways.claiming, ALL, "You are the host now", only=PRIVATE, anyhow=True),
    Row("settings.erase", ways.erasing, OWNER, "erased"),  # last: nothing is left then
)

# Told by Telegram, not asked by anyone.
TOLD = {"membership.own_place", "membership.others_place", "requests.asked_to_join"}


def registered() -> Iterator[str]:
    register(routes := Router())
    for observer in routes.observers.values():
        for held in observer.handlers:
            yield f"{held.callback.__module__.removeprefix('bot.handlers.')}.{held.callback.__name__}"


def test_every_way_in_has_a_rule() -> None:
    assert {*registered()} == {row.handler for row in TABLE} | TOLD


@dataclass(frozen=True)
class Situation:
    """Where it is asked, and what became of the chat that is asked about."""

    kind: Kind = Kind.SUPERGROUP
    where: str = "private"
    chat: str = "served"

    def __str__(self) -> str:
        return f"{self.chat} {self.kind.value}, asked in {self.where}"

    def has(self, row: Row) -> bool:
        """Whether that way is there at all."""
        if self.where == "another group" and (isinstance(row.way, str) or row.only):
            return False  # a line typed there is about that group
        wants = {PRIVATE: self.where == "private", GROUPS: self.where == "the group" and self.kind is Kind.SUPERGROUP,
                 CHANNELS: self.kind is Kind.CHANNEL, "": True}  # fmt: skip
        return wants[row.only]

    def who(self, row: Row) -> frozenset[str]:
        return row.who if row.anyhow or (self.chat == "served" and self.where != "another group") else NOBODY


WHOLE = 1  # so many of these are always played row by row
SITUATIONS = (
    Situation(where="the group"),
    Situation(),
    Situation(Kind.GROUP, "the group"),
    Situation(Kind.CHANNEL),
    Situation(where="the group", chat="not served"),
    Situation(chat="not served"),
    Situation(chat="erased"),
    Situation(where="another group"),
)


@pytest.fixture
async def turns(club: Club, ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Turns]:
    async with turns_of(club, ledger_settings, clock) as made:
        yield made


@pytest.mark.long
@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
async def test_everyone_gets_what_the_table_says_and_nothing_else(turns: Turns, situation: Situation) -> None:
    scene = await ways.scene_of(turns, situation.kind)
    here = {"private": None, "the group": scene.chat}.get(situation.where, turns.club.chat)
    await befall(scene, situation)
    wrong = []
    place = SITUATIONS.index(situation)
    every = FULL or place < WHOLE
    for row in filter(situation.has, TABLE if every else TABLE[place % 4 :: 4]):
        for name, who in scene.people.items():
            if here is not None and not here.present(who.person.id):
                continue  # he sees nothing there that he could press
            saw, done = await outcome(scene, row, who, here)
            meant = name in situation.who(row)
            rightly = row.effect in done if meant and row.effect else not done
            if saw != meant or not rightly:
                wrong.append(f"{row.handler} {row.sees!r} for {name}: saw={saw} did={done}")
            if done:
                await scene.links_anew()
            if row.handler == "hosting.claim":
                await ways.becomes_host(turns, scene.people["host"].person)
    assert not wrong, "\n".join(wrong)


async def test_a_bot_that_asks_is_nobody(turns: Turns) -> None:
    scene = await ways.scene_of(turns, Kind.SUPERGROUP)
    log, owner = turns.club.telegram.log, scene.people["owner"]
    for row in TABLE:
        if isinstance(row.way, str):
            text = row.way.format(**scene.numbers).replace(" ", "@invite_ledger_bot ", 1)
            turns.club.telegram.world.messages.send(scene.chat, owner.person, text)
            [(_, raw)] = turns.queue.waiting
            turns.queue.waiting.clear()
            raw["message"]["from"] |= {"is_bot": True, "id": turns.club.other_bot.id}
            views = len(log.views)
            await turns.works_on(raw)
            assert not log.views[views:], row.way


async def outcome(scene: Scene, row: Row, who: Actor, here: Chat | None) -> tuple[bool, list[str]]:
    """Whether he saw what the row is about, and what was done to links. Nobody else may see it."""
    turns, log, world = scene.turns, scene.turns.club.telegram.log, scene.turns.club.telegram.world
    views, effects, message = len(log.views), len(log.effects), None
    if isinstance(row.way, str):
        given = row.way.format(**scene.numbers)
    else:
        given = row.way(scene, who)
        given = await given if inspect.isawaitable(given) else given
    if isinstance(given, tuple):
        message, given = given
    if given is None:
        await turns.all_come()
    elif given.startswith("/") or row.handler in ("chats.named", "drafting.words", "start.not_understood"):
        if here is None:
            world.messages.send(world.dialog(who.person, scene.bot), who.person, given)
        else:
            world.messages.send_ephemeral(here, who.person, scene.bot, given)
        await turns.all_come()
    else:
        await turns.presses(who, message or below(scene, who, here), given)
    sees = row.sees.format(**scene.numbers)
    readers = {v.person for v in log.views[views:] if sees in " ".join([v.text, *(str(b) for b in v.buttons)])}
    readers.discard(scene.bot.id)
    assert readers <= {who.person.id}, f"{row.handler}: {who} asked, others saw"
    kinds = ("link.", "request.")
    mine = [e for e in log.effects[effects:] if e.by == scene.bot.id and e.kind.startswith(kinds)]
    done = [e.kind for e in mine if not e.what.get("primary")]  # a bot's primary link is there once it is an admin
    return bool(readers), done


def below(scene: Scene, who: Actor, here: Chat | None) -> Message:
    """A message of the bot's with a button to press: only he sees it."""
    world = scene.turns.club.telegram.world
    if here is None:
        return world.messages.send(world.dialog(who.person, scene.bot), scene.bot, "…")
    return world.messages.send_ephemeral(here, scene.bot, who.person, "…")


async def befall(scene: Scene, situation: Situation) -> None:
    turns, club = scene.turns, scene.turns.club
    if situation.chat == "not served":
        await turns.ledger.chats.serve(scene.chat.id, Served.REFUSED)
    elif situation.chat == "erased":
        await turns.ledger.chats.erase(scene.chat.id)
    elif situation.where == "another group":  # in which every one of them may ask for everything
        for who in scene.people.values():
            club.telegram.world.promote(club.chat, who.person, by=club.vera.person)
        club.telegram.world.promote(club.chat, club.bot, by=club.vera.person)
        await turns.serves(club.chat)
        await turns.all_come()
    turns.desk.access.forget(scene.chat.id)
