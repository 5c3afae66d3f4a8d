"""No update lost, none done twice, and none that nobody can parse stops the others."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import structlog
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update

from bot.app import Wire
from bot.intake import CONFLICT_TOLD_AFTER, TIMES_BEGUN, Intake, sort
from bot.lanes import Lanes
from ledger.errors import CannotWrite, LedgerError
from ledger.inbox import Received
from ledger.store import Ledger
from sandbox.faults import Fault, Kind
from tests.bot.conftest import QUICK, Club

Handle = Callable[[Update, int], Awaitable[None]]


class Desk:
    """An intake over the club's Telegram, and what it gave to its handler."""

    def __init__(self, club: Club, ledger: Ledger) -> None:
        self.club, self.ledger = club, ledger
        self.done: list[int] = []
        self.states: list[str] = []
        self.conflicts = 0
        self.lost = 0  # how often an update could not be saved
        self.news = asyncio.Condition()

    async def note(self, update: Update, received: int) -> None:
        async with self.news:
            self.done.append(update.update_id)
            self.news.notify_all()

    def has_done(self, ids: Iterable[int]) -> bool:
        return set(ids) <= set(self.done)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(90), self.news:
            await self.news.wait_for(holds)

    async def say(self, state: str) -> None:
        async with self.news:
            self.states.append(state)
            self.news.notify_all()

    async def unsaved(self, error: LedgerError, rows: Sequence[Received]) -> None:
        async with self.news:
            self.lost += 1
            self.news.notify_all()

    async def conflicted(self) -> None:
        async with self.news:
            self.conflicts += 1
            self.news.notify_all()

    def owe(self, *updates: dict[str, Any]) -> None:
        queue = self.club.telegram.bot_api.updates.queue(self.club.bot)
        queue.waiting.extend((float("inf"), update) for update in updates)
        queue.end_poll()

    async def confirmed(self) -> None:
        """Until Telegram owes nothing any more."""
        async with asyncio.timeout(40):
            while self.club.telegram.bot_api.updates.queue(self.club.bot).waiting:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0)

    @asynccontextmanager
    async def running(self, handle: Handle | None = None, *, drain: float = 20) -> AsyncIterator[asyncio.Task[None]]:
        """An intake that is told to stop at the end."""
        session = Wire(api=TelegramAPIServer.from_base(self.club.telegram.bot_api.url), timeout=5)
        bot, stop = Bot(self.club.bot.token or "", session=session), asyncio.Event()
        intake = Intake(
            bot,
            self.ledger,
            handle or self.note,
            username="invite_ledger_bot",
            clock=self.club.telegram.world.clock,
            say=self.say,
            conflicted=self.conflicted,
            unsaved=self.unsaved,
            unreachable=QUICK,
            conflict=QUICK,
            poll_seconds=5,
            drain_seconds=drain,
        )
        task = asyncio.create_task(intake.run(stop))
        try:
            yield task
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
            await session.close()


@pytest.fixture
async def desk(club: Club, ledger: Ledger) -> Desk:
    return Desk(club, ledger)


def command(update_id: int, *, chat: int = 500, text: str = "/help") -> dict[str, Any]:
    where = {"id": chat, "type": "private", "first_name": "Ann"}
    sender = {"id": chat, "is_bot": False, "first_name": "Ann"}
    return {
        "update_id": update_id,
        "message": {"message_id": 1, "date": 1, "chat": where, "from": sender, "text": text},
    }


def poison(update_id: int) -> dict[str, Any]:
    """A message of a shape no client knows, with a link inside."""
    broken = command(update_id, text="/invite https://t.me/+PoisonPoison1234")
    broken["message"]["date"] = {"never": "seen"}
    return broken


