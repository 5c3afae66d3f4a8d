from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to type commands in, with a ledger key and nothing else set."""
    monkeypatch.chdir(tmp_path)
    for name in ("BOT_TOKEN", "API_ID", "LEDGER_KEY_FILE", "LEDGER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LEDGER_KEY", Fernet.generate_key().decode())
    return tmp_path
