"""Ten thousand presses that no button offered to their presser, and start links alike: none is accepted.

A client may send any data for any message of ours that it can see. Judged by the sandbox's log of effects and
views, press by press, and at the end by what was settled.
"""

from __future__ import annotations

import random
import string
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from bot.callbacks import (
    AnswerAllPress,
    AnswerPress,
    AskPress,
    CardAct,
    CardPress,
    ChatPress,
    ClearPress,
    ConfirmPress,
    DraftAct,
    DraftPress,
    ErasePress,
    FilterPress,
    ForgetPress,
    HistoryPress,
    Hosting,
    ListPress,
    ManyAct,
    ManyPress,
    NewPress,
    OtherChatPress,
    Press,
    ProvePress,
    RemoveAct,
    RemovePress,
    ReplacePress,
    RotatePress,
    SeriesAct,
    SeriesPress,
    SettingsAct,
    SettingsPress,
    TablePress,
    TidyAct,
    TidyPress,
    UndoPress,
    WaitingPress,
    WhoPress,
    WhosePress,
    WritePress,
)
from bot.start_links import Replay
from ledger.chats import Chat, Grant
from ledger.settings import LedgerSettings
from sandbox.chats import Kind
from sandbox.messages import Message
from sandbox.people import Actor
from tests.bot import ways
from tests.bot.conftest import Club
from tests.bot.turns import Turns, turns_of
from tests.bot.ways import Scene
from tests.conftest import Clock
from tests.pictures import qr_in
from tests.sizes import size

PRESSES = size(10_000, 1_000)
YESES = {"y", "o", "p", "x", "t", "k", "rr", "rl", "rc"}  # the presses that answer a question
LETTERS = string.printable + "éя春👍\u202e\x00"
# Who may do what to which link by typing it.
ASKED = ("owner", "maker", Grant.ACT)
CHANGES = {
    "own": set(ASKED), "old": {"owner", "maker"}, "primary": {"owner", Grant.ACT}, "admins": set(), "bots": set(),
    "link.created": set(ASKED),  # each by a choice he was asked about himself
}  # fmt: skip
READS = {
    "own": {"owner", "maker", Grant.SEE}, "old": {"owner", "maker", Grant.SEE},
    "primary": {"owner", Grant.SEE}, "admins": {"owner", "admin", Grant.SEE},
    "bots": {"owner", Grant.SEE},
}  # fmt: skip


@pytest.fixture
async def turns(club: Club, ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Turns]:
    async with turns_of(club, ledger_settings, clock) as made:
        yield made


