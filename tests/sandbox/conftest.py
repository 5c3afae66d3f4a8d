from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.sandbox.room import Room


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with aiohttp.ClientSession() as http:
        room = Room(http)
        await room.api.start()
        yield room
        await room.api.stop()
