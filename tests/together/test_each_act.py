"""Every act on links that are not this bot's, where the owner's account may act, where a plain admin's may, and where
there is none."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.chats import Person, Rights
from sandbox.invites import InviteLink
from sandbox.people import Actor
from tests.together.conftest import Both

REFUSED = (
    "I cannot change this link", "I cannot replace this primary link", "I cannot delete a link",
    "for the link's maker",
)  # fmt: skip
YESES = ("Revoke", "Replace", "Delete")


@dataclass
class Links:
    """A link for each act, all of `maker`. Two joined by the first, and guests ask to join by the last two, two by
    each: no bot saw them."""

    maker: Actor
    edit: InviteLink
    revoke: InviteLink
    replace: InviteLink
    delete: InviteLink
    approve: InviteLink
    decline: InviteLink
    guests: list[Person]

    async def numbers(self, both: Both) -> dict[str, int]:
        return {name: await both.number(one) for name, one in vars(self).items() if isinstance(one, InviteLink)}


async def links_of(both: Both, maker: Actor) -> Links:
    club, world = both.club, both.club.telegram.world
    edit, revoke, delete = [await maker.makes_link(club.chat, name) for name in ("Edit", "Revoke", "Delete")]
    approve, decline = [await maker.makes_link(club.chat, name, request_needed=True) for name in ("In", "Out")]
    await maker.revokes(delete)
    guests = [world.add_person(f"Guest {n}") for n in range(4)]
    world.demote(club.chat, club.bot, by=club.vera.person)
    for _ in range(2):
        world.invites.use(world.add_person("Early Bird"), edit.hash)
    for n, guest in enumerate(guests):
        await club.telegram.person(guest).joins((approve, decline)[n % 2])
    await club.vera.promotes(club.bot, in_=club.chat)
    await both.bot.rests()
    primary = world.invites.primary(club.chat, maker.person)
    return Links(maker, edit, revoke, primary, delete, approve, decline, guests)


async def all_is_done(both: Both, who: Actor, links: Links) -> None:
    """Each act is asked for, confirmed but for the edit, which can be undone, and done by the account."""
    club, number = both.club, await links.numbers(both)
    await both.says(who, f'/invite {number["edit"]} "Autumn"')
    await both.sees(who, "changed just now, by the account")
    for act, line in (("revoke", "revoke {}"), ("replace", "{} replace"), ("delete", "{} delete")):
        await both.asks(who, "/invite " + line.format(number[act]), f"{act.title()} #")
        await both.sees(who, f"{act.title()}d by the account")
    await reads_and_answers(both, who, number)
    await deletes_all(both, who, links, 2)
    assert links.edit.title == "Autumn"
    assert [club.chat.present(guest.id) for guest in links.guests] == [True, False, True, False]
    left = club.telegram.world.invites.every(club.chat)
    assert not [one for one in (links.revoke, links.replace, links.delete) if one in left]


async def reads_and_answers(both: Both, who: Actor, number: dict[str, int]) -> None:
    """Who joined, and who waits."""
    await who.presses("Read older ones", on=await both.says(who, f"/invite {number['edit']} who"))
    await both.sees(who, "2 joined, 2 of them new here")
    for act, mark, yes in (("approve", "✓ all", "Let all in"), ("decline", "✗ all", "Decline all")):
        waiting = await both.says(who, f"/requests {number[act]}")
        assert "2 of them I have not seen" in waiting
        await who.presses(f"{mark} #{number[act]}", on=waiting)
        question = await both.sees(who, "2 requests wait")
        assert "Telegram's log will show the account's name" in question
        await who.presses(yes, on=question)
        await both.sees(who, "by the account.")


async def deletes_all(both: Both, who: Actor, links: Links, n: int) -> None:
    """So many revoked links of the maker, at least two."""
    whose = f"@{links.maker.person.username}" if links.maker.person.username else links.maker.name
    await who.presses("Delete all revoked", on=await both.says(who, f"/invites {whose} revoked"))
    await who.presses(f"Delete {n}", on=await both.sees(who, f"Delete all {n} revoked links"))
    await both.sees(who, f"{n} revoked links deleted by the account")


async def nothing_is_done(both: Both, who: Actor, links: Links, *, answers: bool = False) -> None:
    """Each is asked for; who can do it is named, and no button offers it. `answers`: but for requests, which are any
    admin's to answer."""
    effects, number = len(both.club.telegram.log.effects), await links.numbers(both)
    for line in (
        f'{number["edit"]} "Autumn"', f'revoke {number["revoke"]}', f'{number["replace"]} replace',
        f'{number["delete"]} delete',
    ):  # fmt: skip
        screen = await both.says(who, f"/invite {line}")
        assert any(words in screen for words in REFUSED), screen
        assert not [label for label in screen.labels if label.startswith(YESES)], screen
    for act in ("approve", "decline"):
        screen = await both.says(who, f"/requests {number[act]}")
        assert any("all #" in label for label in screen.labels) == answers, screen
    screen = await both.says(who, f"/invites {links.maker.name} revoked")
    assert not [label for label in screen.labels if label.startswith("Delete")], screen
    kinds = ("link.", "request.")
    assert not [one for one in both.club.telegram.log.effects[effects:] if one.kind.startswith(kinds)]