class Forger:
    """Makes data as a person could who knows all of the code, and other people's buttons, but no `once`."""

    def __init__(self, scene: Scene, other: int, chance: random.Random) -> None:
        self.scene, self.chance = scene, chance
        self.chats = [scene.chat.id, other, 0, -1, -(2**40), scene.chat.id + 1]
        self.numbers = [*scene.numbers.values(), 0, -1, 99, 2**40]
        self.people = [one.person.id for one in scene.people.values()] + [0, -5, 2**40]
        self.real: list[str] = []  # of genuine buttons, whoever's
        self.asked: list[str] = []  # yeses that were offered to somebody

    def data(self) -> str:
        roll = self.chance.random()
        if roll < 0.45:
            return self.garbage()
        if roll < 0.65 and self.real:
            return self.mutated(self.chance.choice(self.real))
        return self.formed().pack()

    def garbage(self) -> str:
        pick = self.chance.choice
        parts = [pick([*(kind.__prefix__ for kind in Press.__subclasses__()), "", "q", "cc"])]
        known = [*self.chats, *self.numbers, "", "zz", "0x1", "1e9", "~", "k", "-"]
        parts += [str(pick(known)) for _ in range(self.chance.randint(0, 3))]
        return ":".join([*parts, self.noise(self.chance.randint(0, 9))])[:60]

    def mutated(self, data: str) -> str:
        """A genuine button's, changed in a place, cut or lengthened."""
        at = self.chance.randrange(len(data))
        return self.chance.choice([data[:at] + self.noise(1) + data[at + 1 :], data[:at], data + self.noise(2)])[:60]

    def noise(self, length: int) -> str:
        return "".join(self.chance.choice(LETTERS) for _ in range(length))

    def formed(self) -> Press:
        pick = self.chance.choice
        chat, number, person = pick(self.chats), pick(self.numbers), pick(self.people)
        once = pick([*self.asked[-50:], "x" * 12, ""])
        made: list[Callable[[], Press]] = [
            lambda: CardPress(chat=chat, act=pick(list(CardAct)), number=number),
            lambda: ConfirmPress(chat=chat, number=number, person=person, once=once),
            lambda: ReplacePress(chat=chat, number=number, person=person, once=once),
            lambda: DraftPress(
                chat=chat, act=pick(list(DraftAct)), row=pick([0, 1, 2, 3, 4, 5, 6, 2**62]), value=pick([0, 1, 3600])
            ),
            lambda: SeriesPress(chat=chat, act=pick(list(SeriesAct)), row=pick([0, 1, 2, 3, 2**62])),
            lambda: HistoryPress(chat=chat, number=number, page=pick([0, 1, 2**30])),
            lambda: ClearPress(chat=chat, whose=person, once=once),
            lambda: WhoPress(chat=chat, number=number, page=pick([0, 1, 2**30]), early=pick([True, False])),
            lambda: WhoPress(chat=chat, number=number, older=True),
            lambda: WaitingPress(chat=chat, number=number, page=pick([0, 1, 2**30]), older=pick([False, True])),
            lambda: AnswerPress(chat=chat, row=pick([0, 1, 2, 2**62]), yes=pick([True, False]), number=number),
            lambda: AnswerAllPress(chat=chat, number=number, yes=pick([True, False]), count=1, once=once),
            lambda: WritePress(chat=chat, row=pick([0, 1, 2, 2**62])),
            lambda: RotatePress(chat=chat, number=number, person=person, nth=pick([0, 1, 999]), once=once),
            lambda: UndoPress(chat=chat, number=number, change=pick([0, 1, 2, 2**30])),
            lambda: ListPress(chat=chat, ask=pick(["auj", "muj", "prnzz-zzz", "bgez"]), at=pick(["", "k", "az-z-z"])),
            lambda: TablePress(chat=chat, ask=pick(["auj", "prnzz-zzz"]), at=pick(["", "k", "az-z-z"])),
            lambda: FilterPress(chat=chat, ask=pick(["auj", "myn-1"]), save=pick([True, False])),
            lambda: WhosePress(chat=chat, page=pick([0, 1, 2**30])),
            lambda: AskPress(chat=chat, row=pick([0, 1, 2, 3, 2**62])),
            lambda: NewPress(chat=chat),
            lambda: ChatPress(chat=chat),
            lambda: OtherChatPress(chat=chat),
            lambda: ProvePress(chat=chat, question=pick([0, 1, 2**62])),
            lambda: Hosting(chat=chat, act=pick(["serve", "leave", "test", "zz"])),
            lambda: SettingsPress(
                chat=chat, act=pick(list(SettingsAct)), person=pick([0, 1, person]),
                what=pick([*Grant, "private", "UTC", "Asia/Tokyo", ""]),
            ),
            lambda: ErasePress(chat=chat, links=pick([0, 4, 99]), once=once),
            lambda: ForgetPress(chat=chat, person=person, once=once),
            lambda: RemovePress(chat=chat, act=pick(list(RemoveAct)), row=pick([1, 2, 3, number]), once=once),
            lambda: ManyPress(chat=chat, act=ManyAct.STOP, row=pick([0, 1, 2, 3, 2**62])),
            lambda: TidyPress(chat=chat, act=pick(list(TidyAct)), row=pick([1, 2, 3, 2**40]), number=number, once=once),
        ]  # fmt: skip
        return pick(made)()

    def payload(self) -> str:
        replay = Replay(self.chance.choice(["list", "card", "status", "chat"]), self.chance.choice(self.chats[:2]),
                        self.chance.choice([0, 1, 2, 3, 4, 10**8])).payload()  # fmt: skip
        return self.chance.choice([replay, self.mutated(replay), "claim_" + self.noise(9), self.noise(20)])


def messages_of(scene: Scene, other: int, who: Actor) -> Iterator[Message]:
    """What he can press: his own, that all can read, those of another group, an old one."""
    world, bot = scene.turns.club.telegram.world, scene.bot
    yield world.messages.send(world.dialog(who.person, bot), bot, "…")
    if scene.chat.present(who.person.id):
        yield world.messages.send_ephemeral(scene.chat, bot, who.person, "…")
        yield world.messages.send(scene.chat, bot, "…")
    yield world.messages.send_ephemeral(world.chat(other), bot, who.person, "…")


