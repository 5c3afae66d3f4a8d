"""The QR code of a link: who gets it, where, for how long."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from bot.callbacks import CardAct, CardPress
from sandbox.chats import Rights
from sandbox.faults import Fault, Kind
from sandbox.people import Actor, Screen
from tests.bot.conftest import Club, RunningBot, Start
from tests.bot.swept import number_of, sweep
from tests.bot.test_card import made_by_bot
from tests.conftest import Clock
from tests.pictures import qr_in


async def shown_qr(club: Club, who: Actor) -> Screen:
    await who.presses("QR", in_=club.bot)
    return await who.reads(in_=club.bot, until="Scan it")


def key(club: Club) -> str:
    return next(link for link in club.telegram.world.invites.every(club.chat) if link.title == "Spring ads").link


async def test_a_qr_code_is_the_link_and_large_enough_for_a_phone(club: Club, bot: RunningBot) -> None:
    card = await made_by_bot(club, club.ann)
    picture = await shown_qr(club, club.ann)
    assert qr_in(picture.photo) == key(club)
    with Image.open(BytesIO(picture.photo)) as image:
        assert min(image.size) >= 400
    assert picture.message is not card.message
    assert "Spring ads" in picture
    assert "hidden again in 10 min" in picture
    assert picture.links == []
    revealed = await bot.ledger.links.reveals(club.chat.id)
    assert [(r.person_id, r.how) for r in revealed] == [(club.ann.person.id, "qr")]


async def test_it_is_in_the_book_before_anyone_can_see_it(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    club.telegram.faults.plan(Fault(Kind.ERROR, "sendPhoto", 400, "Bad Request: IMAGE_PROCESS_FAILED"))
    await club.ann.presses("QR", in_=club.bot)
    assert "could not be sent" in await club.ann.reads(in_=club.bot)
    assert [r.how for r in await bot.ledger.links.reveals(club.chat.id)] == ["qr"]


async def test_typed_it_opens_the_card_masked(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    link = next(link for link in club.telegram.world.invites.every(club.chat) if link.title == "Spring ads")
    for act in ("qr", "show", "copy"):
        await club.ann.sends(f"/invite {await number_of(club, bot, link)} {act}", to=club.bot)
        card = await club.ann.reads(in_=club.bot)
        assert card.labels[:3] == ["Show", "Copy", "QR"]
        assert link.hash not in str(card)
        assert not card.photo


async def test_it_goes_after_ten_minutes_over_a_restart_too(
    club: Club, bot: RunningBot, start_bot: Start, clock: Clock
) -> None:
    await made_by_bot(club, club.ann)
    picture = await shown_qr(club, club.ann)
    await bot.ends()
    clock.now += 601
    await start_bot()
    await club.ann.waits(lambda: picture.message.deleted, "the picture to go")


async def test_what_is_too_old_to_be_deleted_is_another_picture_then(club: Club, bot: RunningBot, clock: Clock) -> None:
    await made_by_bot(club, club.ann)
    await shown_qr(club, club.ann)
    refused = "Bad Request: message can't be deleted for everyone"
    club.telegram.faults.plan(Fault(Kind.ERROR, "deleteMessage", 400, refused))
    clock.now += 601
    after = await club.ann.reads(in_=club.bot, until="Hidden again")
    assert "t.me/+" not in qr_in(after.photo)
    assert after.labels == []


async def test_hide_takes_it_away_at_once_and_for_good(club: Club, bot: RunningBot) -> None:
    await made_by_bot(club, club.ann)
    picture = await shown_qr(club, club.ann)
    await club.ann.presses("Hide", on=picture)
    await club.ann.waits(lambda: picture.message.deleted, "the picture to go")
    assert await bot.ledger.dues.next_at() is None


async def test_in_the_group_only_its_asker_sees_it_and_the_first_picture_holds_nothing(
    club: Club, bot: RunningBot
) -> None:
    await club.ann.asks("/invite new Spring ads", in_=club.chat, bot=club.bot)
    echo = await club.ann.reads(in_=club.chat, until="Spring ads")
    await club.ann.presses("QR", on=echo)
    picture = await club.ann.reads(in_=club.chat, until="Scan it")
    assert picture.ephemeral
    assert qr_in(picture.photo) == key(club)
    views = [view for view in club.telegram.log.views if view.picture]
    assert {view.person for view in views} == {club.ann.person.id}
    assert qr_in(views[0].picture) == f"https://t.me/{club.bot.username}"


async def test_where_the_group_keeps_no_picture_to_one_person_it_comes_in_private(club: Club, bot: RunningBot) -> None:
    await club.ann.starts(club.bot)
    await club.ann.asks("/invite new Spring ads", in_=club.chat, bot=club.bot)
    echo = await club.ann.reads(in_=club.chat, until="Spring ads")
    club.telegram.bot_api.ephemeral = "refusing"
    await club.ann.presses("QR", on=echo)
    assert qr_in((await club.ann.reads(in_=club.bot, until="Scan it")).photo) == key(club)
    assert "in our private chat" in await club.ann.reads(in_=club.chat)


async def test_a_server_that_posts_it_to_all_has_posted_nothing(club: Club, bot: RunningBot) -> None:
    await club.ann.starts(club.bot)
    await club.ann.asks("/invite new Spring ads", in_=club.chat, bot=club.bot)
    echo = await club.ann.reads(in_=club.chat, until="Spring ads")
    club.telegram.bot_api.ephemeral = "old"
    await club.ann.presses("QR", on=echo)
    await club.ann.reads(in_=club.bot, until="Scan it")
    posted = [view for view in club.telegram.log.views if view.picture and view.person == club.max.person.id]
    assert [qr_in(view.picture) for view in posted] == [f"https://t.me/{club.bot.username}"]
    assert not [screen for screen in club.max.sees(club.chat) if screen.photo]


async def test_who_may_not_see_the_key_gets_no_picture(club: Club, bot: RunningBot) -> None:
    link = await club.bob.makes_link(club.chat, "Posters")
    await sweep(club, bot)
    number = await number_of(club, bot, link)
    await made_by_bot(club, club.ann)
    data = CardPress(act=CardAct.QR, chat=club.chat.id, number=number).pack()
    await club.ann.sends_press(club.ann.sees(club.bot)[-1].message, data)
    assert "for the link's maker and the owner" in await club.ann.reads(in_=club.bot)
    await club.vera.promotes(club.bob.person, in_=club.chat, rights=Rights(invite_users=False))
    await club.bob.starts(club.bot)
    await club.bob.reads(in_=club.bot)
    await club.bob.sends_press(club.bob.sees(club.bot)[-1].message, data)
    await club.bob.reads(in_=club.bot)
    assert not [view for view in club.telegram.log.views if view.picture]
