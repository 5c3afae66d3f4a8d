"""Who joined and who waits, read for a person who asked: all of them, once, without the right to change anything."""

from __future__ import annotations

import pytest

from ledger.errands import Act, ErrandState
from ledger.joins import SeenJoin
from ledger.links import SeenLink
from ledger.requests import RequestState, SeenRequest
from sandbox.chats import Person
from sandbox.faults import Kind
from sandbox.invites import InviteLink
from tests.userclient.conftest import Bench, never_mind
from userclient.acting import Acting
from userclient.leave import CHANGING

IMPORTERS = "messages.getChatInviteImporters"
MANY = 230


@pytest.fixture
async def ann(bench: Bench) -> Person:
    ann = bench.world.add_person("Ann")
    bench.world.promote(bench.chat, ann, by=bench.owner)
    await bench.signs_in(bench.owner)
    return ann


def guests(bench: Bench, number: int) -> list[Person]:
    return [bench.world.add_person(f"Guest {n}") for n in range(number)]


async def come(bench: Bench, link: InviteLink, people: list[Person]) -> None:
    for n, guest in enumerate(people):
        bench.clock.now += n % 3  # some in the same second
        await bench.telegram.person(guest).joins(link, bio=f"I am guest {n}")


async def test_all_who_joined_by_a_link_are_in_the_book_and_those_seen_to_join_are_there_once(
    bench: Bench, ann: Person
) -> None:
    link = bench.links(1, ann)[0]
    people = guests(bench, MANY)
    await come(bench, link, people[:-1])
    async with bench.userclient():
        await bench.read()
        bench.clock.now += 60
        await come(bench, link, people[-1:])
        seen = SeenLink(link.link, ann.id, title=link.title)
        joined = SeenJoin(bench.chat.id, people[-1].id, int(bench.clock.now) + 5, 1, seen)
        await bench.ledger.links.seen_in_update(joined)
        for new in (MANY - 1, 0):
            ended = await bench.ended(await bench.asks(Act.JOINERS, link, ann))
            assert (ended.state, ended.result) == (ErrandState.DONE, {"n": MANY, "new": new})
    row = (await bench.secrets())[link.link]
    page = await bench.ledger.joiners.page(row.id, size=MANY)
    assert (page.known, row.joined) == (MANY, MANY)
    assert {one.person_id for one in page.rows} == {one.id for one in people}
    assert [one.how for one in page.rows].count("update") == 1


async def test_what_was_read_before_a_wait_is_not_read_again(bench: Bench, ann: Person) -> None:
    link = bench.links(1, ann)[0]
    await come(bench, link, guests(bench, MANY))
    bench.fault(Kind.FLOOD, IMPORTERS, value=60, skip=1)
    async with bench.userclient():
        await bench.read()
        errand = await bench.asks(Act.JOINERS, link)

        async def waits() -> bool:
            now = await bench.ledger.errands.get(errand.id)
            return now is not None and now.held is not None

        await bench.until(waits)
        bench.clock.now += 61
        assert (await bench.ended(errand)).result["n"] == MANY
    assert len(bench.calls(IMPORTERS)) == 4  # three pages, one of them refused first


@pytest.mark.parametrize("of_link", [True, False])
async def test_who_waits_is_read_and_who_does_no_more_is_withdrawn(bench: Bench, ann: Person, of_link: bool) -> None:
    asking = bench.world.invites.export(bench.chat, ann, title="Asking", request_needed=True)
    people = guests(bench, MANY if of_link else 3)
    await come(bench, asking, people)
    async with bench.userclient():
        await bench.read()
        row = (await bench.secrets())[asking.link]
        link_id = row.id if of_link else None
        gone, late = bench.world.add_person("Gone"), bench.world.add_person("Late")
        at, seen = int(bench.clock.now), SeenLink(asking.link, ann.id, title=asking.title)
        for who, when in ((gone, at - 600), (late, at + 1)):
            await bench.ledger.requests.seen(SeenRequest(bench.chat.id, who.id, when, who.id, seen))
        errand, _ = await bench.ledger.errands.ask(
            Act.WAITING, bench.chat.id, asked_by=ann.id, link_id=link_id
        )  # fmt: skip
        ended = await bench.ended(errand)
    assert (ended.state, ended.result) == (ErrandState.DONE, {"n": len(people), "new": len(people), "gone": 1})
    waiting = await bench.ledger.requests.waiting(bench.chat.id, link_id, size=MANY + 2)
    assert {one.person_id for one in waiting.rows} == {late.id, *(one.id for one in people)}
    assert {one.how for one in waiting.rows if one.person_id != late.id} == {"account"}
    assert waiting.rows[-1].bio == "I am guest 0"


