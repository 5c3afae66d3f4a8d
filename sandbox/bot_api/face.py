"""The Bot API over HTTP: requests in, answers, refusals and scripted faults out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Literal

from aiohttp import web

from sandbox.bot_api import bans, chats, files, links, media, requests, sends
from sandbox.bot_api.calls import METHODS, YOUNG_METHODS, ApiError, Call, Upload, answers, flooded, refuse, worded
from sandbox.bot_api.updates import Queue, Updates
from sandbox.chats import Refusal
from sandbox.faults import Fault, Kind
from sandbox.log import Call as LoggedCall
from sandbox.media import Media
from sandbox.world import World

FAMILIES = (bans, chats, files, links, media, requests, sends)  # importing them fills METHODS
CONFLICT_PAUSE = 3.0
Ephemeral = Literal["new", "old", "refusing"]


class BotApi:
    """`ephemeral` says how new the server is: "new" knows ephemeral and rich messages; "old" has never heard
    of them, so it ignores their parameters (and posts to all!) and answers 404 to their methods;
    "refusing" knows them and refuses each send. `longest_poll` caps getUpdates' timeout, in seconds."""

    def __init__(self, world: World, *, host: str = "127.0.0.1", port: int = 0, longest_poll: int = 50) -> None:
        self.world = world
        self.longest_poll = longest_poll
        self.ephemeral: Ephemeral = "new"
        self.commands: dict[tuple[int, str, str], list[dict[str, Any]]] = {}  # (bot, scope, language) -> menu
        self.files: dict[str, tuple[int, Media]] = {}  # file id -> (the bot that may use it, the file)
        self.updates = Updates(world, lambda: self.ephemeral != "old")
        self.app = web.Application(client_max_size=64 * 1024 * 1024)
        self.app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self.app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self.conflict_pause = CONFLICT_PAUSE  # seconds; a test of what a bot does with many conflicts shortens it
        self._host, self.port = host, port
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base URL a client takes instead of Telegram's; known once started."""
        return f"http://{self._host}:{self.port}"

    async def start(self) -> None:
        self._runner = web.AppRunner(self.app, handler_cancellation=True, shutdown_timeout=1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Ends the long polls and the silences first, so that it takes no time."""
        self._closing.set()
        self.updates.end_polls()
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        token, asked = request.match_info["token"], request.match_info["method"]
        bot = self.world.by_token(token)
        name, method = METHODS.get(asked.lower(), (asked, None))
        given = await _arguments(request)  # before the call is noted: who waits for it finds it done
        fault = self.world.faults.take(name, bot.id if bot else None)
        self.world.log.add(
            LoggedCall(
                "bot_api", bot.id if bot else None, name, self.world.clock(), fault=fault.kind.value if fault else ""
            )
        )
        if fault is not None and fault.kind not in (Kind.DROP_AFTER, Kind.LIE):
            return await self._fail(request, fault)
        try:
            if bot is None:
                well_formed = token.partition(":")[0].isdigit() and ":" in token
                raise ApiError(401, "Unauthorized") if well_formed else ApiError(404, "Not Found")
            if method is None or (self.ephemeral == "old" and name in YOUNG_METHODS):
                raise refuse("method not found", 404)
            if given is None:
                raise refuse("can't parse request body as a JSON object")
            result = method(Call(self, bot, name, given))
            if asyncio.iscoroutine(result):
                result = await result
            if fault is not None and fault.kind == Kind.LIE:
                result = fault.change(result)
            response = web.json_response({"ok": True, "result": result}, dumps=_compact)
        except Refusal as refusal:
            response = _refused(worded(refusal))
        except ApiError as error:
            response = _refused(error)
        return _cut(request) if fault is not None and fault.kind == Kind.DROP_AFTER else response

    async def _download(self, request: web.Request) -> web.Response:
        bot = self.world.by_token(request.match_info["token"])
        for owner, file in self.files.values():
            if bot is not None and owner == bot.id and files.path_of(file) == request.match_info["path"]:
                return web.Response(body=file.content, content_type="application/octet-stream")
        return _refused(ApiError(404, "Not Found"))

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.kind:
            case Kind.FLOOD:
                return _refused(flooded(fault.value))
            case Kind.ERROR if fault.name == "html":
                page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
                return web.Response(status=fault.value or 502, text=page, content_type="text/html")
            case Kind.ERROR:
                return _refused(ApiError(fault.value, fault.name))
            case Kind.SILENCE:
                await self._closing.wait()
                return _cut(request)
            case Kind.GARBLE:
                return web.Response(text='{"ok":true,"result":{"message_id":', content_type="application/json")
        return _cut(request)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _refused(error: ApiError) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = dict(error.parameters)
    return web.json_response(body, status=error.code)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _arguments(request: web.Request) -> Mapping[str, Any] | None:
    """From the query string and a form, multipart or JSON body; any other body holds none. None of JSON that is no
    object."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.read() or b"{}")
        except ValueError:
            given = None
        return found | given if isinstance(given, dict) else None
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return found | {name: _part(value) for name, value in (await request.post()).items()}
    return found


def _part(given: str | bytes | bytearray | web.FileField) -> str | Upload:
    if isinstance(given, web.FileField):
        return Upload(given.filename, given.content_type, given.file.read())
    return given if isinstance(given, str) else given.decode("utf-8", "replace")


@answers("getUpdates")
async def get_updates(call: Call) -> Any:
    queue = call.face.updates.queue(call.bot)
    if queue.webhook:
        await _conflict(
            call.face,
            queue,
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        )
    queue.end_poll("terminated by other getUpdates request; make sure that only one bot instance is running")
    if isinstance(names := call.json("allowed_updates", "allowed_updates JSON object"), list):
        queue.allow(names)
    queue.confirm(call.integer("offset"))
    limit = call.integer("limit", 100, 1, 100)
    timeout = call.integer("timeout", 0, 0, call.face.longest_poll)
    found = call.face.updates.pending(call.bot)
    if not found and timeout:
        poll = queue.poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                ended = await poll
        except TimeoutError:
            ended = ""
        finally:
            if queue.poll is poll:
                queue.poll = None
        if ended:
            await _conflict(call.face, queue, ended)
        found = call.face.updates.pending(call.bot)
    return found[:limit]


async def _conflict(face: BotApi, queue: Queue, why: str) -> None:
    """The first refusal comes at once, repeated ones late, so that two pollers do not spin."""
    now = asyncio.get_running_loop().time()
    if now < queue.next_conflict:
        await asyncio.sleep(face.conflict_pause)
    queue.next_conflict = asyncio.get_running_loop().time() + face.conflict_pause
    raise refuse(why, 409)


@answers("setWebhook")
def set_webhook(call: Call) -> Any:
    """Recorded only: nothing is ever sent to it, but getUpdates then conflicts."""
    queue = call.face.updates.queue(call.bot)
    url = call.text("url")
    if url and not url.startswith("https://"):
        raise refuse("bad webhook: An HTTPS URL must be provided for webhook")
    if isinstance(names := call.json("allowed_updates", "allowed_updates JSON object"), list):
        queue.allow(names)
    queue.webhook = url
    queue.end_poll("terminated by setWebhook request")
    _drop_pending(call, queue)
    return True


@answers("deleteWebhook")
def delete_webhook(call: Call) -> Any:
    queue = call.face.updates.queue(call.bot)
    queue.webhook = ""
    _drop_pending(call, queue)
    return True


@answers("getWebhookInfo")
def get_webhook_info(call: Call) -> Any:
    queue = call.face.updates.queue(call.bot)
    found: dict[str, Any] = {
        "url": queue.webhook,
        "has_custom_certificate": False,
        "pending_update_count": len(call.face.updates.pending(call.bot)),
    }
    return found | {"allowed_updates": queue.named} if queue.named is not None else found


def _drop_pending(call: Call, queue: Queue) -> None:
    if call.flag("drop_pending_updates"):
        queue.waiting.clear()
