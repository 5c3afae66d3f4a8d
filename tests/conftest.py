"""A ledger in a file of its own, and a clock that moves only when told."""

from __future__ import annotations

import asyncio
import functools
import gc
import io
import logging
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from bot import late_types  # noqa: F401  before all else of aiogram, as the program has it
from ledger.logs import QUIET
from ledger.secrets import new_key
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from tests.sizes import size

MEMORY = Path("/dev/shm")
HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Ledgers of tests lie in memory where there is room: each commit waits for the disk several times, and
    no test pulls the plug."""
    gc.disable()  # until all is imported: nothing of that goes
    from hypothesis import settings  # a second, which processes that tests start need not spend

    examples = size(100, 25)
    settings.register_profile("untimed", deadline=None, max_examples=examples)  # a busy machine is no counterexample
    settings.load_profile("untimed")
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2**31:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    if config.args == config.getini("testpaths") and os.environ.get("PYTEST_XDIST_WORKER"):
        left_out = [Path(each).absolute() for each in config.getoption("ignore") or ()]
        files = [file for file in sorted(HERE.rglob("test_*.py")) if not {file, *file.parents} & {*left_out}]
        config.args[:] = map(str, _from_my_place(files))


def _from_my_place(files: list[Path]) -> list[Path]:
    """In a fresh clone every file is yet to be compiled: side by side each worker would compile each of them."""
    worker, of = os.environ["PYTEST_XDIST_WORKER"], int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    begin = int(worker.removeprefix("gw")) * len(files) // of
    return files[begin:] + files[:begin]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The same order in each worker. Begun last, a long one would keep one worker busy alone."""
    items.sort(key=lambda item: (item.get_closest_marker("long") is None, item.path))


def pytest_collection_finish() -> None:
    """What the libraries made at import stays anyway: to look through it again and again took a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()


class Clock:
    """Seconds since the epoch; `clock.now += 60` is a minute later."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session", autouse=True)
def _one_log() -> None:
    """structlog's lines take the standard library's way too, where `said` finds them, uncleaned."""
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@pytest.fixture(scope="session", autouse=True)
def _one_trust() -> Iterator[None]:
    """Each bot that starts reads all of the world's certificates anew, to use none of them on loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield


@pytest.fixture
def said() -> Iterator[Callable[[], str]]:
    """All that was logged so far, at DEBUG where a program may log so, before any cleaning."""
    lines = io.StringIO()
    heard = logging.StreamHandler(lines)
    root = logging.getLogger()
    levels = {logger: logger.level for logger in [root, *map(logging.getLogger, QUIET)]}
    for logger in levels:
        logger.setLevel(logging.DEBUG if logger is root else logging.WARNING)
    root.addHandler(heard)
    yield lines.getvalue
    root.removeHandler(heard)
    for logger, level in levels.items():
        logger.setLevel(level)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox finds its RSA key again: making one takes a second."""
    return tmp_path_factory.mktemp("server")


def settings_in(folder: Path) -> LedgerSettings:
    """Of a ledger that nobody has opened yet, with a key of its own."""
    return LedgerSettings(
        _env_file=None, ledger_url=f"sqlite:///{folder}/data/ledger.db", ledger_key=SecretStr(new_key())
    )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[LedgerSettings, Path]:
    """An empty ledger as a first start leaves it, and its file: making one takes half a second."""
    folder = tmp_path_factory.mktemp("migrated")
    settings = settings_in(folder)

    async def start_once() -> None:
        await (await Ledger.open(settings)).close()

    asyncio.run(start_once())
    return settings, folder / "data/ledger.db"


def ledger_in(folder: Path, settings: LedgerSettings, file: Path) -> LedgerSettings:
    """A copy of that file."""
    (folder / "data").mkdir(mode=0o700)
    shutil.copy(file, folder / "data/ledger.db")
    return settings.model_copy(update={"ledger_url": f"sqlite:///{folder}/data/ledger.db"})


@pytest.fixture
def ledger_settings(tmp_path: Path, migrated: tuple[LedgerSettings, Path]) -> LedgerSettings:
    return ledger_in(tmp_path, *migrated)


@pytest.fixture
def new_settings(tmp_path: Path) -> LedgerSettings:
    return settings_in(tmp_path)


@pytest.fixture
async def ledger(ledger_settings: LedgerSettings, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_settings, clock=clock)
    yield opened
    await opened.close()
