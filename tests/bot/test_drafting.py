"""A link put together with buttons, and a change collected press by press: one act at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import drafts
from bot.callbacks import DraftPress
from bot.dates import Here
from bot.drafts import Draft, Field
from bot.options import Asks
from bot.wishes import EditWish, NewLink, Unclear
from ledger.links import Link
from ledger.settings import LedgerSettings
from sandbox.chats import Chat
from sandbox.invites import InviteLink
from sandbox.messages import Message
from sandbox.people import Actor
from tests.bot.conftest import Club
from tests.bot.samples import DAY, LINK, NOW
from tests.bot.turns import Turns, turns_of
from tests.conftest import Clock
from tests.letters import ANY

HERE = Here(NOW, "UTC")


class Wizard:
    """One person at his screen in one chat, turn by turn."""

    def __init__(self, turns: Turns, who: Actor, here: Chat, *, in_group: bool = False) -> None:
        self.turns, self.who, self.here, self.in_group = turns, who, here, in_group

    async def says(self, text: str) -> None:
        world = self.turns.club.telegram.world
        if self.in_group:
            world.messages.send_ephemeral(self.here, self.who.person, self.turns.club.bot, text)
        else:
            world.messages.send(self.here, self.who.person, text)
        await self.turns.all_come()

    async def presses(self, *labels: str) -> None:
        for label in labels:
            await self.turns.presses(self.who, self.shown, self.data(label))

    def data(self, label: str) -> str:
        return str(self._button(label)["callback_data"])

    def _button(self, label: str) -> Mapping[str, Any]:
        return next(b for b in self.shown.buttons if str(b["text"]).removesuffix(" ✓") == label)

    def url(self, label: str) -> str:
        return str(self._button(label)["url"])

    @property
    def labels(self) -> list[str]:
        return [str(button["text"]) for button in self.shown.buttons]

    @property
    def shown(self) -> Message:
        """The last message of the bot's that he sees here."""
        bot = self.turns.club.bot
        seen = self.who.sees(self.here if self.in_group else bot)
        return [one.message for one in seen if one.message.sender_id == bot.id][-1]

    @property
    def text(self) -> str:
        return self.shown.text


@pytest.fixture
async def turns(club: Club, ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Turns]:
    async with turns_of(club, ledger_settings, clock) as made:
        club.telegram.world.promote(club.chat, club.bot, by=club.vera.person)
        await made.serves(club.chat)
        await made.all_come()
        yield made


@pytest.fixture
async def ann(turns: Turns) -> Wizard:
    club = turns.club
    return Wizard(turns, club.ann, club.telegram.world.dialog(club.ann.person, club.bot))


def made(club: Club) -> list[InviteLink]:
    every = club.telegram.world.invites.every(club.chat)
    return [link for link in every if link.creator_id == club.bot.id and not link.permanent]


def calls(club: Club, method: str) -> int:
    return club.calls(method)


async def test_a_link_is_put_together_with_buttons_and_words_and_made_once(
    turns: Turns, ann: Wizard, clock: Clock
) -> None:
    await ann.says("/invite new")
    await ann.presses("Name…")
    assert "Spring ads" in ann.text
    await ann.says("Autumn fair")
    assert "Name: Autumn fair" in ann.text
    await ann.presses("1 week", "10 people")
    assert {"1 week ✓", "10 people ✓"} <= set(ann.labels)
    await ann.presses("Other limit…")
    await ann.says("25")
    await ann.presses("Create")
    [link] = made(turns.club)
    assert (link.title, link.usage_limit, link.expire_date) == ("Autumn fair", 25, int(clock.now) + 7 * DAY)
    assert "‘Autumn fair’" in ann.text
    assert "25 members" in ann.text


async def test_a_link_needs_no_name_and_no_choice(turns: Turns, ann: Wizard) -> None:
    await ann.says("/invites")
    await ann.presses("＋ New", "Create")
    [link] = made(turns.club)
    assert (link.title, link.usage_limit, link.expire_date, link.request_needed) == ("", 0, 0, False)


async def test_approval_and_a_limit_put_each_other_out_and_once_is_for_one(turns: Turns, ann: Wizard) -> None:
    await ann.says("/invite new")
    await ann.presses("100 people", "With approval")
    assert "No member limit" in ann.text
    await ann.presses("Once")
    assert "Approval: none" in ann.text
    await ann.presses("Create")
    [link] = made(turns.club)
    found = await turns.ledger.links.find_by_link(turns.club.chat.id, link.link)
    assert found is not None
    assert (link.usage_limit, link.request_needed, found.once) == (1, False, True)


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_second_tap_on_create_makes_nothing(turns: Turns, ann: Wizard, restarted: bool) -> None:
    await ann.says("/invite new")
    data, message = ann.data("Create"), ann.shown
    await turns.presses(ann.who, message, data)
    if restarted:
        turns.starts_anew()
    await turns.presses(ann.who, message, data)
    assert len(made(turns.club)) == 1