async def test_updates_are_handled_once_however_often_they_come(desk: Desk) -> None:
    async with desk.running():
        for first in (9_000, 100):  # a quiet week: the ids start anew, lower
            ids = range(first, first + 150)
            desk.owe(*(command(i, chat=500 + i % 7) for i in ids for _ in range(random.randint(1, 5))))
            await desk.until(partial(desk.has_done, ids))
            await desk.confirmed()
    assert Counter(desk.done) == Counter([*range(9_000, 9_150), *range(100, 250)])


async def test_poison_is_set_aside_without_its_body_and_stops_nothing(desk: Desk) -> None:
    shapeless = [{"update_id": 998, "message": ["?"]}, {"update_id": 999, "callback_query": {"id": 1}}]
    with structlog.testing.capture_logs() as said:
        async with desk.running():
            desk.owe(*shapeless, *(poison(i) if i % 20 == 0 else command(i) for i in range(1_000, 1_400)))
            await desk.until(lambda: len(desk.done) >= 380)
    assert sorted(desk.done) == [i for i in range(1_000, 1_400) if i % 20]
    assert await desk.ledger.inbox.counts() == (0, 22)
    assert "Poison" not in json.dumps(said)


async def test_an_update_without_an_id_does_not_stop_those_after_it(desk: Desk) -> None:
    lie = Fault(Kind.LIE, "getUpdates", times=3, change=lambda updates: [{"no": "id"}, "junk", *updates])
    desk.club.telegram.faults.plan(lie)
    async with desk.running():
        desk.owe(command(1), command(2))
        await desk.until(lambda: desk.done == [1, 2])


