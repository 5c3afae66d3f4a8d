from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from rich.console import Console

from console.__main__ import app, main
from console.status import ACCOUNT_WORDS, account_words, print_status, queue_of
from ledger.chats import Account, AccountState, SeenChat, SeenPerson, Status
from ledger.links import SeenLink
from ledger.listing import Reveal
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.sweeps import Ages
from userclient.settings import UserClientSettings

CHAT = -1001234567890
BOT = 777
METHOD = "messages.getExportedChatInvites"
LINKS = [f"https://t.me/+{letter * 16}" for letter in "abc"]
KEYS = (
    "number link creator_id creator asked_by primary approval title created edited expires limit usage pending state "
    "first_seen last_seen"
)


async def write_book() -> None:
    """A chat with three links of this bot's, the last one revoked."""
    ledger = await Ledger.open(LedgerSettings())
    try:
        bot = SeenPerson(BOT, "Ledger", "ledger_bot", is_bot=True)
        await ledger.programs.set_bot_identity(bot)
        await ledger.chats.saw(SeenChat(CHAT, "Chess [club]", "supergroup"), trusted=True)
        await ledger.chats.saw_people([bot, SeenPerson(5, "Ann", "ann")])
        for number, link in enumerate(LINKS):
            seen = SeenLink(link, BOT, title=f"ads {number}", created=1_700_000_000, limit=10)
            made = await ledger.links.made(CHAT, seen, asked_by=5, update_id=number)
        await ledger.links.revoked(made.id, by=5, how="bot")
    finally:
        await ledger.close()


async def reveals() -> list[Reveal]:
    ledger = await Ledger.open(LedgerSettings())
    try:
        return await ledger.links.reveals(CHAT)
    finally:
        await ledger.close()


@pytest.fixture
def book(home: Path) -> Path:
    asyncio.run(write_book())
    return home


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, object]]:
    assert main(["list", "--chat", str(CHAT), "--json", *options]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert isinstance(rows, list)
    return rows


@pytest.mark.usefixtures("book")
def test_list_gives_the_unrevoked_links_masked(capsys: pytest.CaptureFixture[str]) -> None:
    rows = listed(capsys)
    assert [" ".join(row) for row in rows] == [KEYS] * 2
    assert [(row["number"], row["link"], row["state"]) for row in rows] == [
        (1, "t.me/+aaa…aaa", "live"),
        (2, "t.me/+bbb…bbb", "live"),
    ]
    assert (rows[0]["creator_id"], rows[0]["asked_by"], rows[0]["limit"]) == (BOT, 5, 10)
    assert asyncio.run(reveals()) == []


@pytest.mark.usefixtures("book")
def test_list_all_gives_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["state"] for row in listed(capsys, "--all")] == ["live", "live", "revoked"]


@pytest.mark.usefixtures("book")
def test_each_full_link_listed_is_a_reveal_in_the_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["link"] for row in listed(capsys, "--show-links")] == LINKS[:2]
    assert sorted((each.number, each.person_id, each.how) for each in asyncio.run(reveals())) == [
        (1, None, "console"),
        (2, None, "console"),
    ]


