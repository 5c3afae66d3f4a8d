"""The story: an evening of Invite Ledger, played by people who type and press.

Each step compares what a person sees with what the world holds, and raises WrongAnswer at the first
difference. Beside each step stands a lie: an answer of Telegram's, changed on its way, that the step
must notice.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from console import acts
from console.evening import NUMBER, WAIT, Evening, expect, lie, refusal
from sandbox.chats import Rights
from sandbox.faults import Fault, Kind
from sandbox.leaks import leaked_views, whole_links_in
from userclient.wire import allowed_names

LISTING = "messages.getExportedChatInvites"


async def claim(evening: Evening, link: str) -> None:
    """Before the first step: Vera becomes the host and has her chat served."""
    evening.transcript.tells("The programs run. The host, Vera, opens the claim link they printed.")
    await evening.vera.opens(link)
    await evening.reads(evening.vera, evening.story.bot, until=lambda screen: "Serve it" in screen.labels)
    await evening.presses(evening.vera, "Serve it", evening.story.bot)
    await evening.reads(evening.vera, evening.story.chat, until=lambda screen: "Ask with /invites" in screen)


def keeps_secrets(evening: Evening) -> None:
    """After the last: nobody but who asked saw a whole link, none lies in ledger, journal or log, and
    the account called nothing but what it may."""
    world = evening.telegram.world
    seen = leaked_views(world, evening.story.bot.id)
    expect(not seen, "whole links only before who asked for them", [view.chat_id for view in seen])
    kept = whole_links_in(evening.programs.folder, world)
    expect(not kept, "no whole link in any file", [path.name for path in kept])
    called = {call.method for call in evening.telegram.log.calls if call.face == "mtproto"}
    foreign = {method for method in called if not method.startswith("auth.")} - set(allowed_names("act"))
    expect(not foreign, "no call of the account outside its list", foreign)
    evening.transcript.tells("No one but who asked saw a whole link; ledger and log hold none in the open.")


# The steps. Each is a promise of the product, and fails when what a person sees is not so.


async def alone(evening: Evening) -> None:
    seen = await evening.asks(evening.vera, "/invites")
    expect("this bot's links" in seen.text, "what is known without an account, and what is not", seen)


async def whole(evening: Evening) -> None:
    story = evening.story
    await evening.programs.sign_in(evening.vera.person)
    evening.transcript.tells("Vera signs her account in: python -m console login")
    read = await evening.first_reading()
    evening.transcript.tells(f"The account reads the chat by itself: {read.readable} of {read.known} admins readable.")
    page = await evening.asks(evening.vera, "/invites")
    numbers = set(NUMBER.findall(page.text))
    pages = 1
    while "▶" in page.labels:
        page = await evening.presses(evening.vera, "▶", story.chat, silent=True)
        numbers |= set(NUMBER.findall(page.text))
        pages += 1
    evening.transcript.tells(f"… Vera pages on to the last, page {pages}:")
    evening.transcript.shows(story.bot.first_name, evening.place(evening.vera, story.chat), page)
    standing = len(evening.unrevoked())
    expect(len(numbers) == standing, f"{standing} links over all pages", f"{len(numbers)} links on {pages} pages")
    told = [screen.text for screen in evening.max.sees(story.chat) if NUMBER.search(screen.text)]
    expect(not told, "no link's number on the screen of a member", told)
    evening.transcript.sees_nothing("Max", evening.place(evening.max, story.chat))


async def made(evening: Evening) -> None:
    story, world = evening.story, evening.telegram.world
    before = {link.link for link in world.invites.every(story.chat)}
    echo = await evening.asks(evening.ann, "/invite new Spring ads 7d x10")
    fresh = [link for link in world.invites.every(story.chat) if link.link not in before]
    expect(len(fresh) == 1, "one new link at Telegram", f"{len(fresh)}")
    number = NUMBER.findall(echo.text)[0]
    expect("10 members" in echo.text, "10 members, as Ann asked", echo)
    await evening.kim.joins(fresh[0])
    evening.transcript.tells("Kim, who got the link from Ann, joins by it.")
    card = await evening.asks(evening.ann, f"/invite {number}")
    expect("1 joined" in card.text, "1 joined", card)
    expect("9 of 10" in card.text, "9 of 10 places left", card)


async def refused(evening: Evening) -> None:
    story = evening.story
    theirs = evening.one_of(evening.bob)
    number = await evening.number_of(theirs)
    card = await evening.asks(evening.ann, f"/invite {number}")
    expect("Show" not in card.labels, "no [Show] for another's link", card)
    expect("Bob" in card.text, "whose link it is", card)
    card = await evening.asks(evening.vera, f"/invite {number}", private=True)
    expect("Show" in card.labels, "the owner may see every link", card)
    shown = await evening.presses(evening.vera, "Show", story.bot)
    expect(theirs.link.removeprefix("https://") in shown.text, "the link as Telegram knows it", shown)
    async with evening.programs.ledger() as ledger:
        reveals = await ledger.links.reveals(story.chat.id)
    mine = [r for r in reveals if (r.number, r.person_id) == (number, evening.vera.person.id)]
    expect(len(mine) == 1, f"one reveal of #{number} to Vera in the ledger", reveals)
    at = time.strftime("%H:%M", time.gmtime(mine[0].at))
    evening.transcript.tells(f"In the ledger: #{number} was shown to Vera at {at}.")


async def revoked(evening: Evening) -> None:
    theirs = evening.one_of(evening.bob)
    number = await evening.number_of(theirs)
    await evening.bob.revokes(theirs)
    evening.transcript.tells(f"Bob revokes #{number} in the official app.")
    await evening.sweeps()
    card = await evening.asks(evening.vera, f"/invite {number}", private=True)
    expect("revoked" in card.text, f"#{number} is revoked", card)


async def flood(evening: Evening) -> None:
    story = evening.story
    evening.telegram.faults.plan(Fault(Kind.FLOOD, LISTING, value=evening.wait_told, skip=3))
    evening.vera_says("/sync")
    await evening.vera.sends("/sync", to=story.bot)
    began = time.time()
    waiting = await evening.reads(evening.vera, story.bot, until=lambda screen: "wait" in screen or "new" in screen)
    clocks = {time.strftime("%H:%M", time.gmtime(at + WAIT)) for at in (began, time.time() + 1)}
    expect(any(clock in waiting.text for clock in clocks), f"a wait until {' or '.join(clocks)}", waiting)
    status = await evening.asks(evening.vera, "/status", private=True)
    expect(any(clock in status.text for clock in clocks), f"a wait until {' or '.join(clocks)}", status)
    ended = await evening.reads(evening.vera, story.bot, until=lambda screen: "new" in screen)
    links = len(evening.telegram.world.invites.every(story.chat))
    expect(str(links) in ended.text, f"all {links} links, nothing lost", ended)


# The lies, one a step: Telegram's answer is changed on its way, and the step must notice.


def _a_plain_member(answer: Any) -> Any:
    return {"status": "member", "user": answer["user"]}


def _another_limit(answer: Any) -> Any:
    return answer | {"member_limit": answer["member_limit"] + 1}


def _nothing_revoked(answer: Any) -> Any:
    for link in answer.invites:
        link.revoked = None
    return answer


def one_link_less(evening: Evening) -> None:
    """No page holds Bob's link, and no count counts it."""
    victim = evening.one_of(evening.bob)

    def without(answer: Any) -> Any:
        if answer.invites and answer.invites[0].admin_id == victim.creator_id and not answer.invites[0].revoked:
            answer.count -= 1
        answer.invites = [link for link in answer.invites if link.link != victim.link]
        return answer

    lie(LISTING, without, times=0)(evening)


