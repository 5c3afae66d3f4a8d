from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sandbox import Sandbox
from sandbox.leaks import leaked_views, whole_links_in
from userclient.wire import allowed_names


@asynccontextmanager
async def watched(server_folder: Path, host: Path) -> AsyncIterator[Sandbox]:
    """A Telegram for programs that work below `host`: at its end they have called nothing over MTProto that the
    account may not, shown no whole link to anyone but who pressed for it, and left none in a file."""
    async with Sandbox(server_folder) as telegram:
        yield telegram
        world = telegram.world
        called = {call.method for call in telegram.log.calls if call.face == "mtproto"}
        assert {method for method in called if not method.startswith("auth.")} <= set(allowed_names())
        assert [view for bot in world.people.values() if bot.is_bot for view in leaked_views(world, bot.id)] == []
        assert whole_links_in(host, world) == []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to type commands in, with a ledger key and nothing else set."""
    monkeypatch.chdir(tmp_path)
    for name in ("BOT_TOKEN", "API_ID", "LEDGER_KEY_FILE", "LEDGER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LEDGER_KEY", Fernet.generate_key().decode())
    return tmp_path
