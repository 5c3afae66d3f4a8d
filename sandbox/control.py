"""The sandbox's own HTTP face under /sandbox/: moves the world from outside and reads its log.

For programs that cannot hold the world in their own process. Served on the Bot API's port, which
listens on loopback only.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.chats import Chat, Person, Refusal, Rights
from sandbox.faults import Fault, Kind
from sandbox.log import Call, Effect, View
from sandbox.people import Actor, NothingCame, Screen

if TYPE_CHECKING:
    from sandbox.telegram import Sandbox

Json = dict[str, Any]
LINK_OPTIONS = ("title", "expire_date", "usage_limit", "request_needed")


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
        return _answer([{"number": n, "entry": type(entry).__name__.lower(), **asdict(entry)} for n, entry in fresh])

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
        """Verbs: sends {to, text}, asks {in, bot, text}, presses {label, in?}, sees {in}, joins {link},
        leaves {chat}, makes_link {chat, title?, expire_date?, usage_limit?, request_needed?},
        revokes {link}, promotes / demotes / removes {who, chat}, blocks / unblocks {bot}.
        Chats and people are named by id, title, name or username."""
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
            case "sends":
                return (await actor.sends(given["text"], to=self._where(given["to"]))).id
            case "asks":
                bot = self._person(given["bot"])
                return (await actor.asks(given["text"], in_=self._chat(given["in"]), bot=bot)).ephemeral_id
            case "presses":
                where = self._where(given["in"]) if "in" in given else None
                return asdict(await actor.presses(given["label"], in_=where))
            case "sees":
                return [_shown(screen) for screen in actor.sees(self._where(given["in"]))]
            case "joins" | "makes_link" | "revokes":
                return await self._use_links(actor, verb, given)
        await self._move(actor, verb, given)
        return True

    async def _use_links(self, actor: Actor, verb: str, given: Json) -> Any:
        match verb:
            case "joins":
                return await actor.joins(given["link"])
            case "makes_link":
                options = {name: given[name] for name in LINK_OPTIONS if name in given}
                return (await actor.makes_link(self._chat(given["chat"]), **options)).link
            case "revokes":
                every = [link for chat in self._world.chats.values() for link in self._world.invites.every(chat)]
                await actor.revokes({link.link: link for link in every}[given["link"]])
        return True

    async def _move(self, actor: Actor, verb: str, given: Json) -> None:
        match verb:
            case "leaves":
                await actor.leaves(self._chat(given["chat"]))
            case "promotes":
                rights = Rights(**given.get("rights", {}))
                await actor.promotes(self._person(given["who"]), in_=self._chat(given["chat"]), rights=rights)
            case "demotes":
                await actor.demotes(self._person(given["who"]), in_=self._chat(given["chat"]))
            case "removes":
                banned = bool(given.get("ban"))
                await actor.removes(self._person(given["who"]), from_=self._chat(given["chat"]), ban=banned)
            case "blocks":
                await actor.blocks(self._person(given["bot"]))
            case "unblocks":
                await actor.unblocks(self._person(given["bot"]))
            case _:
                raise KeyError(verb)

    # names

    def _chat(self, named: Any) -> Chat:
        for chat in self._world.chats.values():
            if named in (chat.id, chat.title, chat.username):
                return chat
        raise KeyError(named)

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


def _shown(screen: Screen) -> Json:
    where = {"message_id": screen.message.id, "ephemeral": screen.ephemeral}
    return where | {"text": screen.text, "buttons": screen.buttons}


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
