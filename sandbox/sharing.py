"""What an app does for a reply keyboard's button that asks for a chat (KeyboardButtonRequestChat)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sandbox.chats import ADMINS, Chat, Kind, Person, Rights, Status, rights_named
from sandbox.found import Json
from sandbox.messages import Message
from sandbox.world import World


def offers(world: World, request: Json, person: Person, bot: Person, chat: Chat) -> bool:
    """Whether the app lets `person` pick `chat`: it fits the request, as do his rights and the bot's place there."""
    if not chat.present(person.id) or chat.migrated_to is not None or chat.kind == Kind.PRIVATE:
        return False
    facts = {
        "chat_is_channel": chat.kind == Kind.CHANNEL,
        "chat_is_forum": chat.is_forum,
        "chat_has_username": chat.username is not None,
    }
    if any(request[name] != fact for name, fact in facts.items() if name in request):
        return False
    if request.get("bot_is_member") and not chat.present(bot.id):
        return False
    member = world.member(chat, person)
    if member.status == Status.CREATOR:
        return True
    needed = _named(request.get("user_administrator_rights") or {})
    asks_admin = "user_administrator_rights" in request
    return not request.get("chat_is_created") and (
        not asks_admin or (member.status in ADMINS and _includes(member.rights, needed))
    )


def share(world: World, asking: Message, person: Person, request: Json, chat: Chat) -> Message:
    """Gives the bot the rights asked for, where it lacks them, and tells it which chat was picked. Raises as
    `World.add_bot_to`."""
    bot = world.people[asking.sender_id]
    if "bot_administrator_rights" in request:
        wanted, present = _named(request["bot_administrator_rights"]), world.member(chat, bot)
        if present.status not in ADMINS or not _includes(present.rights, wanted):
            world.add_bot_to(chat, bot, by=person, rights=wanted)
    shared: dict[str, Any] = {"request_id": request["request_id"], "chat_id": chat.id}
    if request.get("request_title"):
        shared["title"] = chat.title
    if request.get("request_username") and chat.username:
        shared["username"] = chat.username
    return world.messages.service(asking.chat, person, {"chat_shared": shared})


def _named(rights: Mapping[str, Any]) -> Rights:
    return rights_named(name for name, given in rights.items() if given)


def _includes(held: Rights, wanted: Rights) -> bool:
    return all(getattr(held, right.name) or not getattr(wanted, right.name) for right in fields(Rights))
