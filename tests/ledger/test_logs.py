from __future__ import annotations

import io
import json
import logging
import random
import string
import sys
import warnings
from collections.abc import Iterator

import pytest
import structlog
from cryptography.fernet import Fernet

from ledger.logs import QUIET, configure, redact

LETTERS = string.ascii_letters + string.digits + "-_"


def word(seed: random.Random, length: int) -> str:
    return "".join(seed.choices(LETTERS, k=length))


def canaries() -> list[tuple[str, str]]:
    """(what a program would hold, the part of it that must appear nowhere)."""
    seed = random.Random(2026)
    hashes = [word(seed, 16) for _ in range(990)] + ["AAAAA" + word(seed, 17) for _ in range(10)]
    leads = ("https://t.me/+", "t.me/joinchat/", "http://telegram.me/+", "tg://join?invite=", "https://t.me/%2B", "+")
    token, session, claim = word(seed, 35), word(seed, 352), word(seed, 22)
    key = Fernet.generate_key().decode()
    sealed = Fernet(key).encrypt(b"text").decode()
    api_hash = "".join(seed.choices("0123456789abcdef", k=32))
    return [
        *((leads[n % len(leads)] + each, each) for n, each in enumerate(hashes)),
        (f"https://api.telegram.org/bot123456789:{token}/getMe", token),
        ("1" + session, session),
        (key, key),
        (sealed, sealed),
        (f"api_hash={api_hash}", api_hash),
        ("+79991234567", "79991234567"),
        ("postgresql://ledger:hunter2secret@db/ledger", "hunter2secret"),
        (f"t.me/ledger_bot?start=claim_{claim}", claim),
    ]


CANARIES = canaries()


def leaks(text: str) -> list[str]:
    return [secret for _, secret in CANARIES if secret in text]


@pytest.fixture(autouse=True)
def kept_logging() -> Iterator[None]:
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in QUIET}
    yield
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)
    for name, each in levels.items():
        logging.getLogger(name).setLevel(each)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def plant(secret: str) -> None:
    """Says the secret in every way a program could."""
    ours, library = structlog.get_logger("ours"), logging.getLogger("library")
    ours.debug(f"said {secret}")
    ours.info("said", link=secret, nested={"links": [secret], "more": (secret.encode(),)})
    library.info("said %s", secret)
    library.warning("said %(link)s", {"link": secret})
    try:
        raise ValueError(secret) from KeyError(secret)
    except ValueError:
        ours.exception("failed")
        library.exception("failed")


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_passes_into_the_log(form: str) -> None:
    stream = io.StringIO()
    configure("DEBUG", form, stream)
    for secret, _ in CANARIES:
        plant(secret)
    assert stream.getvalue().count("failed") == 2 * len(CANARIES)
    assert leaks(stream.getvalue()) == []


def test_the_scan_finds_a_leak_where_nothing_cleans() -> None:
    stream = io.StringIO()
    logging.basicConfig(handlers=[logging.StreamHandler(stream)], level=logging.DEBUG, force=True)
    for secret, _ in CANARIES:
        logging.getLogger("library").info("said %s", secret)
    assert len(leaks(stream.getvalue())) == len(CANARIES)


def test_a_message_that_cannot_be_formatted_leaks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    configure("DEBUG", "text", stream)
    for secret, _ in CANARIES:
        logging.getLogger("library").info("%d", secret)
    assert "could not be written" in stream.getvalue()
    assert leaks(stream.getvalue() + capsys.readouterr().err) == []


def test_crashes_and_warnings_are_cleaned_too() -> None:
    stream = io.StringIO()
    configure("INFO", "text", stream)
    secret = CANARIES[0][0]
    try:
        raise ValueError(secret)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(secret, stacklevel=1)
    assert stream.getvalue().count("t.me/+…") == 2
    assert leaks(stream.getvalue()) == []


def test_a_field_named_for_a_secret_is_hidden_whatever_it_holds() -> None:
    stream = io.StringIO()
    configure("INFO", "json", stream)
    structlog.get_logger("ours").info("signing in", code="12345", password="hunter2", chat=-1001)
    line = json.loads(stream.getvalue())
    assert (line["code"], line["password"], line["chat"]) == ("…", "…", -1001)


def test_what_people_may_see_stays_readable() -> None:
    plain = "#12 t.me/+AbC…k9Q of -1001234567890 at 2026-11-23T14:11:31Z, +84 joined, 7f3a, request 1234567890123456"
    assert redact(plain) == plain


@pytest.mark.parametrize("name", QUIET)
def test_talkative_libraries_stay_quiet_at_debug(name: str) -> None:
    stream = io.StringIO()
    configure("DEBUG", "text", stream)
    logging.getLogger(name).info("body")
    logging.getLogger(name + ".inner").debug("body")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("level", "form"), [("LOUD", "text"), ("INFO", "xml")])
def test_a_wrong_setting_is_refused_in_one_line(level: str, form: str) -> None:
    with pytest.raises(ValueError, match=r"^LOG_\w+ is [^\n]+$"):
        configure(level, form)
