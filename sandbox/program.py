"""The sandbox as a program of its own: starts both faces, says where they are, serves until stopped."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from sandbox.chats import Chat, Kind
from sandbox.control import Control
from sandbox.seed import Story, surface_world
from sandbox.state import UnreadableState
from sandbox.telegram import Sandbox


def serve(
    folder: Path | None = None,
    bot_api_port: int = 0,
    mtproto_port: int = 0,
    *,
    as_json: bool = False,
    log_file: Path | None = None,
) -> None:
    """Blocks until SIGTERM or SIGINT. `folder` is made where it does not exist and keeps the world for the
    next start; port 0 takes a free one, or the kept one. Raises OSError where a port is taken."""
    if folder:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        telegram = Sandbox(
            folder, bot_api_port=bot_api_port, mtproto_port=mtproto_port, log_file=log_file, keep=folder is not None
        )
    except UnreadableState as error:
        sys.exit(str(error))
    asyncio.run(_serve(telegram, as_json))


async def _serve(telegram: Sandbox, as_json: bool) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    Control(telegram)
    async with telegram:
        if "story" not in telegram.beside:
            telegram.beside["story"] = surface_world(telegram.world).story
            telegram.save()
        about = describe(telegram, telegram.beside["story"])
        sys.stdout.write(json.dumps(about) + "\n" if as_json else _readable(about))
        sys.stdout.flush()
        await stopped.wait()


def describe(telegram: Sandbox, story: Story) -> dict[str, Any]:
    """All that a client needs to know to use the sandbox as its Telegram."""
    return {
        "bot_api_url": telegram.bot_api.url,
        "mtproto_server": telegram.mtproto.address,
        "mtproto_public_key": str(telegram.mtproto.public_key_path.resolve()),
        "api_id": telegram.world.api_id,
        "api_hash": telegram.world.api_hash,
        "control_url": f"{telegram.bot_api.url}/sandbox/",
        "bots": [{"token": bot.token, "username": bot.username, "id": bot.id} for bot in (story.bot, story.other_bot)],
        "people": [
            {
                "name": person.name,
                "phone": f"+{person.phone}",
                "login_code": person.login_code,
                "password": person.password,
                "id": person.id,
            }
            for person in story.people
        ],
        "chats": [
            _chat(telegram, chat)
            for chat in telegram.world.chats.values()
            if chat.kind != Kind.PRIVATE and chat.migrated_to is None
        ],
    }


def _chat(telegram: Sandbox, chat: Chat) -> dict[str, Any]:
    people = telegram.world.people
    admins = [people[member.person_id] for member in chat.admins() if member.person_id != chat.owner_id]
    return {
        "id": chat.id,
        "title": chat.title,
        "kind": chat.kind.value,
        "owner": people[chat.owner_id].name if chat.owner_id is not None else None,
        "admins": [admin.name for admin in admins if not admin.is_bot],
        "bots": [admin.username for admin in admins if admin.is_bot],
    }


def _readable(about: dict[str, Any]) -> str:
    lines = [f"{name}: {value}" for name, value in about.items() if isinstance(value, str | int)]
    lines += [f"bot @{bot['username']}: {bot['token']}" for bot in about["bots"]]
    for person in about["people"]:
        password = f", password {person['password']}" if person["password"] else ""
        lines.append(f"{person['name']}: {person['phone']}, code {person['login_code']}{password}")
    lines += [f"{chat['kind']} {chat['title']}: {chat['id']}, owner {chat['owner']}" for chat in about["chats"]]
    return "\n".join([*lines, "Stop with Ctrl-C.", ""])
