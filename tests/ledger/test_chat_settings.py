from __future__ import annotations

import pytest

from ledger.chats import Grant, ReplyPlace, SeenChat, SeenPerson
from ledger.errors import UnknownChat
from ledger.listing import Order, Query, Shelf, Whose
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.ledger.listings import ANN, BOB, BOT, CLUB, ask_file

CHANNEL = CLUB - 1


async def test_what_an_admin_is_given_stands_each_by_itself(club: Ledger, ledger_settings: LedgerSettings) -> None:
    for what, on in ((Grant.SEE, True), (Grant.SEE, True), (Grant.ACT, True), (Grant.SEE, False), (Grant.SEE, False)):
        await club.chats.grant(CLUB, BOB, what, on=on, by=ANN)
    assert await club.chats.grants(CLUB) == {BOB: {Grant.ACT}}
    assert await club.chats.grants_of(CLUB, BOB) == {Grant.ACT}
    assert await club.chats.grants_of(CLUB, ANN) == frozenset()
    assert ask_file(ledger_settings, "SELECT what, by, detail FROM event") == [
        ("granted", ANN, '{"person": 12, "grant": "see"}'),
        ("granted", ANN, '{"person": 12, "grant": "act"}'),
        ("withdrawn", ANN, '{"person": 12, "grant": "see"}'),
    ]
    with pytest.raises(UnknownChat):
        await club.chats.grant(-5, BOB, Grant.SEE, on=True, by=ANN)


async def test_the_admins_named_are_people_told_by_the_bot(club: Ledger) -> None:
    await club.chats.set_admins(CLUB, [BOB, 555, ANN, BOT], told_by="bot")
    await club.chats.set_admins(CLUB, [556], told_by="account")
    assert [one.name for one in await club.chats.admins(CLUB)] == ["555", "Ann", "Bob Stone"]


async def test_a_chat_keeps_its_zone_and_where_it_is_answered(club: Ledger) -> None:
    chat = await club.chats.get(CLUB)
    assert chat is not None
    assert (chat.time_zone, chat.zone_chosen, chat.reply_place) == ("UTC", False, ReplyPlace.HERE)
    await club.chats.set_zone(CLUB, "Europe/Berlin")
    await club.chats.set_reply_place(CLUB, ReplyPlace.PRIVATE)
    renamed = await club.chats.saw(SeenChat(CLUB, "Chess", "supergroup"))
    assert (renamed.time_zone, renamed.zone_chosen, renamed.reply_place) == ("Europe/Berlin", True, ReplyPlace.PRIVATE)
    with pytest.raises(UnknownChat):
        await club.chats.set_zone(-5, "UTC")


async def test_a_channel_and_its_group_know_each_other_and_no_other(club: Ledger) -> None:
    await club.chats.saw(SeenChat(CHANNEL, "News", "channel", "News_Channel"))
    await club.chats.saw(SeenChat(CHANNEL - 1, "Talk", "supergroup"))

    async def linked() -> list[int | None]:
        chats = {chat.id: chat.discussion_id for chat in await club.chats.every()}
        return [chats[one] for one in (CLUB, CHANNEL, CHANNEL - 1)]

    await club.chats.set_discussion(CHANNEL, CLUB)
    assert await linked() == [CHANNEL, CLUB, None]
    await club.chats.set_discussion(CHANNEL - 1, CHANNEL)
    assert await linked() == [None, CHANNEL - 1, CHANNEL]
    await club.chats.set_discussion(CHANNEL, None)
    assert await linked() == [None, None, None]
    await club.chats.set_discussion(CHANNEL, -1000000000001)  # one the book does not know
    assert await linked() == [None, -1000000000001, None]


async def test_chats_and_people_are_found_by_username(club: Ledger) -> None:
    await club.chats.saw(SeenChat(CHANNEL, "News", "channel", "News_Channel"))
    for text in ("@news_channel", "News_Channel"):
        found = await club.chats.by_username(text)
        assert found is not None
        assert found.id == CHANNEL
    assert await club.chats.person_by_username("@ANN_A") == SeenPerson(ANN, "Ann", "ann_a")
    assert await club.chats.by_username("ann_a") is None
    assert await club.chats.person_by_username("news_channel") is None


async def test_the_words_of_a_search_are_found_again_by_its_number(club: Ledger) -> None:
    first = await club.links.search_id(CLUB, ANN, "Spring ads")
    other = await club.links.search_id(CLUB, ANN, "spring ads")
    assert await club.links.search_id(CLUB, ANN, "Spring ads") == first != other
    assert await club.links.search_words(CLUB, first) == await club.links.search_words(CLUB, first, person_id=ANN)
    assert await club.links.search_words(CLUB, first, person_id=ANN) == "Spring ads"
    assert await club.links.search_words(CLUB, first, person_id=BOB) is None
    assert await club.links.search_words(CHANNEL, first) is None
    for number in range(200):
        await club.links.search_id(CLUB, ANN, f"word {number}")
    assert await club.links.search_words(CLUB, first) is None
    assert await club.links.search_words(CLUB, await club.links.search_id(CLUB, ANN, "word 1")) == "word 1"


async def test_the_list_someone_saved_is_his_in_that_chat(club: Ledger) -> None:
    mine = Query(CLUB, ANN, Whose.PERSON, BOB, Shelf.EXPIRING, order=Order.ENDS, words="ads")
    for query in (Query(CLUB, ANN), mine):
        await club.links.save_default(query)
    assert await club.links.default_list(CLUB, ANN) == mine
    assert [await club.links.default_list(CLUB, BOB), await club.links.default_list(CHANNEL, ANN)] == [None, None]
    with pytest.raises(UnknownChat):
        await club.links.save_default(Query(CHANNEL, ANN))


async def test_the_host_is_told_once_of_what_began_when_it_did(club: Ledger, ledger_settings: LedgerSettings) -> None:
    async def told(ledger: Ledger, *of: tuple[str, int]) -> list[bool]:
        return [await ledger.dues.put_once(*what, 9, "tell-host", {}) is not None for what in of]

    assert await told(club, ("lost", 5), ("lost", 5)) == [True, False]
    again = await Ledger.open(ledger_settings)
    assert await told(again, ("lost", 5), ("lost", 6), ("conflict", 5)) == [False, True, True]
    assert [one.what for one in await again.dues.ready(9)] == ["tell-host"] * 3
    await again.close()


async def test_a_claim_waits_until_it_is_used(ledger: Ledger) -> None:
    assert not await ledger.host.claim_waits()
    token = await ledger.host.new_claim()
    assert await ledger.host.claim_waits()
    await ledger.host.claim(token, ANN)
    assert not await ledger.host.claim_waits()
