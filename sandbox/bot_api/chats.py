"""The Bot API's methods about the bot itself, chats, their members and command menus."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.bot_api import answers as show
from sandbox.bot_api.calls import Call, answers, refuse
from sandbox.chats import Kind, Member

SCOPES = {
    "default": (), "all_private_chats": (), "all_group_chats": (), "all_chat_administrators": (), "chat": ("chat_id",),
    "chat_administrators": ("chat_id",), "chat_member": ("chat_id", "user_id"),
}  # fmt: skip


@answers("getMe")
def get_me(call: Call) -> Any:
    return show.me(call.bot)


@answers("getChat")
def get_chat(call: Call) -> Any:
    return show.full_chat(call.world, call.chat(read_only=True), call.bot)


@answers("getChatMember")
def get_chat_member(call: Call) -> Any:
    """Whoever is not in the chat is `left`; a private chat's two people are members."""
    chat = call.chat(read_only=True)
    person = call.person()
    return show.member(call.world, chat, call.world.member(chat, person), call.bot)


@answers("getChatAdministrators")
def get_chat_administrators(call: Call) -> Any:
    """Other bots are left out unless `return_bots` is given; the calling bot is not."""
    chat = call.chat(read_only=True)
    if chat.kind == Kind.PRIVATE:
        raise refuse("there are no administrators in the private chat")
    every = call.flag("return_bots")

    def shown(member: Member) -> bool:
        return every or member.person_id == call.bot.id or not call.world.people[member.person_id].is_bot

    return [show.member(call.world, chat, member, call.bot) for member in chat.admins() if shown(member)]


@answers("getChatMemberCount")
def get_chat_member_count(call: Call) -> Any:
    chat = call.chat(read_only=True)
    return sum(chat.present(who) for who in chat.members)


@answers("leaveChat")
def leave_chat(call: Call) -> Any:
    chat = call.chat()
    if chat.kind == Kind.PRIVATE:
        raise refuse("chat member status can't be changed in private chats")
    call.world.leave(chat, call.bot)
    return True


@answers("setMyCommands")
def set_my_commands(call: Call) -> Any:
    given = call.json("commands", "commands JSON object")
    if not isinstance(given, list):
        raise refuse("expected an Array of BotCommand")
    kept = [_command(command, ephemeral=call.face.ephemeral != "old") for command in given]
    if len(kept) > 100:
        raise refuse("BOT_COMMANDS_TOO_MUCH")
    if kept:
        call.face.commands[_menu(call)] = kept
    else:
        call.face.commands.pop(_menu(call), None)
    return True


@answers("getMyCommands")
def get_my_commands(call: Call) -> Any:
    return call.face.commands.get(_menu(call), [])


@answers("deleteMyCommands")
def delete_my_commands(call: Call) -> Any:
    call.face.commands.pop(_menu(call), None)
    return True


def _command(given: Any, *, ephemeral: bool) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise refuse("expected an Array of BotCommand")
    if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(given.get("command", ""))):
        raise refuse("BOT_COMMAND_INVALID")
    if not 1 <= len(str(given.get("description", "")).strip()) <= 256:
        raise refuse("BOT_COMMAND_DESCRIPTION_INVALID")
    kept: dict[str, Any] = {
        "command": str(given["command"]).lstrip("/"),
        "description": str(given["description"]).strip(),
    }
    if ephemeral and given.get("is_ephemeral"):
        kept["is_ephemeral"] = True
    return kept


def _menu(call: Call) -> tuple[int, str, str]:
    scope = call.json("scope", "BotCommandScope JSON object") or {"type": "default"}
    if not isinstance(scope, dict) or str(scope.get("type")) not in SCOPES:
        raise refuse("can't parse BotCommandScope: unsupported type specified")
    key = {"type": scope["type"]} | {name: scope.get(name) for name in SCOPES[scope["type"]]}
    if "chat_id" in key:
        chat = Call(call.face, call.bot, call.name, {"chat_id": key["chat_id"]}).chat()
        key["chat_id"] = chat.id
    language = call.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise refuse("invalid language code specified")
    return call.bot.id, json.dumps(key, sort_keys=True), language