async def test_the_owners_account_does_each_for_the_owner_and_for_an_admin_what_is_his(both: Both) -> None:
    club = both.club
    bobs, anns = await links_of(both, club.bob), await links_of(both, club.ann)
    async with both.account(club.vera):
        await nothing_is_done(both, club.ann, bobs, answers=True)
        await all_is_done(both, club.ann, anns)
        await all_is_done(both, club.vera, bobs)


async def test_of_bots_links_the_owners_account_does_all_but_changes(both: Both) -> None:
    club, invites = both.club, both.club.telegram.world.invites
    bots = [await links_of(both, club.telegram.person(one)) for one in (club.bot, club.other_bot)]
    for links in bots:
        for one in (links.revoke, await links.maker.makes_link(club.chat, "Old")):
            await links.maker.revokes(one)
    async with both.account(club.vera):
        assert "only the bot" in await both.says(club.vera, f"/invite {await both.number(bots[1].edit)} x50")
        for links in bots:
            number = await links.numbers(both)
            await both.asks(club.vera, f"/invite {number['delete']} delete", "Delete #")
            await both.sees(club.vera, "Deleted by the account")
            await reads_and_answers(both, club.vera, number)
            await deletes_all(both, club.vera, links, 2)
            assert [club.chat.present(guest.id) for guest in links.guests] == [True, False, True, False]
    assert not [one for one in invites.every(club.chat) if one.revoked]


async def test_a_plain_admins_account_does_each_with_its_own_links_alone(both: Both) -> None:
    club = both.club
    bobs, anns = await links_of(both, club.bob), await links_of(both, club.ann)
    async with both.account(club.vera, acts=False):
        pass
    both.bench.settings.session_file.unlink()
    await both.says(club.vera, "/start")
    async with both.account(club.ann):
        await both.sees(club.vera, "cannot be read any more")
        await nothing_is_done(both, club.vera, bobs)
        await all_is_done(both, club.ann, anns)


async def test_with_no_account_each_has_its_way_by_hand(both: Both) -> None:
    club = both.club
    bobs = await links_of(both, club.bob)
    async with both.account(club.vera, acts=False):
        await nothing_is_done(both, club.vera, bobs)
    both.bench.settings.session_file.unlink()
    async with both.bench.userclient():
        await nothing_is_done(both, club.vera, bobs)
        await nothing_is_done(both, club.bob, bobs)


async def test_a_plain_admins_account_answers_all_of_the_chat_where_the_bot_lacks_the_right(both: Both) -> None:
    club, world = both.club, both.club.telegram.world
    bobs = await club.bob.makes_link(club.chat, "Posters", request_needed=True)
    await club.vera.promotes(club.bot, in_=club.chat, rights=Rights(invite_users=False))
    for mark, title, yes, end in (
        ("✓ all", "Let in everybody", "Let all in", "2 people let in by the account."),
        ("✗ all", "Decline everybody", "Decline all", "2 requests declined by the account."),
    ):
        guests = [world.add_person(f"{yes} {n}") for n in range(2)]
        for guest in guests:
            await club.telegram.person(guest).joins(bobs)
        await both.bot.rests()
        async with both.account(club.ann):
            await club.bob.presses(mark, on=await both.says(club.bob, "/requests"))
            await club.bob.presses(yes, on=await both.sees(club.bob, f"{title} who waits in"))
            await both.sees(club.bob, end)
        assert [club.chat.present(guest.id) for guest in guests] == [mark == "✓ all"] * 2
    assert not bobs.requested
