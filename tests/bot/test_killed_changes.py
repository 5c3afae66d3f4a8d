"""kill -9 around a change and a replace: each is done at most once, and its asker is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import Pace
from bot.notices import LEFT, TRIED_AGAIN
from ledger.chats import SeenChat
from ledger.links import SeenLink
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from sandbox.chats import Rights
from sandbox.invites import InviteLink
from sandbox.people import Actor
from sandbox.screens import Screen
from tests.bot import killer
from tests.bot.conftest import QUICK, Club

PACE = Pace(poll=20, pauses=(0.01, 0.02, 0.04), unreachable=QUICK, conflict=QUICK)
EDIT = ("before editChatInviteLink", "after editChatInviteLink", "before commit of INSERT intent",
        "after commit of INSERT intent", "before commit of UPDATE intent", "after commit of UPDATE intent")  # fmt: skip
REPLACE = ("before exportChatInviteLink", "after exportChatInviteLink", "after commit of INSERT intent",
           "before commit of INSERT event", "after commit of INSERT event")  # fmt: skip


ROTATE = ("after commit of INSERT intent", "after createChatInviteLink", "after commit of UPDATE intent",
          "after revokeChatInviteLink")  # fmt: skip


@pytest.fixture
def clock() -> Callable[[], float]:
    """The bot runs in processes of its own, by the machine's clock."""
    return time.time


class Life:
    """Bots one after the other over one ledger; Vera owns the club and asks."""

    def __init__(self, club: Club, settings: dict[str, Any], ledger: Ledger) -> None:
        self.club, self.settings, self.ledger, self.processes = club, settings, ledger, list[Any]()

    def starts(self, *, pace: Pace = PACE, **how: Any) -> Any:
        self.processes.append(killer.start(self.settings, pace, **how))
        return self.processes[-1]

    async def dies(self) -> None:
        process = self.processes[-1]
        await asyncio.to_thread(process.join, 60)
        assert process.exitcode == -9, process.exitcode

    async def stops(self) -> None:
        self.processes[-1].kill()
        await self.dies()

    async def has_done_all(self) -> None:
        """What the bot makes of its own arrival has the same points as what it is asked later."""
        async with asyncio.timeout(60):
            async for _ in self.ledger.watch(0.02):
                if not await self.ledger.inbox.waiting():
                    return

    def says(self, who: Actor, text: str) -> None:
        world = self.club.telegram.world
        world.messages.send(world.dialog(who.person, self.club.bot), who.person, text)

    async def sees(self, who: Actor, *wanted: str) -> Screen:
        await who.waits(partial(self._shown, who, wanted), " or ".join(wanted), within=60)
        return next(one for one in reversed(who.sees(self.club.bot)) if any(words in one for words in wanted))

    def _shown(self, who: Actor, wanted: tuple[str, ...]) -> bool:
        return any(words in screen for screen in who.sees(self.club.bot) for words in wanted)

    def done(self, kind: str, link: InviteLink) -> int:
        effects = self.club.telegram.log.effects
        return sum(effect.kind == kind and effect.what.get("link") == link.link for effect in effects)


@pytest.fixture
async def life(club: Club, ledger_settings: LedgerSettings) -> AsyncIterator[Life]:
    await asyncio.to_thread(killer.warm)
    settings = ledger_settings.model_dump()
    settings["ledger_key"] = settings["ledger_key"].get_secret_value()
    settings |= {"bot_token": club.bot.token, "bot_api_url": club.telegram.bot_api.url}
    ledger = await Ledger.open(ledger_settings)
    await ledger.chats.saw(SeenChat(club.chat.id, club.chat.title, "supergroup"), trusted=True)
    await club.vera.promotes(club.bot, in_=club.chat)
    primary = club.telegram.world.invites.primary(club.chat, club.bot)
    await ledger.links.noticed(club.chat.id, SeenLink(primary.link, club.bot.id, primary=True))
    life = Life(club, settings, ledger)
    yield life
    for process in life.processes:
        process.kill()
    await ledger.close()


@pytest.mark.parametrize("point", EDIT)
async def test_a_change_is_asked_of_telegram_once(life: Life, point: str) -> None:
    vera, world = life.club.vera, life.club.telegram.world
    life.starts()
    life.says(vera, "/invite new Spring 7d")
    number = (await life.sees(vera, "‘Spring’")).text.partition("#")[2].split()[0]
    await life.has_done_all()
    await life.stops()
    [link] = [one for one in world.invites.every(life.club.chat) if one.title == "Spring"]
    end = link.expire_date
    life.starts(point=point)
    life.says(vera, f"/invite {number} +7d")
    await life.dies()
    life.starts()
    await life.sees(vera, "changed just now", "may have been changed")
    assert life.done("link.edited", link) <= 1
    assert link.expire_date in (end, end + 7 * 86_400)


@pytest.mark.parametrize("point", REPLACE)
async def test_a_primary_is_replaced_once(life: Life, tmp_path: Path, point: str) -> None:
    vera, world = life.club.vera, life.club.telegram.world
    old = world.invites.primary(life.club.chat, life.club.bot)
    life.starts()
    life.says(vera, "/invites primary")
    await life.sees(vera, "#1 primary")
    await life.has_done_all()
    await life.stops()
    life.starts(point=point)
    life.says(vera, "/invite 1 replace")
    question = await life.sees(vera, "No undo")
    world.messages.press(vera.person, question.message, str(question.button("Replace #")["callback_data"]))
    await life.dies()
    life.starts()
    await life.sees(vera, "the new one is", "may have been changed", "did not answer", "ask anew")
    assert life.done("link.revoked", old) <= 1
    every = world.invites.every(life.club.chat)
    assert sum(one.permanent and one.creator_id == life.club.bot.id for one in every) <= 2


@pytest.mark.parametrize("point", ROTATE)
async def test_a_link_gets_one_new_key_and_its_old_one_is_revoked_after_that(life: Life, point: str) -> None:
    vera, world = life.club.vera, life.club.telegram.world
    life.starts()
    life.says(vera, "/invite new Spring x9")
    number = (await life.sees(vera, "‘Spring’")).text.partition("#")[2].split()[0]
    await life.has_done_all()
    await life.stops()
    [old] = [one for one in world.invites.every(life.club.chat) if one.title == "Spring"]
    life.starts(point=point)
    life.says(vera, f"/invite {number} rotate")
    question = await life.sees(vera, "gets a new link")
    world.messages.press(vera.person, question.message, str(question.button("Rotate #")["callback_data"]))
    await life.dies()
    life.starts()
    await life.sees(vera, "has a new link now", "may have a new link", "ask anew")
    assert life.done("link.revoked", old) <= 1
    every = [one for one in world.invites.every(life.club.chat) if one.title == "Spring"]
    assert len(every) <= 2
    if life.done("link.revoked", old):
        assert len(every) == 2


async def test_what_a_bot_without_rights_leaves_behind_is_still_owed_after_a_kill(life: Life) -> None:
    vera = life.club.vera
    life.starts()
    life.says(vera, "/start")
    life.says(vera, "/invite new Spring 7d")
    await life.sees(vera, "‘Spring’")
    await life.has_done_all()
    await life.stops()
    life.starts(point="after commit of UPDATE chat")
    await vera.promotes(life.club.bot, in_=life.club.chat, rights=Rights(invite_users=False))
    await life.dies()
    life.starts()
    await life.has_done_all()
    owed = await life.ledger.dues.ready(int(time.time()) + TRIED_AGAIN)
    assert [due.what for due in owed if due.what == LEFT] == [LEFT]
    assert not [view for view in life.club.telegram.log.views if "work on" in view.text]
