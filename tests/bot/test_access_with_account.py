"""Who gets what of acts that only the account can do: askers × links × whose account it is.

No account's program runs: what is asked stays asked, and is taken back before the next one asks.
"""

from __future__ import annotations

import pytest

from bot.callbacks import AnswerAllPress, CardAct, ClearPress, DraftAct
from ledger.chats import AccountState, Role
from ledger.errands import ErrandState
from ledger.links import SeenLink
from sandbox.chats import Kind
from sandbox.people import Actor
from tests.bot import ways
from tests.bot.test_access_table import ACT, ADMINS, CLEAN, NOBODY, OTHERS, OWN, OWNER, SEE, Row, outcome, turns
from tests.bot.turns import Turns
from tests.bot.ways import Scene, Way, on
from tests.sizes import size

__all__ = ["turns"]

MAKERS = {"admins": OTHERS, "makers": OWN}  # of whose link: who may have anything done with it, besides by a grant
ACCOUNTS = {  # whose the account is: what it is there, and whose links it reaches
    "owner": (Role.OWNER, ("admins", "makers")),
    "admin": (Role.ADMIN, ("admins",)),
    "nobody": (Role.UNKNOWN, ()),
}


def rows_of(whose: str) -> tuple[Row, ...]:
    """For links of one admin, where the account reaches them."""
    may = MAKERS[whose]

    def clearing(scene: Scene, who: Actor) -> str:
        return ClearPress(chat=scene.chat.id, whose=scene.people[whose.removesuffix("s")].person.id).pack()

    change, delete = may | ACT, may | ACT | CLEAN
    return (
        Row("listing.command", f"/invite {{{whose}}} x50", change, "Asked"),
        Row("listing.command", f"/invite {{{whose}}} edit", change, "Or one line: /invite"),
        Row("listing.command", f"/invite revoke {{{whose}}}", change, "The account does it."),
        Row("listing.command", f"/invite {{{whose}-primary}} replace", change, "The account does it."),
        Row("listing.command", f"/invite {{{whose}-dead}} delete", delete, "The account does it."),
        Row("card.revoke", on(CardAct.REVOKE, whose), change, "The account does it."),
        Row("primary.ask", on(CardAct.REPLACE, f"{whose}-primary"), change, "The account does it."),
        Row("deleting.ask", on(CardAct.DELETE, f"{whose}-dead"), delete, "The account does it."),
        Row("deleting.clear", clearing, delete, "revoked link of"),
        Row("drafting.press", ways.drafting(DraftAct.SAVE, of=whose), change, "Asked"),
        Row("acting.confirm", ways.acting_on(whose), change, "Asked"),
        Row("requests.answer_all", answering(whose), ADMINS, "Let in everybody"),
    )


def answering(whose: str) -> Way:
    return lambda scene, who: AnswerAllPress(
        chat=scene.chat.id, number=scene.numbers[f"{whose}-asking"], yes=True
    ).pack()  # fmt: skip


# A bot's, this one's for the maker and another's: an owner's account deletes, reads and answers, and changes none.
OF_BOTS = (
    Row("listing.command", "/invite {own-dead} delete", OWN | ACT | CLEAN, "The account does it."),
    Row("listing.command", "/invite {bots-dead} delete", OWNER, "The account does it."),
    Row("joiners.turn", ways.older_joiners("own"), OWN | SEE, "Asked"),
    Row("joiners.turn", ways.older_joiners("bots"), OWNER | SEE, "Asked"),
    Row("requests.answer_all", answering("own"), ADMINS, "Let in everybody"),
    Row("requests.answer_all", answering("bots"), ADMINS, "Let in everybody"),
)

# Another bot's are nobody's to have changed, whoever owns the account.
NEVER = (
    Row("listing.command", "/invite {bots} x50", NOBODY, "Asked"),
    Row("card.revoke", on(CardAct.REVOKE, "bots"), NOBODY, "The account does it."),
    Row("acting.confirm", ways.acting_on("bots"), NOBODY, "Asked"),
)


