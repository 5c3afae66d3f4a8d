"""A chat with one person of each standing, and every way in which one of them can come to the bot about it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.callbacks import (
    ActPress,
    AnswerAllPress,
    AnswerPress,
    AskPress,
    CancelPress,
    CardAct,
    CardPress,
    ChatPress,
    ClearPress,
    ConfirmPress,
    DraftAct,
    DraftPress,
    ErasePress,
    ForgetPress,
    HistoryPress,
    Hosting,
    ListPress,
    ManyAct,
    ManyPress,
    ProvePress,
    RemoveAct,
    RemovePress,
    ReplacePress,
    RotatePress,
    SeriesAct,
    SeriesPress,
    SettingsAct,
    SettingsPress,
    TidyAct,
    TidyPress,
    UndoPress,
    WhoPress,
    WritePress,
)
from bot.drafts import Draft, written
from bot.handlers.chats import CHANNEL, GROUP
from bot.handlers.tidying import CLEAN, meant
from bot.start_links import Replay
from bot.wishes import NewLink
from ledger.batches import Batch, NewItem
from ledger.chats import Grant, SeenChat, Served
from ledger.errands import Act, Place
from ledger.joins import SeenJoin
from ledger.links import SeenLink
from sandbox import sharing
from sandbox.chats import Chat, Kind, Person, Rights
from sandbox.messages import Message
from sandbox.people import Actor
from tests.bot.turns import Turns

ADMINS = ("owner", "maker", "admin", *Grant)
ASKERS = ("powerless", "member", "stranger", "host", *reversed(ADMINS))  # the owner last: he may end it all
UPDATES = itertools.count(1)
NAMES = itertools.count(1)

# What one does: types a line, presses a button with that data, on that message or on one of his own, or
# something else, done already.
Way = Callable[["Scene", Actor], Any]


@dataclass
class Scene:
    """`numbers`: `own` of this bot's link for the maker, `old` of one that has ended, `admins` of the admin's own,
    `bots` of another bot's, `primary` of this bot's primary one. `masked` is an admin who writes as the group."""

    turns: Turns
    chat: Chat
    people: dict[str, Actor]
    masked: Person
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def bot(self) -> Person:
        return self.turns.club.bot

    async def links_anew(self) -> None:
        """Links nobody has touched yet; the maker's was changed once."""
        world, links, chat = self.turns.club.telegram.world, self.turns.ledger.links, self.chat
        maker = self.people["maker"].person
        own = world.invites.export(chat, self.bot, title="Spring", usage_limit=10).link
        plain = SeenLink(own, self.bot.id, title="Spring")
        made = await links.made(chat.id, plain, asked_by=maker.id, update_id=next(UPDATES))
        limited = SeenLink(own, self.bot.id, title="Spring", limit=10)
        await links.edited(made.id, limited, by=maker.id, how="bot", update_id=next(UPDATES))
        self.numbers["own"] = made.number
        key = world.invites.export(chat, self.bot, title="Old").link
        ended = SeenLink(key, self.bot.id, title="Old", expires=int(self.turns.desk.clock()) - 1)
        old = await links.made(chat.id, ended, asked_by=maker.id, update_id=next(UPDATES))
        self.numbers["old"] = old.number
        others = {"admins": ("Posters", self.people["admin"].person), "bots": ("Doors", self.turns.club.other_bot)}
        for name, (title, creator) in others.items():
            link = SeenLink(world.invites.export(chat, creator, title=title).link, creator.id, title=title)
            at = int(self.turns.desk.clock())
            known = await links.seen_in_update(SeenJoin(chat.id, maker.id, at, next(UPDATES), link))
            assert known is not None
            self.numbers[name] = known.number
        standing = SeenLink(world.invites.primary(chat, self.bot).link, self.bot.id, primary=True)
        self.numbers["primary"] = (await links.noticed(chat.id, standing)).number


async def scene_of(turns: Turns, kind: Kind) -> Scene:
    """The bot is an admin there; all have started it and ask about this chat."""
    world, club = turns.club.telegram.world, turns.club
    people = {name: world.add_person(name.capitalize()) for name in ASKERS}
    owner = people["owner"]
    username = None if kind is Kind.GROUP else f"go_club_{next(NAMES)}"
    chat = world.add_chat("Go club", owner, kind=kind, username=username)
    for name in ADMINS[1:]:
        world.promote(chat, people[name], by=owner)
    world.promote(chat, people["powerless"], by=owner, rights=Rights(invite_users=False))
    world.join(chat, people["member"])
    masked = world.add_person("Masked")
    world.promote(chat, masked, by=owner, rights=Rights(anonymous=True))
    for bot in (club.bot, club.other_bot):
        world.promote(chat, bot, by=owner)
    for person in people.values():
        world.messages.send(world.dialog(person, club.bot), person, "/help")
    await turns.serves(chat)
    await turns.all_come()
    for grant in Grant:
        await turns.ledger.chats.grant(chat.id, people[grant].id, grant, on=True, by=owner.id)
    for person in people.values():
        await turns.desk.access.choose(person.id, chat.id)
    await becomes_host(turns, people["host"])
    scene = Scene(turns, chat, {name: club.telegram.person(person) for name, person in people.items()}, masked)
    await scene.links_anew()
    return scene


