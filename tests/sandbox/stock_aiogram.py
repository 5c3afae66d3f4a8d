"""The stock aiogram client, pointed at the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from sandbox.bot_api import BotApi
from sandbox.chats import Person


@asynccontextmanager
async def aiogram(api: BotApi, bot: Person) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.url), timeout=40)
    assert bot.token
    try:
        yield Bot(bot.token, session=session)
    finally:
        await (await session.create_session()).close()  # its own close sleeps a quarter of a second besides
