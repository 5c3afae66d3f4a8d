"""`/invite 12 …`: one line changes what was said, keeps the rest, and goes back again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from bot.handlers.changing import Terms, edit, meant
from bot.wishes import CardWish, EditWish, Unclear
from ledger.chats import Grant
from ledger.links import Link
from sandbox.chats import Rights
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot
from tests.bot.desks import asked_privately, desk_beside
from tests.bot.samples import DAY, LINK, NOW
from tests.bot.swept import number_of, sweep
from tests.conftest import Clock


async def made(club: Club, options: str = "7d x10", *, by: Actor | None = None) -> InviteLink:
    """A link this bot made for Ann."""
    await (by or club.ann).sends(f"/invite new Spring ads {options}", to=club.bot)
    await (by or club.ann).reads(in_=club.bot, until="Spring ads")
    return next(link for link in club.telegram.world.invites.every(club.chat) if link.title == "Spring ads")


async def says(club: Club, who: Actor, text: str) -> Screen:
    await who.sends(text, to=club.bot)
    return await who.reads(in_=club.bot)


def edits(club: Club) -> int:
    return sum(1 for effect in club.telegram.log.effects if effect.kind == "link.edited")


@pytest.mark.parametrize(
    ("typed", "changed"),
    [
        ("14d", {"expire_date": 14 * DAY}),
        ("+7d", {"expire_date": 14 * DAY}),
        ("forever", {"expire_date": 0}),
        ("x50", {"usage_limit": 50}),
        ("no limit", {"usage_limit": 0}),
        ("ask on no limit", {"request_needed": True, "usage_limit": 0}),
        ('"Autumn ads"', {"title": "Autumn ads"}),
        ("„Осенняя реклама“ x20 forever", {"title": "Осенняя реклама", "usage_limit": 20, "expire_date": 0}),
    ],
)
async def test_one_line_changes_what_it_names_and_nothing_else(
    club: Club, bot: RunningBot, clock: Clock, typed: str, changed: dict[str, Any]
) -> None:
    link = await made(club)
    number = await number_of(club, bot, link)
    before = {"title": "Spring ads", "usage_limit": 10, "request_needed": False, "expire_date": 7 * DAY}
    wanted: dict[str, Any] = before | changed
    wanted["expire_date"] += int(clock.now) if wanted["expire_date"] else 0
    echo = await says(club, club.ann, f"/invite {number} {typed}")
    assert {name: getattr(link, name) for name in wanted} == wanted
    assert f"#{number} ‘{wanted['title']}’" in echo
    known = await bot.ledger.links.find(club.chat.id, number)
    assert known is not None
    assert (known.title, known.limit, known.expires or 0, known.approval) == (
        link.title, link.usage_limit, link.expire_date, link.request_needed
    )  # fmt: skip
    assert await bot.ledger.intents.open(club.chat.id) == []


async def test_the_echo_says_all_that_the_link_is_now(club: Club, bot: RunningBot) -> None:
    number = await number_of(club, bot, await made(club, "7d"))
    lines = (await says(club, club.ann, f"/invite {number} 14d x50")).text.splitlines()
    assert lines[1:3] == [f"#{number} ‘Spring ads’", "changed just now"]
    assert lines[3].startswith("14 d (until ")
    assert lines[4] == "50 members · no approval"


async def test_undo_brings_back_what_it_was(club: Club, bot: RunningBot) -> None:
    link = await made(club, "7d x10")
    was = (link.title, link.expire_date, link.usage_limit, link.request_needed)
    echo = await says(club, club.ann, f'/invite {await number_of(club, bot, link)} "Autumn" forever ask on no limit')
    assert (link.title, link.expire_date, link.usage_limit, link.request_needed) == ("Autumn", 0, 0, True)
    await club.ann.presses("Undo", on=echo)
    assert "10 members" in await club.ann.reads(in_=club.bot)
    assert (link.title, link.expire_date, link.usage_limit, link.request_needed) == was


async def test_undo_of_what_was_changed_again_since_undoes_nothing(club: Club, bot: RunningBot) -> None:
    link = await made(club)
    number = await number_of(club, bot, link)
    first = await says(club, club.ann, f"/invite {number} x50")
    await says(club, club.ann, f"/invite {number} x60")
    await club.ann.presses("Undo", on=first)
    assert "changed again since" in await club.ann.reads(in_=club.bot)
    assert link.usage_limit == 60


async def test_an_undo_run_again_does_not_deny_what_it_did(club: Club, bot: RunningBot) -> None:
    link = await made(club)
    echo = await says(club, club.ann, f"/invite {await number_of(club, bot, link)} x50")
    data = str(echo.button("Undo")["callback_data"])
    await club.ann.sends_press(echo.message, data)
    await club.ann.reads(in_=club.bot)
    await club.ann.sends_press(echo.message, data)
    assert "That is how" in await club.ann.reads(in_=club.bot)
    assert (link.usage_limit, edits(club)) == (10, 2)


async def test_a_limit_reached_already_is_asked_about(club: Club, bot: RunningBot, clock: Clock) -> None:
    link = await made(club, "x10")
    number = await number_of(club, bot, link)
    for guest in ("Ida", "Jon", "Kai"):
        await club.telegram.person(club.telegram.world.add_person(guest)).joins(link)

    async def counted() -> bool:
        found = await bot.ledger.links.find(club.chat.id, number)
        return found is not None and found.joined == 3

    await bot.until(counted)
    for label, limit in (("5 = 2 more", 5), ("2 in all", 2)):
        question = await says(club, club.ann, f"/invite {number} x2")
        assert (link.usage_limit, question.labels[:2]) != (limit, [])
        await club.ann.presses(label, on=question)
        await club.ann.reads(in_=club.bot, until="changed just now")
        assert link.usage_limit == limit


@pytest.mark.parametrize("typed", ["ask on", "x20"])
async def test_a_limit_and_approval_exclude_each_other_and_the_example_works(
    club: Club, bot: RunningBot, typed: str
) -> None:
    number = await number_of(club, bot, await made(club, "x10" if typed == "ask on" else "ask"))
    refused = await says(club, club.ann, f"/invite {number} {typed}")
    assert "does not go with that" in refused
    example = refused.text.splitlines()[-1].removeprefix("For example: ")
    assert "changed just now" in await says(club, club.ann, example)


async def test_a_span_is_added_to_the_old_end_but_not_to_none(club: Club, bot: RunningBot) -> None:
    link = await made(club, "x10")
    refused = await says(club, club.ann, f"/invite {await number_of(club, bot, link)} +7d")
    assert "never ends" in refused
    assert edits(club) == 0


async def test_what_is_so_already_is_not_asked_of_telegram(club: Club, bot: RunningBot) -> None:
    number = await number_of(club, bot, await made(club, "x10"))
    assert "already" in await says(club, club.ann, f"/invite {number} x10")
    assert club.calls("editChatInviteLink") == 0


async def test_anothers_link_is_answered_with_who_can_change_it(club: Club, bot: RunningBot) -> None:
    bobs = await club.bob.makes_link(club.chat, "Posters")
    keepers = club.telegram.world.invites.export(club.chat, club.other_bot, title="Doors")
    own = club.telegram.world.invites.primary(club.chat, club.bot)
    await sweep(club, bot)
    for link, said in (
        (bobs, "can be changed by: Bob, in the app"),
        (keepers, "only the bot Door Keeper"),
        (own, "A primary link has no name"),
    ):
        answer = await says(club, club.ann, f"/invite {await number_of(club, bot, link)} 7d")
        assert said in answer
    assert edits(club) == 0


async def test_who_may_change_a_link_of_this_bots(club: Club, bot: RunningBot) -> None:
    link = await made(club)
    number = await number_of(club, bot, link)
    assert "maker and the owner" in await says(club, club.bob, f"/invite {number} x20")
    await bot.ledger.chats.grant(club.chat.id, club.bob.person.id, Grant.SEE, on=True, by=club.vera.person.id)
    assert "maker and the owner" in await says(club, club.bob, f"/invite {number} x20")
    assert edits(club) == 0
    await bot.ledger.chats.grant(club.chat.id, club.bob.person.id, Grant.ACT, on=True, by=club.vera.person.id)
    assert "20 members" in await says(club, club.bob, f"/invite {number} x20")
    assert "30 members" in await says(club, club.vera, f"/invite {number} x30")


async def test_a_link_revoked_meanwhile_is_noted_and_said(club: Club, bot: RunningBot) -> None:
    link = await made(club)
    number = await number_of(club, bot, link)
    club.telegram.world.invites.edit(club.chat, club.bot, link.link, revoked=True)
    assert "was revoked meanwhile" in await says(club, club.ann, f"/invite {number} x20")
    assert "revoked already" in await says(club, club.ann, f"/invite {number} x20")


async def test_a_bot_without_the_right_says_how_to_mend_it(club: Club, bot: RunningBot) -> None:
    number = await number_of(club, bot, await made(club))
    await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(invite_users=False))
    assert "Invite Users via Link" in await says(club, club.ann, f"/invite {number} x20")
    assert await bot.ledger.intents.open(club.chat.id) == []


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.DROP_BEFORE])
async def test_after_a_lost_answer_the_line_sent_anew_means_the_same(club: Club, bot: RunningBot, kind: Kind) -> None:
    link = await made(club, "7d x10")
    number, end = await number_of(club, bot, link), link.expire_date
    club.telegram.faults.plan(Fault(kind, "editChatInviteLink"))
    assert "may have been changed" in await says(club, club.ann, f"/invite {number} +7d x50")
    assert club.calls("editChatInviteLink") == 1
    await says(club, club.ann, f"/invite {number} +7d")
    assert (link.expire_date, link.usage_limit) == (end + 7 * DAY, 50)
    await says(club, club.ann, f"/invite {number} x60")
    await says(club, club.ann, f'/invite {number} "Autumn"')
    assert (link.title, link.usage_limit) == ("Autumn", 60)
    assert await bot.ledger.intents.open(club.chat.id) == []


async def test_an_update_run_again_changes_nothing_twice(club: Club, bot: RunningBot) -> None:
    link = await made(club, "7d")
    number, end = await number_of(club, bot, link), link.expire_date
    wish = EditWish(CardWish(number), lasts=7 * DAY, extend=True)
    async with desk_beside(club, bot) as desk:
        asked = asked_privately(club.ann, f"/invite {number} +7d")
        chat = await desk.access.served_chat(club.chat.id)
        asker = await desk.access.admit(club.chat.id, club.ann.person.id)
        for _ in range(2):
            await edit(wish, chat, asker, asked, desk)
            assert "changed just now" in await club.ann.reads(in_=club.bot)
    assert link.expire_date == end + 7 * DAY
    assert edits(club) == 1


def wish(**said: Any) -> EditWish:
    return EditWish(CardWish(12), **said)


def test_what_is_not_named_stays_as_the_lost_edit_meant_it() -> None:
    unsure = Terms("Autumn", NOW + 9 * DAY, 0, approval=True)
    assert meant(wish(name="Winter"), LINK, unsure, now=NOW) == Terms("Winter", NOW + 9 * DAY, 0, approval=True)
    assert LINK.expires is not None
    added = meant(wish(lasts=DAY, extend=True), LINK, unsure, now=NOW)
    assert added.expires == LINK.expires + DAY


ENDS: list[dict[str, Any]] = [
    {}, {"lasts": DAY}, {"lasts": DAY, "extend": True}, {"until": NOW + 5 * DAY}, {"forever": True},
]  # fmt: skip
LIMITS: list[dict[str, Any]] = [{}, {"limit": 0}, {"limit": 200}, {"limit": 1, "once": True}]
LINKS = [
    replace(LINK, by_this_bot=True, joined=0), replace(LINK, limit=0, approval=True),
    replace(LINK, expires=None, limit=0, joined=0),
    replace(LINK, by_this_bot=True, title="", limit=1, joined=0, once=True),
]  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("name", [None, "Autumn"])
@pytest.mark.parametrize("approval", [None, True, False])
def test_each_field_becomes_what_was_said_or_stays_as_it_was(
    link: Link, name: str | None, approval: bool | None
) -> None:
    for end, places in itertools.product(ENDS, LIMITS):
        said = EditWish(CardWish(12), **end, **places, approval=approval, name=name)
        limit = places.get("limit", link.limit)
        asks = link.approval if approval is None else approval
        refused = (limit and asks) or (end.get("extend") and not link.expires)
        refused = refused or (said.once and (link.joined or not link.by_this_bot))
        if refused:
            with pytest.raises(Unclear):
                meant(said, link, None, now=NOW)
            continue
        ends = {"lasts": NOW + DAY, "until": NOW + 5 * DAY, "forever": None}
        expires = next((ends[one] for one in ends if one in end), link.expires)
        if end.get("extend"):
            expires = (link.expires or 0) + DAY
        once = bool(said.once) if places else link.once
        wanted = Terms(link.title if name is None else name, expires, limit, approval=asks, once=once)
        assert meant(said, link, None, now=NOW) == wanted


def test_of_a_paid_link_only_the_name_changes() -> None:
    paid = replace(LINK, price=100, limit=0)
    assert meant(wish(name="Autumn"), paid, None, now=NOW).title == "Autumn"
    for said in ({"limit": 5}, {"lasts": DAY}, {"approval": True}, {"limit": 5, "name": "Autumn"}):
        with pytest.raises(Unclear):
            meant(wish(**said), paid, None, now=NOW)


def ended(link: Link) -> EditWish:
    return wish(lasts=60, extend=True) if link.expires else wish(name="x")


def test_no_change_ends_a_link_in_the_past() -> None:
    with pytest.raises(Unclear) as refused:
        meant(ended(LINK), LINK, None, now=NOW + 30 * DAY)
    assert refused.value.example == "/invite 12 7d"