async def becomes_host(turns: Turns, person: Person) -> None:
    await turns.ledger.host.claim(await turns.ledger.host.new_claim(), person.id)
    turns.desk.access.forget_host()


# Buttons


def on(act: CardAct, what: str) -> Way:
    return lambda scene, who: CardPress(act=act, chat=scene.chat.id, number=scene.numbers[what]).pack()


def a(kind: type[Any], **fields: Any) -> Way:
    """Any press that names no more than its chat."""
    return lambda scene, who: kind(chat=scene.chat.id, **fields).pack()


def yes(scene: Scene, who: Actor, what: str) -> str:
    """As valid a yes as he could have been given."""
    desk = scene.turns.desk
    return desk.confirmations.ask(who.person.id, scene.chat.id, what, now=desk.clock())


def revoking(scene: Scene, who: Actor) -> str:
    number = scene.numbers["own"]
    once = yes(scene, who, f"revoke {number}")
    return ConfirmPress(chat=scene.chat.id, number=number, person=who.person.id, once=once).pack()


def replacing(scene: Scene, who: Actor) -> str:
    number = scene.numbers["primary"]
    once = yes(scene, who, f"replace {number}")
    return ReplacePress(chat=scene.chat.id, number=number, person=who.person.id, once=once).pack()


async def dead(scene: Scene, who: Actor) -> Batch | None:
    """His draft of tidying up a dead link of the maker's; there is none where the chat is not known."""
    turns, chat = scene.turns, scene.chat
    if await turns.ledger.chats.get(chat.id) is None:
        return None
    old = await turns.ledger.links.find(chat.id, scene.numbers["old"])
    assert old is not None
    return await turns.ledger.batches.draft(CLEAN, chat.id, asked_by=who.person.id, items=[NewItem(old.id)])


def tidying(act: TidyAct) -> Way:
    async def way(scene: Scene, who: Actor) -> str:
        draft = await dead(scene, who)
        items = await scene.turns.ledger.batches.items(draft.id) if draft else []
        once, row = yes(scene, who, meant(CLEAN, items)), draft.id if draft else 1
        return TidyPress(act=act, chat=scene.chat.id, row=row, once=once).pack()

    return way


def removing(act: RemoveAct) -> Way:
    """Of his draft, in which nobody is."""

    async def way(scene: Scene, who: Actor) -> str:
        batches, chat = scene.turns.ledger.batches, scene.chat
        row, once = 1, yes(scene, who, meant("remove", []))
        if act == RemoveAct.OPEN:
            row = scene.numbers["own"]
        elif await scene.turns.ledger.chats.get(chat.id) is not None:
            row = (
                await batches.draft(
                    "remove", chat.id, asked_by=who.person.id, items=[], wish={"number": scene.numbers["own"]}
                )
            ).id
        return RemovePress(act=act, chat=chat.id, row=row, once=once).pack()

    return way


async def stopping(scene: Scene, who: Actor) -> str:
    """What he had begun, and nothing in it is done yet."""
    draft = await dead(scene, who)
    if draft is not None:
        await scene.turns.ledger.batches.choose(
            draft.id, [one.id for one in await scene.turns.ledger.batches.items(draft.id)], chosen=False
        )
        await scene.turns.ledger.batches.begin(draft.id, place=None)
    return ManyPress(act=ManyAct.STOP, chat=scene.chat.id, row=draft.id if draft else 1).pack()


def rotating(scene: Scene, who: Actor) -> str:
    number = scene.numbers["own"]
    once = yes(scene, who, f"rotate {number} 0")
    return RotatePress(chat=scene.chat.id, number=number, person=who.person.id, nth=0, once=once).pack()


def undoing(scene: Scene, who: Actor) -> str:
    return UndoPress(chat=scene.chat.id, number=scene.numbers["own"], change=1).pack()


def history(scene: Scene, who: Actor) -> str:
    return HistoryPress(chat=scene.chat.id, number=scene.numbers["own"]).pack()


