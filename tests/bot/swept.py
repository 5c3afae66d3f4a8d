"""What an account would have written into the ledger, for tests of what the bot makes of it."""

from __future__ import annotations

from ledger.chats import AccountState, Role, SeenPerson
from ledger.links import SeenLink
from sandbox.invites import InviteLink
from tests.bot.conftest import Club, RunningBot


async def sweep(club: Club, bot: RunningBot) -> None:
    """Writes the world's links of the club into the ledger, as one whole sweep by the owner's account."""
    world, chat_id = club.telegram.world, club.chat.id
    people = [SeenPerson(p.id, p.name, p.username, p.is_bot) for p in world.people.values()]
    creators = [member.person_id for member in club.chat.admins()]
    await bot.ledger.chats.saw_people(people)
    await bot.ledger.chats.set_admins(chat_id, creators, told_by="account")
    await bot.ledger.chats.account_place(chat_id, Role.OWNER)
    await bot.ledger.programs.say(
        "userclient", AccountState.READY, person_id=club.vera.person.id, name_of_person=club.vera.person.name
    )
    await bot.ledger.sweeps.begin(chat_id, creators)
    every = world.invites.every(club.chat)
    for creator in creators:
        for revoked in (False, True):
            seen = [_seen(link) for link in every if link.creator_id == creator and link.revoked == revoked]
            await bot.ledger.sweeps.page_read(chat_id, creator, revoked, seen, count=len(seen), ended=True)
    await bot.ledger.sweeps.finish(chat_id)


async def number_of(club: Club, bot: RunningBot, link: InviteLink) -> int:
    found = await bot.ledger.links.find_by_link(club.chat.id, link.link)
    assert found is not None
    return found.number


def _seen(link: InviteLink) -> SeenLink:
    return SeenLink(
        link.link, link.creator_id, primary=link.permanent, approval=link.request_needed, revoked=link.revoked,
        title=link.title, created=link.date, expires=link.expire_date or None, limit=link.usage_limit,
        usage=link.usage, pending=len(link.requested),
    )  # fmt: skip