@pytest.mark.usefixtures("book")
def test_the_table_for_people_holds_no_full_link(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--chat", str(CHAT)]) == 0
    shown = capsys.readouterr().out
    assert "Chess [club]: 2 invite links" in shown
    assert not any(link.removeprefix("https://") in shown for link in LINKS)


@pytest.mark.usefixtures("book")
def test_status_tells_programs_and_people_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["bot"]["username"] == "ledger_bot"
    assert status["account"]["state"] == "absent"
    assert status["host"] is None
    assert [(chat["id"], chat["served"], chat["links"]) for chat in status["chats"]] == [(CHAT, "served", 2)]
    assert main(["status"]) == 0
    shown = capsys.readouterr().out
    assert "@ledger_bot" in shown
    assert "python -m console claim" in shown
    assert "Chess" in shown


@pytest.mark.usefixtures("book")
def test_a_new_claim_link_ends_the_old_one(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = []
    for _ in range(2):
        assert main(["claim"]) == 0
        link = capsys.readouterr().out.strip()
        assert link.startswith("https://t.me/ledger_bot?start=claim_")
        tokens.append(link.partition("claim_")[2])

    async def claimed() -> list[bool]:
        ledger = await Ledger.open(LedgerSettings())
        try:
            return [await ledger.host.claim(token, 5) for token in tokens]
        finally:
            await ledger.close()

    assert asyncio.run(claimed()) == [False, True]


def test_status_says_until_when_telegram_makes_the_account_wait() -> None:
    account = Account(AccountState.WAITING, since=0, until=1_800_000_000, name="Vera", calls={METHOD: 7})
    waits = {METHOD: 1_800_000_000}
    stream = io.StringIO()
    status = Status(account, None, None, "", 5, waits, [], 2, 1, 0)
    ages = [Ages(-1, 0, 0, under_way=False), Ages(-2, 0, 1_800_000_000, under_way=False)]
    queue = queue_of(status, UserClientSettings(_env_file=None), ages, 1_800_000_001)
    print_status(status, Console(file=stream, width=100), now=1, signed_in=True, queue=queue)
    shown = stream.getvalue()
    assert "1 to be asked what changed, 1 to be read whole · at most 1 call a second" in shown
    assert "Telegram makes it wait until 2027-01-15 08:00 UTC" in shown
    assert "messages.getExportedChatInvites: not before 2027-01-15 08:00 UTC" in shown
    assert "getExportedChatInvites 7" in shown
    assert "2 updates waiting, 1 not understood" in shown


def test_every_state_of_the_account_has_words() -> None:
    assert set(ACCOUNT_WORDS) == set(AccountState)
    offline = Account(AccountState.OFFLINE, since=1_800_000_000)
    assert account_words(offline, signed_in=True).endswith("since 2027-01-15 08:00 UTC")
    lost = Account(AccountState.LOST, since=0, name="Vera", detail="its session is over")
    assert account_words(lost, signed_in=False) == "Vera · its session is over"


def test_a_session_no_program_has_told_of_yet_counts_as_signed_in(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ("not signed in: python -m console login", "signed in; `make run` sets it to work"):
        assert main(["status"]) == 0
        assert f"account  {words}" in capsys.readouterr().out
        (book / "account").mkdir(exist_ok=True)
        (book / "account" / "session").touch()


@pytest.mark.usefixtures("book")
def test_what_is_copied_from_a_table_is_never_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["status"]) == 0
    assert str(CHAT) in capsys.readouterr().out
    assert main(["list", "--chat", str(CHAT), "--show-links"]) == 0
    shown = capsys.readouterr().out
    assert all(link in shown for link in LINKS[:2])


def test_key_prints_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key"]) == 0
    assert Fernet(capsys.readouterr().out.strip()) is not None


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("typed", "why", "example"),
    [
        ("lst", 'Unknown command "lst"', "python -m console --help"),
        ("list", "--chat requires an argument", "python -m console list --chat -1001234567890"),
        ("list --chat chess", 'unable to convert "chess" into int', "python -m console list --chat -1001234567890"),
        ("status --jsn", "--jsn", "python -m console status"),
        ("sandbox --mtproto-port x", "--mtproto-port", "python -m console sandbox"),
    ],
)
def test_wrong_typing_is_answered_in_one_line_with_an_example(
    typed: str, why: str, example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed.split()) == 2
    line = complaint(capsys)
    assert why in line
    assert example in line


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("typed", ["status", "claim", f"list --chat {CHAT}"])
def test_without_a_ledger_the_host_is_told_how_to_start_one(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed.split()) == 1
    assert complaint(capsys) == "There is no ledger at data/ledger.db yet. `make run` starts one."


@pytest.mark.usefixtures("book")
def test_an_unknown_chat_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--chat", "-1009"]) == 1
    assert complaint(capsys) == f"The ledger knows no chat -1009. Chats it knows: {CHAT}."


@pytest.mark.usefixtures("book")
def test_a_wrong_key_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("LEDGER_KEY", key)
    assert main(["status"]) == 1
    line = complaint(capsys)
    assert "LEDGER_KEY" in line
    assert key not in line


@pytest.mark.usefixtures("home")
def test_run_without_a_token_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == 1
    assert "BOT_TOKEN" in complaint(capsys)


def test_a_fault_of_ours_shows_neither_traceback_nor_secret(capsys: pytest.CaptureFixture[str]) -> None:
    @app.command(name="fails", show=False)
    def fails() -> None:
        raise ZeroDivisionError(LINKS[0])

    try:
        assert main(["fails"]) == 1
    finally:
        del app["fails"]
    line = complaint(capsys)
    assert line.startswith("A fault of ours: ZeroDivisionError in fails, line ")
    assert LINKS[0] not in line