def drafting(act: DraftAct, value: int = 0, *, of: str = "") -> Way:
    """A press for a draft of his own, of a new link or of a change."""

    async def press(scene: Scene, who: Actor) -> str:
        draft = Draft(scene.numbers[of], limit=60) if of else Draft(opened=next(UPDATES), name="Party")
        return DraftPress(chat=scene.chat.id, act=act, row=await drafted(scene, who, draft), value=value).pack()

    return press


async def drafted(scene: Scene, who: Actor, draft: Draft) -> int:
    if await scene.turns.ledger.chats.get(scene.chat.id) is None:
        return 1
    return await scene.turns.ledger.links.search_id(scene.chat.id, who.person.id, written(draft))


async def many(scene: Scene, who: Actor) -> str:
    """The yes to two links of his own."""
    row = 1
    if await scene.turns.ledger.chats.get(scene.chat.id) is not None:
        items = [NewItem(wish={"title": f"Flyer {n}"}) for n in (1, 2)]
        wish = {"first": 1, "last": 2, "each": asdict(NewLink("Flyer"))}
        drafted = await scene.turns.ledger.batches.draft(
            "series", scene.chat.id, asked_by=who.person.id, items=items, wish=wish
        )
        row = drafted.id
    return SeriesPress(chat=scene.chat.id, act=SeriesAct.YES, row=row).pack()


async def replaying_draft(scene: Scene, who: Actor) -> str:
    row = await drafted(scene, who, Draft(opened=next(UPDATES)))
    return "/start " + Replay("draft", scene.chat.id, row).payload()


async def naming(scene: Scene, who: Actor) -> str:
    """The answer to the question for a name."""
    row, here = await drafted(scene, who, Draft(opened=next(UPDATES))), Place(who.person.id, 1)
    body = {"chat": scene.chat.id, "row": row, "field": "n", "place": asdict(here), "at": int(scene.turns.clock.now)}
    await scene.turns.ledger.chats.await_words(who.person.id, json.dumps(body))
    return "Party"


def giving(scene: Scene, who: Actor) -> str:
    admin = scene.people["admin"].person.id
    return SettingsPress(chat=scene.chat.id, act=SettingsAct.TAKE, person=admin, what=Grant.SEE).pack()


async def erasing(scene: Scene, who: Actor) -> str:
    known = await scene.turns.ledger.chats.get(scene.chat.id)
    links = len(await scene.turns.ledger.links.export(scene.chat.id, every=True)) if known else 0
    return ErasePress(chat=scene.chat.id, links=links, once=yes(scene, who, f"erase {links}")).pack()


def forgetting(scene: Scene, who: Actor) -> str:
    return ForgetPress(chat=scene.chat.id, person=424242, once=yes(scene, who, "forget 424242")).pack()


def acting_on(what: str) -> Way:
    """Yes to what only an account could do."""

    def way(scene: Scene, who: Actor) -> str:
        number = scene.numbers[what]
        once = yes(scene, who, f"account revoke {number}")
        press = ActPress(chat=scene.chat.id, act=Act.REVOKE, number=number, person=who.person.id, once=once)
        return press.pack()

    return way


async def calling_back(scene: Scene, who: Actor) -> str:
    """What the maker asked of an account."""
    errands, errand_id = scene.turns.ledger.errands, 10**6
    if await scene.turns.ledger.chats.get(scene.chat.id) is not None:
        asked_by = scene.people["maker"].person.id
        errand_id = (await errands.ask(Act.CLEAR, scene.chat.id, asked_by=asked_by, about=asked_by))[0].id
    return CancelPress(chat=scene.chat.id, errand=errand_id).pack()


async def choosing(scene: Scene, who: Actor) -> str:
    """One meaning of what could mean several things, kept for him."""
    line = f"/invite {scene.numbers['own']} x60"
    row = 1
    if await scene.turns.ledger.chats.get(scene.chat.id) is not None:
        row = await scene.turns.ledger.links.search_id(scene.chat.id, who.person.id, line)
    return AskPress(chat=scene.chat.id, row=row).pack()


async def proving(scene: Scene, who: Actor) -> tuple[Message, str] | None:
    """The line below a question that an anonymous admin typed as the group."""
    as_group(scene, who)
    await scene.turns.all_come()
    for message in reversed(scene.chat.messages.values()):
        data = next((str(b["callback_data"]) for b in message.buttons if b.get("callback_data", "")[:1] == "v"), "")
        if data and not message.deleted and message.sender_id == scene.bot.id:
            return message, data
    return None


def hosting(act: str) -> Way:
    """About a chat that waits for the host's answer."""

    async def answer(scene: Scene, who: Actor) -> str:
        world = scene.turns.club.telegram.world
        waiting = world.add_chat("Waiting room", scene.people["owner"].person)
        world.promote(waiting, scene.bot, by=scene.people["owner"].person)
        await scene.turns.all_come()
        await scene.turns.ledger.chats.saw(SeenChat(waiting.id, waiting.title, "supergroup"))
        await scene.turns.ledger.chats.serve(waiting.id, Served.ASKED)
        return Hosting(act=act, chat=waiting.id).pack()

    return answer


