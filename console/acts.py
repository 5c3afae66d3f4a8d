"""The second half of the story: what is done with links, whoever made them, and with people who came by them."""

from __future__ import annotations

from typing import Any

from console.evening import NUMBER, Evening, expect
from sandbox.chats import Refusal
from sandbox.invites import InviteLink
from sandbox.people import Screen

RAIDERS = 12


async def acted(evening: Evening) -> None:
    """Another admin's link, which this bot cannot revoke."""
    story = evening.story
    await lets_the_account_act(evening)
    theirs = evening.one_of(evening.bob)
    number = await evening.number_of(theirs)
    await evening.asks(evening.vera, f"/invite {number}", private=True)
    question = await evening.presses(evening.vera, "Revoke", story.bot)
    expect("the account's name" in question.text.replace("\n", " "), "whose name Telegram's log will show", question)
    await evening.presses(evening.vera, f"Revoke #{number}", story.bot)
    ended = await evening.reads(evening.vera, story.bot, until=lambda screen: "Asked" not in screen.text)
    expect(theirs.revoked, f"#{number} revoked at Telegram", ended)
    by = [effect.by for effect in evening.telegram.log.effects if effect.what.get("link") == theirs.link][-1]
    expect(by == evening.vera.person.id, "the owner's account as who revoked it", by)


async def replaced(evening: Evening) -> None:
    """A link whose key got about: a new one under its number."""
    story = evening.story
    old, number = await made_by(evening, "Poster", "30d x50")
    await evening.person("Eve").joins(old)
    await evening.joins_are_noted(number, 1)
    evening.transcript.tells("Eve joins by it; then the poster is photographed, and strangers have the link.")
    await evening.asks(evening.vera, f"/invite {number} rotate", private=True)
    card = await evening.presses(evening.vera, f"Rotate #{number}", story.bot)
    expect("49 of 50" in card.text, "49 of 50 places left", card)
    new = next(link for link in evening.unrevoked() if link.title == old.title)
    try:
        await evening.person("Uma").joins(old)
    except Refusal as why:
        evening.transcript.tells(f"Uma tries the old one: Telegram answers {why.name}.")
    else:
        expect(False, "the old link to let nobody in", "it let Uma in")
    await evening.person("Uma").joins(new)
    await evening.joins_are_noted(number, 2)
    evening.transcript.tells("Uma joins by the new one.")
    card = await evening.asks(evening.vera, f"/invite {number}", private=True)
    expect("2 joined" in card.text, f"2 joined by #{number}, by either key", card)
    expect("48 of 50" in card.text, "48 of 50 places left", card)


async def tidied(evening: Evening) -> None:
    """Dead links go in one go."""
    story = evening.story
    await lets_the_account_act(evening)
    for title, who in (("Trial evening", "Nik"), ("Trial morning", "Oli")):
        link, number = await made_by(evening, title, "x1", silent=True)
        await evening.person(who).joins(link)
        await evening.joins_are_noted(number, 1)
    evening.transcript.tells("Two links of one place each are used up; others have stood full for weeks.")
    before = {link.link for link in evening.unrevoked()}
    page = await evening.asks(evening.vera, "/clean", private=True)
    for rule in [label for label in page.labels if label.startswith("☑") and "full" not in label]:
        page = await evening.presses(evening.vera, rule, story.bot)
    label = _labelled(page, "Revoke")
    count = int(label.split()[1])
    expect(count >= 2, "the two that are used up among the chosen", page)
    await evening.presses(evening.vera, label, story.bot)
    await evening.presses(evening.vera, label, story.bot)
    ended = await evening.reads(evening.vera, story.bot, until=lambda screen: "Stop" not in screen.labels)
    gone = before - {link.link for link in evening.unrevoked()}
    expect(len(gone) == count, f"{count} links revoked at Telegram", f"{len(gone)}; {ended}")
    expect(str(count) in ended.text, f"a report of {count}", ended)