def ann_as_creator(evening: Evening) -> None:
    """An update that says her rights have changed ends what the bot remembers of them."""
    ann = evening.ann.person

    def raised(answer: Any) -> Any:
        if answer["user"]["id"] != ann.id:
            return answer
        return {"status": "creator", "user": answer["user"], "is_anonymous": False}

    lie("getChatMember", raised, times=0)(evening)
    evening.telegram.world.promote(evening.story.chat, ann, by=evening.story.owner, rights=Rights(change_info=False))


def a_longer_wait(evening: Evening) -> None:
    evening.wait_told = 600


@dataclass(frozen=True, slots=True)
class Step:
    """`read`: it builds on an account that has signed in and read the chat, which is the step `whole`."""

    name: str
    title: str
    play: Callable[[Evening], Awaitable[None]]
    lie: Callable[[Evening], None]
    read: bool = False


def steps_to(name: str) -> list[tuple[int, Step]]:
    """That step and those it builds on, each with its number in the story; all of them without a name."""
    end = next((step for step in STEPS if step.name == name), None)
    wanted = {step.name for step in STEPS} if end is None else {name, *(("whole",) if end.read else ())}
    return [(number, step) for number, step in enumerate(STEPS, 1) if step.name in wanted]


STEPS = (
    Step(
        "alone", "No account has signed in: what the bot knows by itself", alone, lie("getChatMember", _a_plain_member)
    ),
    Step("whole", "The owner's account signs in and reads every link", whole, one_link_less),
    Step("made", "Ann makes a link, and someone joins by it", made, lie("createChatInviteLink", _another_limit)),
    Step("refused", "Another's key is refused; the owner's look is noted", refused, ann_as_creator, read=True),
    Step(
        "revoked", "A link is revoked in the official app", revoked, lie(LISTING, _nothing_revoked, times=0), read=True
    ),
    Step(
        "acted",
        "The owner's account revokes another admin's link",
        acts.acted,
        lie("messages.getExportedChatInvite", acts.says_revoked, times=0),
        read=True,
    ),
    Step(
        "replaced",
        "A link that got about gets a new key, under its number",
        acts.replaced,
        lie("createChatInviteLink", acts.more_places, skip=1),
    ),
    Step(
        "tidied",
        "Dead links are revoked in one go",
        acts.tidied,
        refusal("revokeChatInviteLink", "INVITE_HASH_EXPIRED"),
        read=True,
    ),
    Step(
        "asked",
        "People ask to join, and are let in",
        acts.asked_in,
        refusal("approveChatJoinRequest", "HIDE_REQUESTER_MISSING"),
        read=True,
    ),
    Step(
        "raided",
        "A raid is ended: all who came by one link are banned",
        acts.raided,
        refusal("banChatMember", "PARTICIPANT_ID_INVALID"),
    ),
    Step("flood", "Telegram tells the account to wait, in the middle of a reading", flood, a_longer_wait, read=True),
)
