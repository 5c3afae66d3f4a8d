"""The list as a table, for who asked for it, and the plain one where a server knows none."""

from __future__ import annotations

from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot
from tests.bot.swept import sweep
from tests.conftest import Clock


async def pressed(club: Club, who: Actor, *labels: str) -> Screen:
    for label in labels:
        await who.presses(label, in_=club.bot)
        screen = await who.reads(in_=club.bot)
    return screen


async def test_a_page_turns_into_a_table_and_back(club: Club, bot: RunningBot) -> None:
    for n in range(12):
        link = await club.bob.makes_link(club.chat, f"Poster {n:02}")
    await sweep(club, bot)
    await club.vera.sends("/invites poster", to=club.bot)
    first = await club.vera.reads(in_=club.bot)
    table = await pressed(club, club.vera, "Filter", "Table")
    assert table.message is first.message
    assert table.message.rich
    rows = [line.split(" | ") for line in table.text.splitlines() if line.startswith("#")]
    assert rows[0] == ["#", "Name", "By", "Joined", "Places", "Ends", "Link"]
    assert len(rows) == 11
    assert all(row[2] == "Bob" and row[6].startswith("t.me/+") and "…" in row[6] for row in rows[1:])
    assert link.hash not in table
    second = await pressed(club, club.vera, "▶")
    assert second.message.rich
    plain = await pressed(club, club.vera, "Plain")
    assert not plain.message.rich
    assert "2/2" in plain.labels
    assert "Poster" in plain


async def test_in_the_group_the_table_is_its_askers_alone(club: Club, bot: RunningBot) -> None:
    await club.ann.asks("/invites", in_=club.chat, bot=club.bot)
    await club.ann.reads(in_=club.chat, until=lambda screen: "Filter" in screen.labels)
    for label in ("Filter", "Table"):
        await club.ann.presses(label, in_=club.chat)
        screen = await club.ann.reads(in_=club.chat)
    assert screen.ephemeral
    assert "Name | By" in screen
    assert club.max.sees(club.chat) == []


async def test_a_server_without_tables_is_told_of_and_asked_again_after_a_day(
    club: Club, bot: RunningBot, clock: Clock
) -> None:
    await club.ann.sends("/invites", to=club.bot)
    await club.ann.reads(in_=club.bot)
    club.telegram.bot_api.ephemeral = "old"
    for _ in range(2):
        plain = await pressed(club, club.ann, "Filter", "Table")
        assert "knows no tables" in plain
        assert "joined" in plain
    club.telegram.bot_api.ephemeral = "new"
    assert "knows no tables" in await pressed(club, club.ann, "Filter", "Table")
    clock.now += 86_401
    assert "Name | By" in await pressed(club, club.ann, "Filter", "Table")