async def test_the_press_itself_run_again_shows_what_it_made(turns: Turns, ann: Wizard) -> None:
    await ann.says("/invite new")
    turns.club.telegram.world.messages.press(ann.who.person, ann.shown, ann.data("Create"))
    [(_, raw)] = turns.queue.waiting
    turns.queue.waiting.clear()
    for _ in range(2):
        turns.starts_anew()
        await turns.works_on(raw)
    assert len(made(turns.club)) == 1
    assert "by you, via this bot" in ann.text


async def test_a_draft_and_what_was_asked_for_outlive_a_restart(turns: Turns, ann: Wizard) -> None:
    await ann.says("/invite new")
    await ann.presses("1 day", "Name…")
    turns.starts_anew()
    await ann.says("Autumn fair")
    turns.starts_anew()
    await ann.presses("Create")
    [link] = made(turns.club)
    assert (link.title, link.expire_date - link.date) == ("Autumn fair", DAY)


async def test_words_are_no_answer_later_or_after_something_else_was_pressed(
    turns: Turns, ann: Wizard, clock: Clock
) -> None:
    await ann.says("/invite new")
    await ann.presses("Name…", "◀ Back")
    await ann.says("hello")
    assert "I answer commands" in ann.text
    await ann.says("/invite new")
    await ann.presses("Name…")
    clock.now += 901
    await ann.says("hello")
    assert "I answer commands" in ann.text


@pytest.mark.parametrize(("field", "typed"), [("Name…", "n" * 33), ("Other end…", "soon"), ("Other limit…", "0")])
async def test_a_wrong_word_is_answered_with_a_right_one_and_may_be_said_again(
    turns: Turns, ann: Wizard, field: str, typed: str
) -> None:
    await ann.says("/invite new")
    await ann.presses(field)
    await ann.says(typed)
    example = ann.text.splitlines()[-1].removeprefix("For example: ").split(" (")[0]
    await ann.says(example)
    assert "A new link" in ann.text


async def test_a_date_that_could_be_two_is_asked(turns: Turns, ann: Wizard) -> None:
    await ann.says("/invite new")
    await ann.presses("Other end…")
    await ann.says("5/6 18:00")
    await ann.presses(ann.labels[0])
    assert "18:00" in ann.text


async def test_in_a_group_all_stays_with_the_asker_and_words_are_typed_in_private(turns: Turns) -> None:
    club = turns.club
    here = Wizard(turns, club.ann, club.chat, in_group=True)
    await here.says("/invite new")
    await here.presses("1 day", "Name…")
    url = here.url("Go on in private")
    private = Wizard(turns, club.ann, club.telegram.world.dialog(club.ann.person, club.bot))
    await private.says("/start " + url.partition("?start=")[2])
    assert "in 1 d" in private.text
    await private.presses("Name…")
    await private.says("Autumn fair")
    await private.presses("Create")
    assert [link.title for link in made(club)] == ["Autumn fair"]
    others = {view.person for view in club.telegram.log.views if "new link" in view.text} - {club.ann.person.id}
    assert others <= {club.bot.id}


async def test_another_persons_draft_is_nobody_elses(turns: Turns, ann: Wizard) -> None:
    club = turns.club
    await ann.says("/invite new")
    bob = Wizard(turns, club.bob, club.telegram.world.dialog(club.bob.person, club.bot))
    await bob.says("/invites")
    await turns.presses(club.bob, bob.shown, ann.data("Create"))
    assert "too long ago" in bob.text
    assert made(club) == []


@pytest.fixture
async def link(turns: Turns, ann: Wizard) -> InviteLink:
    await ann.says("/invite new Spring ads 7d x10")
    [link] = made(turns.club)
    return link


async def test_a_change_is_collected_and_made_with_one_edit_that_undo_takes_back(
    turns: Turns, ann: Wizard, link: InviteLink
) -> None:
    was = (link.title, link.expire_date, link.usage_limit, link.request_needed)
    await ann.presses("Change", "With approval", "Never ends", "Name…")
    await ann.says("Autumn")
    assert calls(turns.club, "editChatInviteLink") == 0
    await ann.presses("Save")
    assert (link.title, link.expire_date, link.usage_limit, link.request_needed) == ("Autumn", 0, 0, True)
    assert calls(turns.club, "editChatInviteLink") == 1
    await ann.presses("Undo")
    assert (link.title, link.expire_date, link.usage_limit, link.request_needed) == was


