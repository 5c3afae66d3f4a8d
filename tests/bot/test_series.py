"""Many links alike: asked about, made one by one, and handed over as a file in private."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import pytest

from bot.files import table
from bot.handlers.series import made as make_one
from ledger.settings import LedgerSettings
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from tests.bot.conftest import Club, RunningBot
from tests.bot.test_drafting import Wizard
from tests.bot.turns import Turns, turns_of
from tests.conftest import Clock

DAY = 86_400


@pytest.fixture
async def turns(club: Club, ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Turns]:
    async with turns_of(club, ledger_settings, clock) as made_:
        club.telegram.world.promote(club.chat, club.bot, by=club.vera.person)
        await made_.serves(club.chat)
        await made_.all_come()
        yield made_


@pytest.fixture
async def ann(turns: Turns) -> Wizard:
    club = turns.club
    return Wizard(turns, club.ann, club.telegram.world.dialog(club.ann.person, club.bot))


def made(club: Club) -> list[InviteLink]:
    every = club.telegram.world.invites.every(club.chat)
    return [link for link in every if link.creator_id == club.bot.id and not link.permanent]


def file_of(wizard: Wizard) -> list[list[str]]:
    media = wizard.shown.media
    assert media is not None
    return list(csv.reader(io.StringIO(media.content.decode("utf-8-sig"))))


async def test_many_are_asked_about_and_made_with_the_same_terms(turns: Turns, ann: Wizard, clock: Clock) -> None:
    await ann.says("/invite new Flyer 1..12 x1 7d")
    assert "Make 12 links?" in ann.text
    assert made(turns.club) == []
    await ann.presses("Make 12")
    links = made(turns.club)
    assert sorted(link.title for link in links) == sorted(f"Flyer {n}" for n in range(1, 13))
    assert {(link.usage_limit, link.expire_date) for link in links} == {(1, int(clock.now) + 7 * DAY)}
    assert "12 of 12 links made." in ann.text


async def test_the_file_holds_each_link_and_each_is_a_reveal(turns: Turns, ann: Wizard) -> None:
    await ann.says("/invite new Flyer 1..3 once")
    await ann.presses("Make 3", "The file with 3 links")
    head, *rows = file_of(ann)
    assert head == ["number", "name", "link"]
    assert {(name, link) for _, name, link in rows} == {(link.title, link.link) for link in made(turns.club)}
    reveals = await turns.ledger.links.reveals(turns.club.chat.id)
    assert [(one.person_id, one.how) for one in reveals] == [(ann.who.person.id, "file")] * 3


async def test_a_second_yes_makes_nothing_and_another_person_begins_nothing(turns: Turns, ann: Wizard) -> None:
    club = turns.club
    await ann.says("/invite new Flyer 1..3")
    yes, message = ann.data("Make 3"), ann.shown
    bob = Wizard(turns, club.bob, club.telegram.world.dialog(club.bob.person, club.bot))
    await bob.says("/invites")
    await turns.presses(club.bob, bob.shown, yes)
    assert made(club) == []
    for _ in range(2):
        await turns.presses(club.ann, message, yes)
    assert len(made(club)) == 3


async def test_in_a_group_the_file_is_a_way_into_private(turns: Turns) -> None:
    club = turns.club
    here = Wizard(turns, club.ann, club.chat, in_group=True)
    await here.says("/invite new Flyer 1..2")
    await here.presses("Make 2")
    private = Wizard(turns, club.ann, club.telegram.world.dialog(club.ann.person, club.bot))
    await private.says("/start " + here.url("The file, in private").partition("?start=")[2])
    await private.presses("The file with 2 links")
    assert len(file_of(private)) == 3


def test_no_cell_is_a_formula_to_a_spreadsheet() -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=b", 'a"b', "Осень"]
    [row] = csv.reader(io.StringIO(table([cells]).decode("utf-8-sig"), newline=""))
    assert row == [*(f"'{cell}" for cell in cells[:6]), *cells[6:]]


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.DROP_BEFORE])
async def test_a_lost_answer_is_called_unknown_and_not_asked_again(club: Club, bot: RunningBot, kind: Kind) -> None:
    club.telegram.faults.plan(Fault(kind, "createChatInviteLink", skip=1))
    await club.ann.sends("/invite new Flyer 1..4", to=club.bot)
    await club.ann.presses("Make 4", on=await club.ann.reads(in_=club.bot))
    ended = await club.ann.reads(in_=club.bot, until="3 of 4 links made.", within=60)
    assert "1 unknown" in ended
    assert len({link.title for link in made(club)}) == len(made(club))
    assert club.calls("createChatInviteLink") == 4


async def test_it_goes_on_after_a_flood_wait_and_makes_each_once(club: Club, bot: RunningBot) -> None:
    club.telegram.faults.plan(Fault(Kind.FLOOD, "createChatInviteLink", value=1, skip=1))
    await club.ann.sends("/invite new Flyer 1..4", to=club.bot)
    await club.ann.presses("Make 4", on=await club.ann.reads(in_=club.bot))
    await club.ann.reads(in_=club.bot, until="4 of 4 links made.", within=60)
    assert sorted(link.title for link in made(club)) == [f"Flyer {n}" for n in range(1, 5)]


async def test_a_restart_in_the_middle_makes_no_link_twice(turns: Turns, ann: Wizard) -> None:
    await ann.says("/invite new Flyer 1..4")
    [draft] = [b for b in [await turns.ledger.batches.get(1)] if b is not None]
    await turns.ledger.batches.begin(draft.id, place=None)
    item = await turns.ledger.batches.take(draft.id)  # taken, its link made, and then the end
    batch = await turns.ledger.batches.get(draft.id)
    assert item is not None
    assert batch is not None
    await make_one(item, batch, turns.desk)
    turns.starts_anew()
    turns.desk.batch_news.set()
    await turns.all_come()
    assert sorted(link.title for link in made(turns.club)) == [f"Flyer {n}" for n in range(1, 5)]