async def test_a_plain_admins_account_reads_its_own_links_and_all_who_wait(bench: Bench) -> None:
    ann, bob = bench.world.add_person("Ann"), bench.world.add_person("Bob")
    for admin in (ann, bob):
        bench.world.promote(bench.chat, admin, by=bench.owner)
    own, bobs = bench.links(1, ann)[0], bench.links(1, bob)[0]
    asking = bench.world.invites.export(bench.chat, bob, title="Asking", request_needed=True)
    await come(bench, own, guests(bench, 2))
    await come(bench, asking, guests(bench, 2))
    await bench.signs_in(bench.owner)
    async with bench.userclient():
        await bench.read()
    bench.settings.session_file.unlink()
    await bench.signs_in(ann)
    async with bench.userclient():
        assert (await bench.ended(await bench.asks(Act.JOINERS, own))).result["n"] == 2
        refused = await bench.ended(await bench.asks(Act.JOINERS, bobs))
        assert (refused.state, refused.reason) == (ErrandState.REFUSED, "not-owner")
        errand, _ = await bench.ledger.errands.ask(Act.WAITING, bench.chat.id, asked_by=bob.id)
        assert (await bench.ended(errand)).result["n"] == 2


async def test_an_act_goes_between_two_pages_of_a_long_reading(bench: Bench, ann: Person) -> None:
    link, other = bench.links(2, ann)
    await come(bench, link, guests(bench, MANY))
    await bench.lets_account_act()
    async with bench.userclient():
        await bench.read()
    async with bench.account() as account:
        acting, read = Acting(bench.settings, bench.ledger, clock=bench.clock), list[int]()

        async def on_page() -> None:
            read.append(len(bench.calls(IMPORTERS)))
            if len(read) == 1:
                await bench.asks(Act.REVOKE, other)
            while act := await bench.ledger.errands.take(CHANGING):
                await acting.carry_out(account, act, never_mind)

        errand = await bench.asks(Act.JOINERS, link)
        taken = await bench.ledger.errands.take({Act.JOINERS})
        assert taken is not None
        await acting.carry_out(account, taken, on_page)
        assert (await bench.ended(errand)).result["n"] == MANY
    assert (read, other.revoked) == ([1, 2], True)


@pytest.mark.parametrize("act", [Act.APPROVE, Act.DECLINE])
async def test_an_answer_to_all_stands_in_the_book_with_who_asked_for_it(bench: Bench, ann: Person, act: Act) -> None:
    asking = bench.world.invites.export(bench.chat, ann, title="Asking", request_needed=True)
    people = guests(bench, 3)
    await come(bench, asking, people)
    await bench.lets_account_act()
    async with bench.userclient():
        await bench.read()
        ended = await bench.ended(await bench.asks(act, asking, ann))
    assert (ended.state, ended.result) == (ErrandState.DONE, {"already": 0, "n": 3})
    state = RequestState.APPROVED if act == Act.APPROVE else RequestState.DECLINED
    for row in range(1, 4):
        one = await bench.ledger.requests.get(row)
        assert one is not None
        assert (one.state, one.decided_by, one.bio) == (state, ann.id, "")
    assert (await bench.ledger.requests.waiting(bench.chat.id)).total == 0
