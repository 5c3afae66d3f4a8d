"""The account's settings: a bad one ends in one line that names it and never its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from userclient.settings import BadSetting, UserClientSettings, load

HASH = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in UserClientSettings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)


@pytest.mark.parametrize(("typed", "seconds"), [("15m", 900), ("90", 90), ("30s", 30), ("2h", 7200), (" 1d ", 86400)])
def test_a_duration_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch, typed: str, seconds: int) -> None:
    monkeypatch.setenv("SYNC_EVERY", typed)
    assert load().sync_every == seconds


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_EVERY", "soon-secret"),
        ("SYNC_EVERY", "0"),
        ("CALLS_PER_SECOND", "0"),
        ("CALLS_PER_SECOND", "many-secret"),
        ("API_ID", "abc-secret"),
        ("MTPROTO_SERVER", "nowhere-secret"),
        ("TELEGRAM_TEST_DC", "9"),
        ("ACCOUNT_MODE", "write-secret"),
    ],
)
def test_a_wrong_value_is_named_with_a_right_one(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=rf"^{name} is wrong: .*Example: {name}=") as line:
        load()
    assert "secret" not in str(line.value)
    assert "\n" not in str(line.value)


def test_what_is_missing_is_asked_for_when_it_is_needed() -> None:
    settings = load()
    with pytest.raises(BadSetting, match="API_ID"):
        settings.api()
    with pytest.raises(BadSetting, match="SESSION_KEY"):
        settings.session_keys()


def test_secrets_come_from_files_too_and_stay_out_of_repr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "hash").write_text(f"{HASH}\n")
    (tmp_path / "key").write_text("first,second\n")
    monkeypatch.setenv("API_ID", "1234567")
    monkeypatch.setenv("API_HASH_FILE", "hash")
    monkeypatch.setenv("SESSION_KEY_FILE", "key")
    settings = load()
    assert settings.api() == (1234567, HASH)
    assert settings.session_keys() == ["first", "second"]
    assert HASH not in repr(load(api_hash=HASH))


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_ID", "1234567")
    monkeypatch.setenv("API_HASH_FILE", "nowhere")
    with pytest.raises(BadSetting, match="API_HASH_FILE"):
        load().api()