async def test_what_was_stored_and_not_done_is_done_at_the_next_start(desk: Desk) -> None:
    begun = asyncio.Event()

    async def hang(update: Update, received: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with desk.running(hang, drain=0.05):
        desk.owe(command(1), command(2), command(3, chat=501))
        await begun.wait()
    async with desk.running():
        await desk.until(lambda: len(desk.done) == 3)
    assert sorted(desk.done) == [1, 2, 3]
    assert desk.done.index(1) < desk.done.index(2)
    assert await desk.ledger.inbox.waiting() == []


async def test_a_stop_lets_running_handlers_end(desk: Desk) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(update: Update, received: int) -> None:
        begun.set()
        await go.wait()
        await desk.note(update, received)

    async with desk.running(slow):
        desk.owe(*(command(i, chat=500 + i) for i in range(20)))
        await begun.wait()
        asyncio.get_running_loop().call_later(0.1, go.set)
    assert sorted(desk.done) == [*range(20)]


async def test_an_update_that_ends_the_program_again_and_again_is_set_aside(desk: Desk) -> None:
    await desk.ledger.inbox.put([Received(update_id=1, lane=1, kind="message", body=json.dumps(command(1)))])

    async def die(update: Update, received: int) -> None:
        raise SystemError("as if the process had died")

    for _ in range(TIMES_BEGUN):
        async with desk.running(die) as task:
            await asyncio.wait({task})
            assert isinstance(task.exception(), SystemError)
    async with desk.running(die):
        async with asyncio.timeout(40):
            while await desk.ledger.inbox.counts() != (0, 1):  # noqa: ASYNC110 - a ledger tells of others' commits
                await asyncio.sleep(0)


FAULTS = [
    Fault(Kind.ERROR, "getUpdates", value=502, name="html"),
    Fault(Kind.ERROR, "getUpdates", value=500, name="Internal Server Error"),
    Fault(Kind.FLOOD, "getUpdates", value=1),
    Fault(Kind.CUT, "getUpdates"),
    Fault(Kind.DROP_AFTER, "getUpdates"),
    Fault(Kind.GARBLE, "getUpdates"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.value}")
async def test_a_fault_of_telegram_costs_no_update(desk: Desk, fault: Fault) -> None:
    desk.club.telegram.faults.plan(Fault(fault.kind, fault.method, fault.value, fault.name, times=2))
    async with desk.running():
        desk.owe(*(command(i) for i in range(30)))
        await desk.until(lambda: len(desk.done) == 30)
    assert desk.done == [*range(30)]


async def test_a_conflict_is_said_tried_on_and_told_once(desk: Desk, clock: Any) -> None:
    desk.club.telegram.faults.plan(
        Fault(Kind.ERROR, "getUpdates", value=409, name="Conflict: terminated by other getUpdates request", times=0)
    )
    async with desk.running():
        await desk.until(lambda: "conflict" in desk.states)
        clock.now += CONFLICT_TOLD_AFTER - 1
        polls = desk.club.calls("getUpdates")
        await desk.club.called("getUpdates", polls + 5)
        assert desk.conflicts == 0
        clock.now += 2
        await desk.until(lambda: desk.conflicts == 1)
        polls = desk.club.calls("getUpdates")
        await desk.club.called("getUpdates", polls + 5)
        assert desk.conflicts == 1
        desk.club.telegram.faults.clear()
        desk.owe(command(1))
        await desk.until(lambda: desk.done == [1])
    assert desk.states[-1] == "ready"


async def test_two_copies_that_end_each_others_polls_in_turn_are_told_of_all_the_same(desk: Desk, clock: Any) -> None:
    faults = desk.club.telegram.faults
    conflict = Fault(
        Kind.ERROR, "getUpdates", value=409, name="Conflict: terminated by other getUpdates request", times=0
    )

    async def comes(state: str) -> None:
        turns = len(desk.states)
        desk.owe(command(turns + 1))
        await desk.until(lambda: state in desk.states[turns:])

    async with desk.running():
        for _ in range(0, CONFLICT_TOLD_AFTER + 10, 10):
            faults.plan(conflict)
            await comes("conflict")
            faults.clear()
            await comes("ready")
            clock.now += 10
        assert desk.conflicts == 1


def private(**more: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": command(1)["message"] | {"text": ""} | more}


def group(text: str, **more: Any) -> dict[str, Any]:
    sender = {"id": 5, "is_bot": False, "first_name": "Ann"}
    where = {"id": -100, "type": "supergroup", "title": "Chess club"}
    return {"update_id": 1, "message": {"chat": where, "from": sender, "text": text} | more}


@pytest.mark.parametrize(
    "raw",
    [
        group("/invites"),
        group("/invite new Spring ads"),
        group("/invites@invite_ledger_bot mine"),
        group("/status@Invite_Ledger_Bot"),
        group("/status", ephemeral_message_id=4),
        group("", new_chat_title="Chess"),
        group("/invites", sender_chat={"id": -100}, **{"from": {"id": 1087968824, "is_bot": True}}),
        group("", migrate_to_chat_id=-1009),
        group("", migrate_from_chat_id=-9),
        group("", chat_owner_changed={"new_owner": {"id": 5}}),
        {"update_id": 1, "edited_message": group("/invites mine")["message"]},
        {"update_id": 1, "edited_message": command(1, text="/help")["message"]},
        command(1, text="hello"),
        private(chat_shared={"request_id": 1, "chat_id": -100}),
        private(text="a post", forward_origin={"type": "channel", "chat": {"id": -100}}),
        private(photo=[{}], forward_origin={"type": "channel", "chat": {"id": -100}}),
        {"update_id": 1, "callback_query": {"message": {"chat": {"id": 5}}}},
        {"update_id": 1, "my_chat_member": {"chat": {"id": 5}}},
        {"update_id": 1, "chat_member": {"chat": {"id": 5}}},
    ],
)
def test_what_can_matter_is_kept(raw: dict[str, Any]) -> None:
    row = sort(raw, "invite_ledger_bot", now=7)
    assert row is not None
    assert (row.quarantined, row.received, json.loads(row.body or "")) == (None, 7, raw)


@pytest.mark.parametrize(
    "raw",
    [
        group("hello all"),
        group("/invites@door_keeper_bot"),
        group("/status"),
        group("/start"),
        group("/invitesome"),
        group("look: /invites"),
        group("/invites", forward_origin={"type": "user"}),
        group("/invites", **{"from": {"id": 9, "is_bot": True}}),
        group("/invites", sender_chat={"id": -7}, **{"from": {"id": 136817688, "is_bot": True}}),
        group("/invites", sender_chat={"id": -7}),
        group("/invites", is_automatic_forward=True, sender_chat={"id": -7}, **{"from": {"id": 777000}}),
        group("/invites", **{"from": {"id": 777000, "is_bot": False}}),
        group("", photo=[{}]),
        command(1, text=""),
        private(text="/help", forward_origin={"type": "user"}),
        {"update_id": 1, "message": {"chat": {"id": -5, "type": "channel"}, "text": "/invites"}},
        {"update_id": 1, "channel_post": {"chat": {"id": -5, "type": "channel"}, "text": "/invites"}},
        {"update_id": 1, "edited_message": command(1, text="hello")["message"]},
        {"update_id": 1, "edited_message": group("", new_chat_title="Chess")["message"]},
        {"update_id": 1, "of_a_later_telegram": {"chat": {"id": 5}}},
    ],
)
def test_what_cannot_matter_is_not_kept(raw: dict[str, Any]) -> None:
    assert sort(raw, "invite_ledger_bot", now=7) is None


async def test_a_group_and_the_supergroup_it_became_keep_one_order(desk: Desk) -> None:
    """Also where the bot was stopped in between."""
    first, go, begun = asyncio.Event(), asyncio.Event(), 0

    async def slow(update: Update, received: int) -> None:
        nonlocal begun
        begun += 1
        first.set()
        await go.wait()
        await desk.note(update, received)

    old, new = -77, -1_000_000_000_077
    updates = [command(1, chat=old), command(2, chat=old), command(3, chat=new), command(4, chat=new)]
    for update, chat in zip(updates, (old, old, new, new), strict=True):
        update["message"]["chat"] = {"id": chat, "type": "supergroup", "title": "Chess"}
        update["message"]["text"] = "/invites"
    updates[1]["message"]["migrate_to_chat_id"] = new
    updates[2]["message"]["migrate_from_chat_id"] = old
    async with desk.running(slow, drain=0.05):
        desk.owe(*updates)
        await first.wait()
        await desk.confirmed()
    assert (begun, desk.done) == (1, [])
    go.set()
    async with desk.running(slow):
        await desk.until(lambda: len(desk.done) == 4)
    assert desk.done == [1, 2, 3, 4]


async def test_while_the_ledger_cannot_be_written_a_lane_waits_and_loses_nothing(desk: Desk) -> None:
    failures = 3

    async def unwritable(update: Update, received: int) -> None:
        nonlocal failures
        if update.update_id == 1 and failures:
            failures -= 1
            raise CannotWrite
        await desk.note(update, received)

    async with desk.running(unwritable):
        desk.owe(command(1), command(2), command(3, chat=501))
        await desk.until(lambda: len(desk.done) == 3)
    assert desk.done.index(1) < desk.done.index(2)
    assert desk.lost == 3


async def test_lanes_keep_their_order_and_run_side_by_side_within_the_bound() -> None:
    running, most, ended = 0, 0, []

    async def work(item: tuple[int, int]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        ended.append(item)

    lanes: Lanes[tuple[int, int]] = Lanes(work, most=5)
    for number in range(20):
        for lane in range(10):
            lanes.add(lane, (lane, number))
    assert await lanes.drain(10) == 0
    assert most == 5
    assert all([n for lane, n in ended if lane == mine] == [*range(20)] for mine in range(10))


async def test_no_more_is_read_than_can_wait() -> None:
    go = asyncio.Event()

    async def work(item: int) -> None:
        await go.wait()

    lanes: Lanes[int] = Lanes(work, waiting=3)
    for number in range(3):
        lanes.add(number, number)
    room = asyncio.create_task(lanes.room())
    await asyncio.sleep(0)
    assert not room.done()
    go.set()
    await room
