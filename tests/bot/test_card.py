"""A link's card, who may see its key, and its revoke."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.callbacks import CardAct, CardPress
from sandbox.chats import Rights
from sandbox.faults import Fault, Kind
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot, Start
from tests.bot.swept import number_of, sweep
from tests.conftest import Clock

NUMBER = re.compile(r"#(\d+)")


async def made_by_bot(club: Club, who: Actor) -> Screen:
    await who.sends("/invite new Spring ads", to=club.bot)
    return await who.reads(in_=club.bot, until="Spring ads")


async def pressed(club: Club, who: Actor, label: str) -> Screen:
    await who.presses(label, in_=club.bot)
    return await who.reads(in_=club.bot)


async def forged(club: Club, who: Actor, act: CardAct, number: int) -> Screen:
    """A press no button offered, on the newest answer."""
    data = CardPress(act=act, chat=club.chat.id, number=number).pack()
    await who.sends_press(who.sees(club.bot)[-1].message, data)
    return await who.reads(in_=club.bot)


def revokes(club: Club) -> int:
    return sum(1 for effect in club.telegram.log.effects if effect.kind == "link.revoked")


async def test_an_admin_is_refused_anothers_key_and_the_owner_reveals_it(club: Club, bot: RunningBot) -> None:
    link = await club.bob.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    number = await number_of(club, bot, link)
    await club.ann.sends(f"/invite {number}", to=club.bot)
    card = await club.ann.reads(in_=club.bot)
    assert "only for Bob and the owner" in card
    assert "as of just now" in card
    assert "Show" not in card.labels
    assert link.hash not in await forged(club, club.ann, CardAct.SHOW, number)
    await club.vera.sends(f"/invite {number}", to=club.bot)
    await club.vera.reads(in_=club.bot)
    assert link.link in await pressed(club, club.vera, "Show")
    revealed = await bot.ledger.links.reveals(club.chat.id)
    assert [(r.number, r.person_id, r.how) for r in revealed] == [(number, club.vera.person.id, "show")]
    await bot.ledger.sweeps.unreadable(club.chat.id, club.bob.person.id, "session-lost")
    await club.ann.sends(f"/invite {number}", to=club.bot)
    assert "not readable since" in await club.ann.reads(in_=club.bot)


async def test_copy_puts_the_key_on_the_button_alone(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    screen = await pressed(club, club.ann, "Copy")
    copied = await club.ann.presses("Copy the link", on=screen)
    assert copied.copied.startswith("https://t.me/+")
    assert copied.copied not in screen


async def test_a_private_reveal_is_hidden_after_ten_minutes(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made_by_bot(club, club.ann)
    shown = await pressed(club, club.ann, "Show")
    assert "https://t.me/+" in shown
    clock.now += 599
    assert "https://t.me/+" in club.ann.sees(club.bot)[-1]
    clock.now += 2
    hidden = await club.ann.reads(in_=club.bot)
    assert "https://t.me/+" not in hidden
    assert hidden.message is shown.message
    assert "joined" in await pressed(club, club.ann, "Card")


async def test_a_reveal_is_hidden_late_where_telegram_could_not_be_reached(
    club: Club, bot: RunningBot, clock: Clock
) -> None:
    await made_by_bot(club, club.ann)
    shown = await pressed(club, club.ann, "Show")
    club.telegram.faults.plan(Fault(Kind.ERROR, "editMessageText", 502, "Bad Gateway", times=4))
    clock.now += 601
    hidden = await club.ann.reads(in_=club.bot)
    assert "https://t.me/+" not in hidden
    assert hidden.message is shown.message


async def test_a_reveal_that_was_left_is_not_hidden_over_the_next_screen(
    club: Club, bot: RunningBot, clock: Clock
) -> None:
    await made_by_bot(club, club.ann)
    await pressed(club, club.ann, "Show")
    card = await pressed(club, club.ann, "Hide")
    clock.now += 601
    assert await bot.ledger.dues.next_at() is None
    assert club.ann.sees(club.bot)[-1].text == card.text


async def test_a_reveal_left_after_a_restart_is_not_hidden_over_the_next_screen(
    club: Club, bot: RunningBot, start_bot: Start
) -> None:
    await made_by_bot(club, club.ann)
    await pressed(club, club.ann, "Show")
    await bot.ends()
    again = await start_bot()
    assert await again.ledger.dues.next_at() is not None
    await pressed(club, club.ann, "Hide")
    assert await again.ledger.dues.next_at() is None


async def test_a_reveal_in_the_group_is_an_edit_of_the_ephemeral_message(club: Club, bot: RunningBot) -> None:
    await club.ann.asks("/invite new Spring ads", in_=club.chat, bot=club.bot)
    echo = await club.ann.reads(in_=club.chat, until="Spring ads")
    await club.ann.presses("Show", on=echo)
    shown = await club.ann.reads(in_=club.chat)
    assert shown.message is echo.message
    assert shown.ephemeral
    assert "https://t.me/+" in shown
    assert not [v for v in club.telegram.log.views if "https://t.me/+" in v.text and v.person != club.ann.person.id]


async def test_a_link_is_revoked_after_one_question(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    question = await pressed(club, club.ann, "Undo")
    assert "cannot be undone" in question
    assert revokes(club) == 0
    before = len([c for c in club.telegram.log.calls if c.method != "getUpdates"])
    assert "revoked" in await pressed(club, club.ann, "Revoke #")
    calls = [c.method for c in club.telegram.log.calls if c.method != "getUpdates"][before:]
    assert calls == ["answerCallbackQuery", "getChatMember", "revokeChatInviteLink", "editMessageText"]
    assert revokes(club) == 1


@pytest.mark.parametrize(
    ("typed", "button", "between"),
    [
        ("/invite new Promo 3m", "3 minutes", ["createChatInviteLink"]),
        ("/invite {made} x20", "Undo", ["editChatInviteLink"]),
        ("/invite {primary} replace", "Replace #", ["exportChatInviteLink"]),
    ],
)
async def test_an_acting_press_asks_telegram_no_more_than_it_must(
    club: Club, bot: RunningBot, typed: str, button: str, between: list[str]
) -> None:
    made = NUMBER.findall((await made_by_bot(club, club.vera)).text)[0]
    primary = await number_of(club, bot, club.telegram.world.invites.primary(club.chat, club.bot))
    await club.vera.sends(typed.format(made=made, primary=primary), to=club.bot)
    await club.vera.reads(in_=club.bot)
    before = len([c for c in club.telegram.log.calls if c.method != "getUpdates"])
    await pressed(club, club.vera, button)
    calls = [c.method for c in club.telegram.log.calls if c.method != "getUpdates"][before:]
    assert calls == ["answerCallbackQuery", "getChatMember", *between, "editMessageText"]


async def test_a_confirmation_works_once(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    question = await pressed(club, club.ann, "Undo")
    data = str(question.button("Revoke #")["callback_data"])
    presses = [club.ann.sends_press(question.message, data) for _ in range(5)]
    await asyncio.gather(*presses)
    await club.ann.reads(in_=club.bot, until="revoked")
    assert revokes(club) == 1


async def test_a_confirmation_is_for_who_was_asked(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    question = await pressed(club, club.ann, "Undo")
    data = str(question.button("Revoke #")["callback_data"])
    await made_by_bot(club, club.vera)
    await club.vera.sends_press(club.vera.sees(club.bot)[-1].message, data)
    await club.vera.reads(in_=club.bot)
    assert revokes(club) == 0


async def test_a_confirmation_expires_after_a_quarter_of_an_hour(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made_by_bot(club, club.ann)
    await pressed(club, club.ann, "Undo")
    clock.now += 901
    assert "ask anew" in await pressed(club, club.ann, "Revoke #")
    assert revokes(club) == 0
    assert "revoked" in await pressed(club, club.ann, "Revoke #")


async def test_who_lost_the_right_between_question_and_yes_revokes_nothing(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    await pressed(club, club.ann, "Undo")
    await club.vera.promotes(club.ann.person, in_=club.chat, rights=Rights(invite_users=False))
    assert "right to invite" in await pressed(club, club.ann, "Revoke #")
    assert revokes(club) == 0


async def test_keeping_it_brings_the_card_back(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    await pressed(club, club.ann, "Undo")
    assert "live" in await pressed(club, club.ann, "Keep")


async def test_a_link_telegram_calls_revoked_already_is_revoked(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    await pressed(club, club.ann, "Undo")
    club.telegram.faults.plan(Fault(Kind.ERROR, "revokeChatInviteLink", 400, "Bad Request: INVITE_HASH_EXPIRED"))
    assert "revoked" in await pressed(club, club.ann, "Revoke #")


async def test_a_bot_that_lost_its_right_says_how_to_mend_it(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    await pressed(club, club.ann, "Undo")
    await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(invite_users=False))
    assert "Invite Users via Link" in await pressed(club, club.ann, "Revoke #")


async def test_another_makers_link_names_who_can_change_it_and_has_no_revoke(club: Club, bot: RunningBot) -> None:
    mine = await club.bob.makes_link(club.chat, "Posters")
    keepers = club.telegram.world.invites.export(club.chat, club.other_bot, title="Doors")
    await sweep(club, bot)
    for link, who in ((mine, "you, in the app · Bob, in the app"), (keepers, "only the bot Door Keeper")):
        number = await number_of(club, bot, link)
        await club.vera.sends(f"/invite {number}", to=club.bot)
        card = await club.vera.reads(in_=club.bot)
        assert f"can be changed by: {who}" in card
        assert "Revoke" not in card.labels
        await forged(club, club.vera, CardAct.REVOKE, number)
    assert revokes(club) == 0


async def test_the_bots_own_primary_has_no_revoke(club: Club, bot: RunningBot) -> None:
    await sweep(club, bot)
    number = await number_of(club, bot, club.telegram.world.invites.primary(club.chat, club.bot))
    await club.vera.sends(f"/invite {number}", to=club.bot)
    assert "Revoke" not in (await club.vera.reads(in_=club.bot)).labels


async def test_a_card_is_found_by_number_pasted_link_or_tail(club: Club, bot: RunningBot) -> None:
    link = await club.vera.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    number = await number_of(club, bot, link)
    for handle in (f"#{number}", link.link, f"…{link.link[-3:]}"):
        await club.vera.sends(f"/invite {handle}", to=club.bot)
        assert f"#{number} Posters" in await club.vera.reads(in_=club.bot)


async def test_an_unknown_number_or_tail_is_said_plainly(club: Club, bot: RunningBot) -> None:
    for typed, said in (("/invite 1234", "No link #1234"), ("/invite …zz9", "No link …zz9")):
        await club.vera.sends(typed, to=club.bot)
        assert said in await club.vera.reads(in_=club.bot)


async def test_a_join_shows_on_the_card(club: Club, bot: RunningBot) -> None:
    await club.ann.sends("/invite new Spring ads x10", to=club.bot)
    await club.ann.reads(in_=club.bot, until="Spring ads")
    link = next(x for x in club.telegram.world.invites.every(club.chat) if x.title == "Spring ads")
    await club.kim.joins(link)
    number = await number_of(club, bot, link)

    async def counted() -> bool:
        found = await bot.ledger.links.find(club.chat.id, number)
        return found is not None and found.joined == 1

    await bot.until(counted)
    await club.ann.sends(f"/invite {number}", to=club.bot)
    card = await club.ann.reads(in_=club.bot)
    assert "1 joined" in card
    assert "seen to leave" not in card
    assert "9 of 10 places left" in card