@pytest.mark.parametrize("whose_account", ACCOUNTS)
async def test_an_act_of_the_account_is_asked_for_whom_the_table_says(turns: Turns, whose_account: str) -> None:
    scene = await ways.scene_of(turns, Kind.SUPERGROUP)
    role, reached = ACCOUNTS[whose_account]
    await links_of_admins(scene)
    if role != Role.UNKNOWN:
        await signed_in(scene, scene.people[whose_account], role)
    await links_of_bots(scene)
    wrong = []
    rows = [(row, whose in reached) for whose in MAKERS for row in rows_of(whose)]
    rows += [(row, role == Role.OWNER) for row in OF_BOTS] + [(row, False) for row in NEVER]
    if whose_account != "owner":  # in part: between them, the two others play each row once
        rows = rows[size(0, list(ACCOUNTS).index(whose_account) - 1) :: size(1, 2)]
    for row, reaches in rows:
        for name, who in scene.people.items():
            if not scene.chat.present(who.person.id):
                continue
            saw, done = await outcome(scene, row, who, scene.chat)
            meant = reaches and name in row.who
            if saw != meant or done:
                wrong.append(f"{row.handler} {row.way} {row.sees!r} for {name}: saw={saw} did={done}")
            for errand in await turns.ledger.errands.open():
                await turns.ledger.errands.finish(errand.id, ErrandState.REFUSED, reason="cancelled")
    assert not wrong, "\n".join(wrong)


async def signed_in(scene: Scene, who: Actor, role: Role) -> None:
    """As the account's program says of itself, in a chat where the host lets it act."""
    ledger, person = scene.turns.ledger, who.person
    await ledger.programs.say("userclient", AccountState.READY, person_id=person.id, name_of_person=person.name)
    await ledger.errands.set_mode("act")
    await ledger.chats.account_place(scene.chat.id, role)
    await ledger.chats.let_account_act(scene.chat.id, acts=True)
    scene.turns.desk.access.forget(scene.chat.id)


async def links_of_admins(scene: Scene) -> None:
    """Of each maker, as an account read them: a plain link, a primary one, one revoked, and one by which more wait than
    the bot has seen."""
    turns, chat = scene.turns, scene.chat
    world = turns.club.telegram.world
    for whose in MAKERS:
        person = scene.people[whose.removesuffix("s")].person
        seen = {
            "": SeenLink(world.invites.export(chat, person, title="Posters").link, person.id, title="Posters"),
            "-primary": SeenLink(world.invites.primary(chat, person).link, person.id, primary=True),
            "-dead": SeenLink(world.invites.export(chat, person, title="Dead").link, person.id, revoked=True),
            "-asking": SeenLink(
                world.invites.export(chat, person, title="Asking", request_needed=True).link, person.id,
                approval=True, usage=0, pending=3,
            ),
        }  # fmt: skip
        await turns.ledger.sweeps.begin(chat.id, [person.id])
        for revoked in (False, True):
            page = [one for one in seen.values() if one.revoked == revoked]
            await turns.ledger.sweeps.page_read(chat.id, person.id, revoked, page, count=len(page), ended=True)
        await turns.ledger.sweeps.finish(chat.id)
        for name, one in seen.items():
            found = await turns.ledger.links.find_by_link(chat.id, one.link)
            assert found is not None
            scene.numbers[f"{whose}{name}"] = found.number


async def links_of_bots(scene: Scene) -> None:
    """Of this bot, asked for by the maker, and of another: one revoked, and one by which more wait than the bot has
    seen."""
    turns, chat = scene.turns, scene.chat
    world, links, maker = turns.club.telegram.world, turns.ledger.links, scene.people["maker"].person
    for whose, bot in (("own", scene.bot), ("bots", turns.club.other_bot)):
        for name, asks in (("dead", False), ("asking", True)):
            key = world.invites.export(chat, bot, title=name, request_needed=asks).link
            seen = SeenLink(key, bot.id, title=name, revoked=not asks, approval=asks, usage=0, pending=3 * asks)
            if whose == "own":
                plain = SeenLink(key, bot.id, title=name)
                await links.made(chat.id, plain, asked_by=maker.id, update_id=next(ways.UPDATES))
            await turns.ledger.sweeps.head_read(chat.id, bot.id, [seen])
            found = await links.find_by_link(chat.id, key)
            assert found is not None
            scene.numbers[f"{whose}-{name}"] = found.number