async def asked_in(evening: Evening) -> None:
    """Who asks to join is seen, with what speaks for and against."""
    story = evening.story
    await lets_the_account_act(evening)
    link, number = await made_by(evening, "Tournament", "ask", silent=True)
    for name, bio in (("Zed", "Played for Riga"), ("Tom", ""), ("Ida", "A friend of Ann's")):
        evening.person(name).person.about = bio
        await evening.person(name).joins(link)
    await evening.requests_are_noted(3, number)
    evening.transcript.tells(f"#{number} needs an admin's yes. Zed, Tom and Ida ask to join by it.")
    page = await evening.asks(evening.vera, f"/requests {number}", private=True)
    expect("Riga" in page.text, "what Zed says of himself", page)
    page = await evening.presses(evening.vera, "✓ Zed", story.bot)
    expect(story.chat.present(evening.person("Zed").person.id), "Zed in the chat", page)
    await evening.presses(evening.vera, "✓ all", story.bot)
    await evening.presses(evening.vera, "Let in 2", story.bot)
    ended = await evening.reads(evening.vera, story.bot, until=lambda screen: "Stop" not in screen.labels)
    absent = [name for name in ("Tom", "Ida") if not story.chat.present(evening.person(name).person.id)]
    expect(not absent, "Tom and Ida in the chat", f"{', '.join(absent)} outside; {ended}")


async def raided(evening: Evening) -> None:
    """A link in the wrong hands, ended with all it let in."""
    story = evening.story
    link, number = await made_by(evening, "Open house", "7d", silent=True)
    raiders = [evening.person(f"Stranger{n}") for n in range(1, RAIDERS + 1)]
    for raider in raiders:
        await raider.joins(link)
    evening.transcript.tells(f"{RAIDERS} strangers come by #{number} within a minute.")
    members = [who for who in story.chat.members if story.chat.present(who)]
    await evening.joins_are_noted(number, RAIDERS)
    page = await evening.asks(evening.vera, f"/invite {number} remove since 1h", private=True)
    label = f"Ban {RAIDERS}"
    expect(label in page.labels, f"[{label}], and nobody else", page)
    await evening.presses(evening.vera, label, story.bot)
    await evening.presses(evening.vera, label, story.bot)
    ended = await evening.reads(evening.vera, story.bot, until=lambda screen: "Stop" not in screen.labels)
    left = [raider.name for raider in raiders if story.chat.present(raider.person.id)]
    expect(not left, f"all {RAIDERS} out of the chat", f"{', '.join(left)} still there; {ended}")
    others = set(members) - {raider.person.id for raider in raiders}
    expect(all(map(story.chat.present, others)), "everybody else still in the chat", "somebody else is gone")


async def lets_the_account_act(evening: Evening) -> None:
    """The host's choice for this chat, once."""
    chat, bot = evening.story.chat, evening.story.bot
    async with evening.programs.ledger() as ledger:
        known = await ledger.chats.get(chat.id)
    if known is not None and known.account_acts:
        return
    page = await evening.asks(evening.vera, "/account", private=True)
    await evening.presses(evening.vera, _labelled(page, chat.title), bot)
    await evening.presses(evening.vera, "Let it act here", bot)


async def made_by(evening: Evening, title: str, options: str, *, silent: bool = False) -> tuple[InviteLink, int]:
    """A link that Vera has the bot make; its number."""
    told = evening.transcript.says if not silent else None
    words = f"/invite new {title} {options}"
    if told is None:
        await evening.vera.sends(words, to=evening.story.bot)
        echo = await evening.reads(evening.vera, evening.story.bot, silent=True)
    else:
        echo = await evening.asks(evening.vera, words, private=True)
    link = next(link for link in evening.unrevoked() if link.title == title)
    return link, int(NUMBER.findall(echo.text)[0])


def _labelled(screen: Screen, word: str) -> str:
    found = [label for label in screen.labels if word in label]
    expect(bool(found), f"a button [{word}]", screen)
    return found[0]


# The lies


def says_revoked(answer: Any) -> Any:
    """Of a link that is read before it is changed."""
    answer.invite.revoked = True
    return answer


def more_places(answer: Any) -> Any:
    return answer | {"member_limit": answer["member_limit"] + 1}