async def everyone_asks(scene: Scene, forger: Forger) -> None:
    """Genuine screens, and with them genuine buttons, and questions that wait for somebody's yes."""
    world, turns = scene.turns.club.telegram.world, scene.turns
    own, primary = scene.numbers["own"], scene.numbers["primary"]
    for name in ASKED:
        who = scene.people[name]
        for line in (
            "/invites", f"/invite {own}", f"/invite revoke {own}", "/chats", "/status", "/settings",
            f"/invite {primary} replace", f"/invite {own} rotate", "/forget 424242", "/invites spring",
            "/invite new Course 3m", "/clean", "/retire", f"/invite {own} remove",
            "/invite new", f"/invite {own} edit", "/invite new Flyer 1..2",
        ):  # fmt: skip
            world.messages.send(world.dialog(who.person, scene.bot), who.person, line)
    await turns.all_come()
    shown = [
        str(b["callback_data"]) for v in turns.club.telegram.log.views for b in v.buttons if b.get("callback_data")
    ]
    forger.real += sorted(set(shown))
    forger.asked += [part for data in shown if data.split(":")[0] in YESES for part in data.split(":")[-1:]]


async def settled(turns: Turns, chat_id: int) -> tuple[Chat | None, Any, int | None]:
    chats = turns.ledger.chats
    return await chats.get(chat_id), await chats.grants(chat_id), await turns.ledger.host.id()


class Judge:
    """Looks at what came of each press: whose link was changed, and whose key was seen by whom."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.log = scene, scene.turns.club.telegram.log
        self.names: dict[str, str] = {}
        self.readers = {who.person.id: name for name, who in scene.people.items()}
        self.views = self.effects = 0

    async def learn(self) -> None:
        numbers = {number: name for name, number in self.scene.numbers.items()}
        for link in self.scene.turns.club.telegram.world.invites.every(self.scene.chat):
            known = await self.scene.turns.ledger.links.find_by_link(self.scene.chat.id, link.link)
            if known is not None and known.number in numbers:
                self.names[link.hash] = numbers[known.number]
        self.views, self.effects = len(self.log.views), len(self.log.effects)

    def judge(self, name: str, data: str) -> None:
        for effect in self.log.effects[self.effects :]:
            if effect.by == self.scene.bot.id and effect.kind.startswith("link.") and not effect.what.get("primary"):
                link = self.names.get(str(effect.what.get("link")).rpartition("+")[2], effect.kind)
                assert name in CHANGES.get(link, ()), (name, data, effect)
        for view in self.log.views[self.views :]:
            drawn = qr_in(view.picture) if view.picture else ""
            if view.by == self.scene.bot.id and "t.me/+" in (shown := f"{view.text} {view.buttons} {drawn}"):
                seen = [link for key, link in self.names.items() if key in shown]
                assert all(self.readers[view.person] in READS[link] for link in seen), (name, data, view)
        self.views, self.effects = len(self.log.views), len(self.log.effects)


@pytest.mark.long
async def test_no_forged_press_is_accepted(turns: Turns) -> None:
    chance, club = random.Random(20_260_101), turns.club
    scene = await ways.scene_of(turns, Kind.SUPERGROUP)
    for who in scene.people.values():
        club.telegram.world.promote(club.chat, who.person, by=club.vera.person)
    club.telegram.world.promote(club.chat, club.bot, by=club.vera.person)
    await turns.serves(club.chat)
    await turns.all_come()
    forger, judge = Forger(scene, club.chat.id, chance), Judge(scene)
    await everyone_asks(scene, forger)
    before = await settled(turns, scene.chat.id)
    pressed = {name: list(messages_of(scene, club.chat.id, who)) for name, who in scene.people.items()}
    await judge.learn()
    for turn in range(PRESSES):
        if turn == PRESSES // 2:
            turns.starts_anew()  # every yes was asked by an earlier run
        if turn == PRESSES * 3 // 4:
            turns.clock.now += 901
        name = chance.choice(list(scene.people))
        if turn % 20 == 0:
            data = forger.payload()
            await scene.people[name].starts(scene.bot, data)
            await turns.all_come()
        else:
            data = forger.data()
            data = "zzz" if mine(name, data) else data
            await turns.presses(scene.people[name], chance.choice(pressed[name]), data)
        judge.judge(name, data)
    assert await settled(turns, scene.chat.id) == before


def mine(name: str, data: str) -> bool:
    """What he may settle as he likes, so that it would prove nothing."""
    return (name == "owner" and data[:2] == "s:") or (name == "host" and data[:2] == "h:")