async def test_what_was_not_touched_stays_and_nothing_is_saved_that_was_not_chosen(
    turns: Turns, ann: Wizard, link: InviteLink
) -> None:
    end = link.expire_date
    await ann.presses("Change")
    assert "Save" not in ann.labels
    await ann.presses("100 people", "Save")
    assert (link.title, link.expire_date, link.usage_limit) == ("Spring ads", end, 100)


async def test_a_limit_reached_already_is_asked_about_and_the_rest_is_kept(
    turns: Turns, ann: Wizard, link: InviteLink
) -> None:
    world = turns.club.telegram.world
    for guest in ("Ida", "Jon"):
        world.invites.use(world.add_person(guest), link.hash)
    await turns.all_come()
    await ann.presses("Change", "Never ends", "1 person")
    assert ann.labels[:2] == ["3 = 1 more", "1 in all"]
    await ann.presses("3 = 1 more", "Save")
    assert (link.usage_limit, link.expire_date) == (3, 0)


async def test_who_may_not_change_a_link_gets_no_draft_of_it(turns: Turns, ann: Wizard, link: InviteLink) -> None:
    club = turns.club
    await ann.presses("Change", "100 people")
    club.telegram.world.promote(club.chat, club.ann.person, by=club.vera.person)
    bob = Wizard(turns, club.bob, club.telegram.world.dialog(club.bob.person, club.bot))
    await bob.says("/invite 2 edit")
    assert "Save" not in bob.labels
    row = await turns.ledger.links.search_id(club.chat.id, club.bob.person.id, drafts.written(Draft(2, limit=5)))
    press = DraftPress.unpack(ann.data("Save")).model_copy(update={"row": row})
    await turns.presses(club.bob, bob.shown, press.pack())
    assert link.usage_limit == 10


TEXT = st.none() | st.text(ANY, max_size=32)
NUMBER = st.none() | st.integers(1, 10**9)
YES = st.none() | st.booleans()


@given(
    st.builds(Draft, st.just(12), st.just(7), TEXT, NUMBER, NUMBER, limit=NUMBER, approval=YES, forever=st.booleans())
)
def test_a_draft_is_read_back_as_it_was_written(draft: Draft) -> None:
    assert drafts.read(drafts.written(draft)) == draft
    assert drafts.read("/invite 12 x50") is None


CHOICES = st.lists(st.sampled_from([
    lambda d, link: drafts.limited(d, 10, link), lambda d, link: drafts.limited(d, 0, link),
    lambda d, link: drafts.limited(d, 1, link, once=True), lambda d, link: drafts.approving(d, link, on=True),
    lambda d, link: drafts.approving(d, link, on=False),
]))  # fmt: skip
LINKS = st.sampled_from([None, LINK, replace(LINK, limit=0, approval=True), replace(LINK, limit=1, once=True)])


@given(CHOICES, LINKS)
def test_no_choice_leaves_a_limit_beside_approval(choices: list[Any], link: Link | None) -> None:
    draft = Draft(12 if link else 0)
    for choose in choices:
        draft = choose(draft, link)
    assert not (drafts.limit_of(draft, link) and drafts.approval_of(draft, link))
    wish = drafts.wish_of(draft)
    assert isinstance(wish, EditWish if link else NewLink)
    assert not (wish.once and wish.limit != 1)


@pytest.mark.parametrize(
    ("field", "text", "meant"),
    [
        (Field.NAME, " Spring   ads ", {"name": "Spring ads"}),
        (Field.END, "7d", {"lasts": 7 * DAY}),
        (Field.END, "Never", {"forever": True}),
        (Field.END, "until 2030-01-01 10:00", {"until": 1_893_492_000}),
        (Field.END, "2030-01-01 10:00", {"until": 1_893_492_000}),
        (Field.LIMIT, "25", {"limit": 25, "once": False}),
        (Field.LIMIT, "x25", {"limit": 25, "once": False}),
        (Field.LIMIT, "none", {"limit": 0, "once": False}),
        (Field.LIMIT, "Once", {"limit": 1, "once": True}),
    ],
)
def test_words_for_a_field_are_read_as_in_a_line(field: Field, text: str, meant: dict[str, Any]) -> None:
    assert drafts.typed(Draft(), field, text, None, HERE) == replace(Draft(), **meant)


@given(st.sampled_from(Field), st.text(ANY, max_size=40))
def test_any_words_are_an_answer_or_a_mistake_with_an_example(field: Field, text: str) -> None:
    example, meanings = "", [""]
    try:
        drafts.typed(Draft(), field, text, None, HERE)
    except Unclear as wrong:
        example = wrong.example or "none"
    except Asks as several:
        meanings = list(drafts.meanings(several.question))
    assert not example.startswith((" ", "/"))
    assert all(drafts.typed(Draft(), field, one, None, HERE) for one in meanings if one)