def clearing(scene: Scene, who: Actor) -> str:
    """There is no account that could."""
    return ClearPress(chat=scene.chat.id, whose=scene.people["maker"].person.id).pack()


def of_joiners(scene: Scene, who: Actor) -> str:
    return WhoPress(chat=scene.chat.id, number=scene.numbers["own"]).pack()


def older_joiners(whose: str) -> Way:
    return lambda scene, who: WhoPress(chat=scene.chat.id, number=scene.numbers[whose], older=True).pack()


async def request(scene: Scene, who: Actor) -> int:
    """The row of somebody's request that has just come; any other where the chat is not known."""
    turns, chat, world = scene.turns, scene.chat, scene.turns.club.telegram.world
    person = world.add_person(f"Guest {next(NAMES)}")
    owner = scene.people["owner"].person
    link = world.invites.export(chat, owner, title="Guests", request_needed=True)
    await turns.club.telegram.person(person).joins(link)
    await turns.all_come()
    rows = [] if await turns.ledger.chats.get(chat.id) is None else (await turns.ledger.requests.waiting(chat.id)).rows
    return rows[0].id if rows else 1


async def answering(scene: Scene, who: Actor) -> str:
    return AnswerPress(chat=scene.chat.id, row=await request(scene, who), yes=True).pack()


async def answering_all(scene: Scene, who: Actor) -> str:
    await request(scene, who)
    return AnswerAllPress(chat=scene.chat.id, number=0, yes=True).pack()


async def writing(scene: Scene, who: Actor) -> str:
    return WritePress(chat=scene.chat.id, row=await request(scene, who)).pack()


async def relaying(scene: Scene, who: Actor) -> None:
    world, data = scene.turns.club.telegram.world, await writing(scene, who)
    here = world.dialog(who.person, scene.bot)
    button = {"text": "How long?", "callback_data": data}
    shown = world.messages.send(here, scene.bot, "…", keyboard={"inline_keyboard": [[button]]})
    world.messages.send(here, who.person, "Who told you of us?", reply_to=shown.id)


# Lines


async def claiming(scene: Scene, who: Actor) -> str:
    return f"/start claim_{await scene.turns.ledger.host.new_claim()}"


def replaying(what: str, number: str = "") -> Way:
    return lambda scene, who: "/start " + Replay(what, scene.chat.id, scene.numbers.get(number, 0)).payload()


def a_line(text: str) -> Way:
    return lambda scene, who: text.format(username=scene.chat.username, **scene.numbers)


def cancelling(scene: Scene, who: Actor) -> str:
    yes(scene, who, "anything")
    return "/cancel"


async def hello(scene: Scene, who: Actor) -> str:
    """A stranger is answered once an hour."""
    scene.turns.clock.now += 3601
    return "hello"


# Else


def as_group(scene: Scene, who: Actor) -> None:
    scene.turns.club.telegram.world.messages.send(scene.chat, scene.masked, "/invites@invite_ledger_bot")


def replying(scene: Scene, who: Actor) -> None:
    world = scene.turns.club.telegram.world
    button = {"text": "◀", "callback_data": ListPress(chat=scene.chat.id).pack()}
    here = world.dialog(who.person, scene.bot)
    shown = world.messages.send(here, scene.bot, "…", keyboard={"inline_keyboard": [[button]]})
    world.messages.send(here, who.person, "spring", reply_to=shown.id)


def forwarding(scene: Scene, who: Actor) -> None:
    """A post of the channel, which anyone may have been handed on."""
    world, owner = scene.turns.club.telegram.world, scene.people["owner"].person
    post = world.messages.send(scene.chat, owner, "News")
    given = world.messages.forward(post, owner, world.dialog(owner, who.person))
    world.messages.forward(given, who.person, world.dialog(who.person, scene.bot))


def picking(scene: Scene, who: Actor) -> None:
    """With Telegram's picker, or a client that names what the picker would not offer."""
    world = scene.turns.club.telegram.world
    asking = world.messages.send(world.dialog(who.person, scene.bot), scene.bot, "…")
    request = {"request_id": CHANNEL if scene.chat.kind is Kind.CHANNEL else GROUP}
    sharing.share(world, asking, who.person, request, scene.chat)


def the_chat(scene: Scene, who: Actor) -> str:
    return ChatPress(chat=scene.chat.id).pack()


def no_question(scene: Scene, who: Actor) -> str:
    return ProvePress(chat=scene.chat.id, question=1).pack()
