"""Wrong settings end in one line that names the setting and never its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import WrongSettings, read_settings

TOKEN = "123456789:" + "A" * 35


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("BOT_TOKEN", "BOT_TOKEN_FILE", "BOT_API_URL", "OPEN_TO_ALL"):
        monkeypatch.delenv(name, raising=False)


def test_the_token_comes_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    assert read_settings().token() == TOKEN
    assert TOKEN not in repr(read_settings())
    monkeypatch.delenv("BOT_TOKEN")
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("BOT_TOKEN_FILE", str(tmp_path / "token"))
    assert read_settings().token() == TOKEN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", ""),
        ("BOT_TOKEN", "sesame"),
        ("BOT_TOKEN_FILE", "nowhere"),
        ("BOT_API_URL", "ftp://sesame"),
        ("BOT_API_URL", "https://user:sesame@telegram"),
        ("OPEN_TO_ALL", "sesame"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    if not name.startswith("BOT_TOKEN"):
        monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettings, match=name) as wrong:
        read_settings()
    assert "\n" not in str(wrong.value)
    assert "sesame" not in str(wrong.value)


def test_a_file_without_a_token_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("sesame")
    monkeypatch.setenv("BOT_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(WrongSettings, match="BOT_TOKEN_FILE holds no token"):
        read_settings()
