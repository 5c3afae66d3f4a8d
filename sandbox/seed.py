"""The default world: one supergroup with 250 invite links by all who may make them, and people around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.chats import Chat, Kind, Person, Rights
from sandbox.invites import InviteLink
from sandbox.world import World

LINKS = 250
HOUR, DAY = 3600, 86_400
NAMES = (
    "Spring ads", "Newsletter", "Poster in the hall", "Partner club", "Open day", "Web site", "Tournament",
    "Beginners", "Old members", "QR on the door", "Radio", "School", "Summer camp", "Friends of Bob", "Café Central",
)  # fmt: skip
ASKERS = (
    ("Iva", "Club player, rated 1650"), ("Jon", ""), ("Kai", "I teach beginners"), ("Lea", "Found you at the open day"),
    ("Moe", "Crypto signals, write me!"), ("Nia", ""), ("Oto", "Endgames only"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """`links` are all of the chat, primaries too; `outsiders` are in no chat."""

    owner: Person
    admins: list[Person]
    bot: Person
    other_bot: Person
    member: Person
    outsiders: list[Person]
    chat: Chat
    links: list[InviteLink]

    @property
    def people(self) -> list[Person]:
        return [self.owner, *self.admins, self.member, *self.outsiders]


def story_world(world: World) -> Story:
    """Vera owns the Chess club; Ann, Bob and two bots administer it; Max is a member. Of
    those in no chat, Ida has a password, and Pia's account lives on the other data centre."""
    with _at(world, world.now() - 60 * DAY):
        owner = world.add_person("Vera", last_name="Lind", username="vera_lind")
        ann = world.add_person("Ann", username="ann_chess")
        bob = world.add_person("Bob", last_name="Moor")
        member = world.add_person("Max")
        outsiders = [world.add_person(name) for name in ("Kim", "Zed", "Lou", "Tom")]
        outsiders.append(world.add_person("Ida", password="queen's gambit"))  # noqa: S106
        outsiders.append(world.add_person("Pia", home_dc=4))
        bot = world.add_bot("Invite Ledger", "invite_ledger_bot")
        other_bot = world.add_bot("Door Keeper", "door_keeper_bot")
        chat = world.add_chat("Chess club", owner)
        world.join(chat, member)
        for admin in (ann, bob, bot, other_bot):
            world.promote(chat, admin, by=owner, rights=Rights(pin_messages=False))
    creators = [owner, ann, bob, other_bot]
    primaries = len(world.invites.every(chat))
    for number in range(LINKS - primaries):
        _add_link(world, chat, creators[number % len(creators)], number)
    _ask_in(world, chat)
    world.promote(chat, bot, by=owner)  # a fresh right: the bot finds an update that names the chat
    return Story(owner, [ann, bob], bot, other_bot, member, outsiders, chat, world.invites.every(chat))


@dataclass(frozen=True, slots=True)
class Surface:
    """The story, and around its people a chat of each further kind."""

    story: Story
    basic: Chat
    forum: Chat
    channel: Chat
    discussion: Chat
    public: Chat


def surface_world(world: World) -> Surface:
    """The default world, and five chats more that Vera owns and Ann and the bot administer: a basic group, a
    forum with two topics, a channel with its discussion group, and a public group, with a few links each."""
    story = story_world(world)
    vera, ann = story.owner, story.admins[0]
    with _at(world, world.now() - 30 * DAY):
        basic = world.add_chat("Chess parents", vera, kind=Kind.GROUP)
        forum = world.add_chat("Chess workshop", vera, is_forum=True)
        channel = world.add_chat("Chess news", vera, kind=Kind.CHANNEL)
        discussion = world.add_chat("Chess talk", vera)
        public = world.add_chat("Chess in the park", vera, username="chess_in_the_park")
        world.link_discussion(channel, discussion, by=vera)
        for title in ("Openings", "Endgames"):
            world.make_topic(forum, vera, title)
    for chat in (basic, forum, channel, discussion, public):
        world.join(chat, story.member)
        for admin in (ann, story.bot):
            world.promote(chat, admin, by=vera, rights=Rights(pin_messages=False))
        for maker in (vera, ann, story.bot):
            world.invites.export(chat, maker, title=f"By {maker.first_name}")
    return Surface(story, basic, forum, channel, discussion, public)


def _add_link(world: World, chat: Chat, creator: Person, number: int) -> None:
    """Every third was made in one second of the same evening, the others an hour apart."""
    now = world.now()
    made = now - 20 * DAY if number % 3 == 0 else now - 50 * DAY + number * HOUR
    title = f"{NAMES[number % len(NAMES)]} {number // len(NAMES) + 1}" if number % 4 else ""
    approval = number % 9 == 4
    limit = 0 if approval or number % 2 else 10 + number % 90
    ends = {0: now - DAY, 3: now + 30 * DAY}.get(number % 7, 0)
    with _at(world, made):
        link = world.invites.export(
            chat, creator, title=title, expire_date=ends, usage_limit=limit, request_needed=approval
        )
    link.usage = limit if limit and number % 5 == 2 else number % 8
    if number % 6 == 5:
        with _at(world, now - 10 * DAY):
            world.invites.edit(chat, creator, link.link, revoked=True)


def _ask_in(world: World, chat: Chat) -> None:
    """People wait behind approval links, asked for longer ago than bots are told of."""
    open_links = [link for link in world.invites.every(chat) if link.request_needed and not link.revoked]
    usable = [link for link in open_links if not link.expire_date or link.expire_date > world.now()]
    with _at(world, world.now() - 3 * DAY):
        for number, (name, bio) in enumerate(ASKERS):
            asker = world.add_person(name)
            asker.about = bio
            world.requests.ask(chat, asker, usable[number // 3])


@contextmanager
def _at(world: World, when: int) -> Iterator[None]:
    """Does what is inside as if the world's time were `when`."""
    clock, world.clock = world.clock, lambda: float(when)
    try:
        yield
    finally:
        world.clock = clock
