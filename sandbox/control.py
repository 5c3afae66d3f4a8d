"""The sandbox's own HTTP face under /sandbox/: moves the world from outside and reads its log.

For programs that cannot hold the world in their own process. Served on the Bot API's port, which
listens on loopback only.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.chats import Chat, Person, Refusal, Rights, Topic
from sandbox.faults import Fault, Kind
from sandbox.invites import InviteLink
from sandbox.log import Call, Effect, View, as_json
from sandbox.messages import Message
from sandbox.people import Actor, NothingCame, Screen

if TYPE_CHECKING:
    from sandbox.telegram import Sandbox

Json = dict[str, Any]
LINK_CHANGES = ("title", "expire_date", "usage_limit", "request_needed")
LINK_OPTIONS = (*LINK_CHANGES, "period", "price")


class Control:
    """GET log?after=N (entries, oldest first, with their numbers), POST and DELETE faults,
    POST mode {"ephemeral": "new" | "old" | "refusing"}, POST act {"person", "verb", …}."""

    def __init__(self, telegram: Sandbox) -> None:
        self._telegram = telegram
        self._world = telegram.world
        self._entries: list[Call | Effect | View] = []
        telegram.log.watchers.append(self._entries.append)
        telegram.bot_api.app.add_routes(
            [
                web.get("/sandbox/log", self._log),
                web.post("/sandbox/faults", self._plan),
                web.delete("/sandbox/faults", self._clear),
                web.post("/sandbox/mode", self._mode),
                web.post("/sandbox/act", self._act),
            ]
        )

    async def _log(self, request: web.Request) -> web.Response:
        try:
            after = int(request.query.get("after", "0"))
        except ValueError:
            return _refused("after is a number")
        fresh = enumerate(self._entries[after:], start=after + 1)
        return _answer([{"number": n} | as_json(entry) for n, entry in fresh])

    async def _plan(self, request: web.Request) -> web.Response:
        try:
            given = await _given(request)
            self._telegram.faults.plan(Fault(**given | {"kind": Kind(given["kind"])}))
        except (ValueError, TypeError, KeyError) as error:
            return _refused(str(error))
        return _answer(True)

    async def _clear(self, _request: web.Request) -> web.Response:
        self._telegram.faults.clear()
        return _answer(True)

    async def _mode(self, request: web.Request) -> web.Response:
        mode = (await _given(request)).get("ephemeral")
        if mode not in ("new", "old", "refusing"):
            return _refused("ephemeral is new, old or refusing")
        self._telegram.bot_api.ephemeral = mode
        return _answer(True)

    async def _act(self, request: web.Request) -> web.Response:
        """The verbs of `Actor`, as docs/sandbox.md lists them. Chats and people are named by id, title, name
        or username, messages by `message` (an id) and `in`, topics by title."""
        given = await _given(request)
        try:
            return _answer(await self._do(self._telegram.person(given["person"]), given["verb"], given))
        except KeyError as missing:
            return _refused(f"missing or unknown: {missing.args[0]}")
        except Refusal as refusal:
            return _refused(refusal.name)
        except TypeError as error:
            return _refused(str(error))
        except NothingCame as nothing:
            return _refused(str(nothing))

    async def _do(self, actor: Actor, verb: str, given: Json) -> Any:
        match verb:
            case "sends" | "posts" | "asks" | "edits" | "forwards":
                return await self._write(actor, verb, given)
            case "presses" | "shares_chat" | "opens" | "scans":
                return await self._touch(actor, verb, given)
            case "sees":
                return [_shown(screen) for screen in actor.sees(self._where(given["in"]))]
            case "joins" | "makes_link" | "revokes" | "edits_link" | "deletes_link" | "deletes_revoked":
                return await self._use_links(actor, verb, given)
            case "upgrades" | "makes_topic" | "deletes_topic" | "links_discussion" | "hides" | "hands_over":
                return await self._arrange(actor, verb, given)
        return await self._move(actor, verb, given)

    async def _write(self, actor: Actor, verb: str, given: Json) -> int | None:
        match verb:
            case "sends":
                where = self._where(given["to"])
                sent = await actor.sends(
                    given["text"],
                    to=where,
                    reply_to=self._message(actor, where, given["reply_to"]) if "reply_to" in given else None,
                    as_group=bool(given.get("as_group")),
                    as_channel=self._chat(given["as_channel"]) if "as_channel" in given else None,
                    topic=_topic(self._chat(given["to"]), given["topic"]) if "topic" in given else None,
                )
            case "posts":
                sent = await actor.posts(self._chat(given["chat"]), given["text"])
            case "asks":
                chat, bot = self._chat(given["in"]), self._person(given["bot"])
                topic = _topic(chat, given["topic"]) if "topic" in given else None
                return (await actor.asks(given["text"], in_=chat, bot=bot, topic=topic)).ephemeral_id
            case "edits":
                said = self._message(actor, self._where(given["in"]), given["message"])
                sent = await actor.edits(said, given["text"])
            case _:
                said = self._message(actor, self._where(given["in"]), given["message"])
                sent = await actor.forwards(said, to=self._where(given["to"]))
        return sent.id

    async def _touch(self, actor: Actor, verb: str, given: Json) -> Any:
        match verb:
            case "presses":
                where = self._where(given["in"]) if "in" in given else None
                return asdict(await actor.presses(given["label"], in_=where))
            case "shares_chat":
                where = self._where(given["in"]) if "in" in given else None
                return (await actor.shares_chat(given["label"], self._chat(given["chat"]), in_=where)).id
            case "opens":
                chat = self._chat(given["in"]) if "in" in given else None
                sent = await actor.opens(given["url"], in_=chat)
                return sent.id if sent else True
        self._telegram.mtproto.scans(actor.person, given["url"])
        return True

    async def _arrange(self, actor: Actor, verb: str, given: Json) -> Any:
        match verb:
            case "upgrades":
                return (await actor.upgrades(self._chat(given["chat"]))).id
            case "makes_topic":
                return (await actor.makes_topic(self._chat(given["chat"]), given["title"])).id
            case "deletes_topic":
                chat = self._chat(given["chat"])
                await actor.deletes_topic(chat, _topic(chat, given["title"]))
            case "links_discussion":
                group = self._chat(given["group"]) if given.get("group") is not None else None
                await actor.links_discussion(self._chat(given["channel"]), group)
            case "hides":
                await actor.hides(in_=self._chat(given["chat"]), hidden=bool(given.get("hidden", True)))
            case "hands_over":
                await actor.hands_over(self._chat(given["chat"]), to=self._person(given["to"]))
        return True

    async def _use_links(self, actor: Actor, verb: str, given: Json) -> Any:
        match verb:
            case "joins":
                where = self._chat(given["chat"]) if "chat" in given else given["link"]
                return await actor.joins(where, bio=given.get("bio"), pays=bool(given.get("pays")))
            case "makes_link":
                options = {name: given[name] for name in LINK_OPTIONS if name in given}
                return (await actor.makes_link(self._chat(given["chat"]), **options)).link
            case "revokes":
                await actor.revokes(self._link(given["link"]))
            case "edits_link":
                changes = {name: given[name] for name in LINK_CHANGES if name in given}
                await actor.edits_link(self._link(given["link"]), **changes)
            case "deletes_link":
                await actor.deletes_link(self._link(given["link"]))
            case "deletes_revoked":
                await actor.deletes_revoked(self._chat(given["chat"]), of=self._person(given["of"]))
        return True

    async def _admit(self, actor: Actor, verb: str, given: Json) -> Any:
        chat = self._chat(given["chat"])
        match verb:
            case "withdraws":
                await actor.withdraws(chat)
            case "approves":
                await actor.approves(self._person(given["who"]), in_=chat)
            case "declines":
                await actor.declines(self._person(given["who"]), in_=chat)
            case "answers_all":
                link = self._link(given["link"]) if "link" in given else None
                return await actor.answers_all(chat, approved=bool(given.get("approved", True)), link=link)
            case "lapses":
                await actor.lapses(chat)
            case "bans":
                await actor.bans(self._person(given["who"]), from_=chat, until=int(given.get("until", 0)))
            case "unbans":
                await actor.unbans(self._person(given["who"]), in_=chat)
        return True

    async def _move(self, actor: Actor, verb: str, given: Json) -> Any:
        match verb:
            case "leaves":
                await actor.leaves(self._chat(given["chat"]))
            case "promotes":
                rights = Rights(**given.get("rights", {}))
                await actor.promotes(self._person(given["who"]), in_=self._chat(given["chat"]), rights=rights)
            case "adds":
                granted = Rights(**given["rights"]) if given.get("rights") is not None else None
                await actor.adds(self._person(given["bot"]), to=self._chat(given["chat"]), rights=granted)
            case "demotes":
                await actor.demotes(self._person(given["who"]), in_=self._chat(given["chat"]))
            case "removes":
                banned = bool(given.get("ban"))
                await actor.removes(self._person(given["who"]), from_=self._chat(given["chat"]), ban=banned)
            case "blocks":
                await actor.blocks(self._person(given["bot"]))
            case "unblocks":
                await actor.unblocks(self._person(given["bot"]))
            case "withdraws" | "approves" | "declines" | "answers_all" | "lapses" | "bans" | "unbans":
                return await self._admit(actor, verb, given)
            case _:
                raise KeyError(verb)
        return True

    # names

    def _chat(self, named: Any) -> Chat:
        for chat in self._world.chats.values():
            if named == chat.id or (chat.migrated_to is None and named in (chat.title, chat.username)):
                return chat
        raise KeyError(named)

    def _link(self, url: str) -> InviteLink:
        every = (link for chat in self._world.chats.values() for link in self._world.invites.every(chat))
        return {link.link: link for link in every}[url]

    def _message(self, actor: Actor, where: Chat | Person, number: Any) -> Message:
        chat = where if isinstance(where, Chat) else self._world.dialog(actor.person, where)
        return chat.messages[number]

    def _person(self, named: Any) -> Person:
        for person in self._world.people.values():
            if named in (person.id, person.first_name, person.name, person.username):
                return person
        raise KeyError(named)

    def _where(self, named: Any) -> Chat | Person:
        try:
            return self._chat(named)
        except KeyError:
            return self._person(named)


def _topic(chat: Chat, named: Any) -> Topic:
    for topic in chat.topics.values():
        if named in (topic.id, topic.title):
            return topic
    raise KeyError(named)


def _shown(screen: Screen) -> Json:
    where = {"message_id": screen.message.id, "ephemeral": screen.ephemeral}
    found = where | {"text": screen.text, "buttons": screen.buttons}
    if screen.media is None:
        return found
    content = b64encode(screen.media.content).decode()
    return found | {screen.media.kind: {"name": screen.media.name, "content": content}}


async def _given(request: web.Request) -> Json:
    """The body's JSON object; empty where it is none."""
    try:
        given = await request.json()
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _answer(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result}, dumps=lambda value: json.dumps(value, default=str))


def _refused(why: str) -> web.Response:
    return web.json_response({"ok": False, "error": why}, status=400)
