"""What `console doctor` asks of Telegram: the bot, its rights in each chat, and what time it is there."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from bot.settings import TELEGRAM, BotSettings
from console.bot_api import BotApi, Refusal, Unreachable
from console.findings import Finding, fine, left_open, wrong
from ledger.chats import Chat

CLOCK_BEARS = 20  # seconds; Telegram refuses the account's messages at 30
GROUP_RIGHTS = "invite_users+delete_messages"
CHANNEL_RIGHTS = "invite_users"
TOKEN_REFUSED = (401, 404)


def add_links(username: str) -> tuple[str, str]:
    """The links that add the bot, with the rights this version uses: to a group, and to a channel."""
    return (
        f"https://t.me/{username}?startgroup&admin={GROUP_RIGHTS}",
        f"https://t.me/{username}?startchannel&admin={CHANNEL_RIGHTS}",
    )


async def telegram(
    settings: BotSettings, chats: Sequence[Chat], *, clock: Callable[[], float] = time.time
) -> AsyncIterator[Finding]:
    """Reading calls only, and none that would take updates from a running bot."""
    async with BotApi(settings.bot_api_url, settings.token(), clock=clock) as api:
        try:
            me = await api.ask("getMe")
            async for finding in _bot(api, settings, me):
                yield finding
            for chat in chats:
                yield await _rights(api, me, chat)
        except Refusal as refusal:
            if refusal.code in TOKEN_REFUSED:
                yield wrong("token", "Telegram refuses it", "ask @BotFather for the present one, then: make setup")
            else:
                yield wrong("telegram", f"Telegram refuses to answer: {refusal.words}", "try again later")
        except Unreachable as why:
            server = "Telegram" if settings.bot_api_url == TELEGRAM else settings.bot_api_url
            yield wrong("telegram", f"{server} does not answer ({why})", "look at the network; BOT_API_URL is in .env")


async def _bot(api: BotApi, settings: BotSettings, me: dict[str, Any]) -> AsyncIterator[Finding]:
    yield fine("token", f"@{me['username']} answers")
    if me.get("can_join_groups", True):
        yield fine("joins groups", "anyone may add the bot; you say which chats are served")
    else:
        yield wrong("joins groups", "the bot cannot be added to groups", "@BotFather: /setjoingroups, Enable")
    everything = me.get("can_read_all_group_messages", False)
    yield fine(
        "privacy mode", "off; it may be on as well" if everything else "on, as it may be: commands and presses arrive"
    )
    if (await api.ask("getWebhookInfo"))["url"]:
        yield wrong(
            "webhook",
            "another program takes the bot's updates by a webhook",
            "end that program, or have @BotFather revoke the token; then: make setup",
        )
    else:
        yield fine("webhook", "none")
    if api.ahead is None:
        yield left_open("clock", "the server tells no time")
    elif abs(api.ahead) > CLOCK_BEARS:
        direction = "ahead" if api.ahead > 0 else "behind"
        says = f"this machine's is {abs(api.ahead):.0f} s {direction}"
        yield wrong("clock", says, "let it be set by NTP: timedatectl set-ntp true")
    else:
        yield fine("clock", f"right within {CLOCK_BEARS} s")


async def _rights(api: BotApi, me: dict[str, Any], chat: Chat) -> Finding:
    group, channel = add_links(me["username"])
    again = f"open {channel if chat.kind == 'channel' else group}"
    try:
        member = await api.ask("getChatMember", chat_id=chat.id, user_id=me["id"])
    except Refusal as refusal:
        if refusal.code not in (400, 403):
            raise
        return wrong("rights", f"{chat.title}: the bot is not in it", again, chat=chat.id)
    if member["status"] not in ("administrator", "creator"):
        return wrong("rights", f"{chat.title}: the bot is no admin", again, chat=chat.id)
    if not member.get("can_invite_users"):
        says = f"{chat.title}: the bot lacks the right to invite users"
        return wrong("rights", says, again, chat=chat.id)
    if chat.kind != "channel" and not member.get("can_delete_messages"):
        says = f"{chat.title}: the bot may invite; without “delete messages” a typed link stays in the group"
        return left_open("rights", says, again, chat=chat.id)
    return fine("rights", f"{chat.title}: the bot has what it needs", chat=chat.id)
