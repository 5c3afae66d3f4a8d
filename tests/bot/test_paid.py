"""Paid links: of channels alone, with a name and a price; later only the name changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ledger.settings import LedgerSettings
from sandbox.chats import Chat
from sandbox.chats import Kind as ChatKind
from sandbox.invites import InviteLink
from tests.bot.conftest import Club
from tests.bot.test_drafting import Wizard
from tests.bot.turns import Turns, turns_of
from tests.conftest import Clock


@pytest.fixture
async def turns(club: Club, ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Turns]:
    async with turns_of(club, ledger_settings, clock) as made:
        yield made


@pytest.fixture
async def news(turns: Turns) -> Chat:
    world, club = turns.club.telegram.world, turns.club
    channel = world.add_chat("Chess news", club.ann.person, kind=ChatKind.CHANNEL)
    for chat, owner in ((channel, club.ann.person), (club.chat, club.vera.person)):
        world.promote(chat, club.bot, by=owner)
        await turns.serves(chat)
    await turns.all_come()
    return channel


@pytest.fixture
async def ann(turns: Turns, news: Chat) -> Wizard:
    club = turns.club
    wizard = Wizard(turns, club.ann, club.telegram.world.dialog(club.ann.person, club.bot))
    await turns.desk.access.choose(club.ann.person.id, news.id)
    return wizard


def paid(turns: Turns, chat: Chat) -> InviteLink:
    every = turns.club.telegram.world.invites.every(chat)
    return next(link for link in every if link.creator_id == turns.club.bot.id and not link.permanent)


async def test_a_paid_link_costs_its_stars_for_thirty_days(turns: Turns, ann: Wizard, news: Chat) -> None:
    await ann.says("/invite new Course paid 100")
    assert "100 Stars for 30 days" in ann.text
    link = paid(turns, news)
    found = await turns.ledger.links.find_by_link(news.id, link.link)
    assert found is not None
    assert (found.price, link.title) == (100, "Course")
    await ann.says("/invites paid")
    assert "Course" in ann.text


async def test_only_its_name_changes(turns: Turns, ann: Wizard, news: Chat) -> None:
    await ann.says("/invite new Course paid 100")
    link = paid(turns, news)
    number = (await turns.ledger.links.export(news.id, every=True))[-1].number
    await ann.says(f"/invite {number} x10")
    assert "only the name" in ann.text
    await ann.says(ann.text.splitlines()[-1].removeprefix("For example: "))
    assert (link.title, turns.club.calls("editChatSubscriptionInviteLink")) == ("New name", 1)
    await ann.presses("Change", "Name…")
    await ann.says("Winter course")
    await ann.presses("Save")
    assert link.title == "Winter course"


@pytest.mark.parametrize(("presses", "typed", "price"), [(["500 Stars"], "", 500), (["Other price…"], "150", 150)])
async def test_the_wizard_makes_one_in_a_channel(
    turns: Turns, ann: Wizard, news: Chat, presses: list[str], typed: str, price: int
) -> None:
    await ann.says("/invite new")
    await ann.presses("1 week", "10 people", *presses)
    if typed:
        await ann.says(typed)
    assert f"Price: {price} Stars for 30 days" in ann.text
    assert not [label for label in ann.labels if "week" in label or "people" in label or "approval" in label]
    await ann.presses("Free")
    assert "Limit: 10 members" in ann.text
    await ann.presses(*presses)
    if typed:
        await ann.says(f"paid {typed} stars")
    await ann.presses("Create")
    assert f"{price} Stars for 30 days" in ann.text
    link = paid(turns, news)
    assert (link.price, link.period, link.usage_limit) == (price, 2_592_000, 0)  # 30 days, in seconds


async def test_a_price_that_telegram_does_not_take_is_asked_for_again(turns: Turns, ann: Wizard, news: Chat) -> None:
    await ann.says("/invite new")
    await ann.presses("Other price…")
    for said in ("10001", "gold", "x10"):
        await ann.says(said)
        assert "a price is 1 to 10,000 Stars" in ann.text
    await ann.says("free")
    assert "Price" not in ann.text


async def test_the_wizard_of_a_group_offers_no_price(turns: Turns, ann: Wizard) -> None:
    await turns.desk.access.choose(turns.club.ann.person.id, turns.club.chat.id)
    await ann.says("/invite new")
    assert not [label for label in ann.labels if "Stars" in label or "rice" in label]


async def test_a_group_has_none(turns: Turns, ann: Wizard) -> None:
    await turns.desk.access.choose(turns.club.ann.person.id, turns.club.chat.id)
    await ann.says("/invite new Course paid 100")
    assert "Only channels" in ann.text
    assert turns.club.calls("createChatSubscriptionInviteLink") == 0
