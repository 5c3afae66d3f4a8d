"""The session at rest: who can read it, who may hold it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from userclient.errors import SessionFileError, SessionHeld
from userclient.session import Session, SessionFile, holding, put_aside
from userclient.settings import BadSetting

SESSION = Session(4711, "1" + "secretsessionstring" * 18)
KEY = Fernet.generate_key().decode()


@pytest.fixture
def loose() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose")
def test_files_are_for_the_owner_only_under_any_umask(tmp_path: Path) -> None:
    path = tmp_path / "account" / "session"
    file = SessionFile(path, [KEY])
    file.write(SESSION)
    file.write(SESSION)
    with holding(path, "test"):
        modes = {each.name: each.stat().st_mode & 0o777 for each in [path.parent, *path.parent.iterdir()]}
    assert modes == {"account": 0o700, "session": 0o600, "session.lock": 0o600}


def test_what_was_written_comes_back_and_stands_nowhere_in_clear(tmp_path: Path) -> None:
    file = SessionFile(tmp_path / "account" / "session", [KEY])
    file.write(SESSION)
    assert file.read() == SESSION
    assert b"secretsession" not in file.path.read_bytes()
    assert "secretsession" not in repr(SESSION)


def test_a_new_key_in_front_reads_what_the_old_one_wrote(tmp_path: Path) -> None:
    path = tmp_path / "account" / "session"
    SessionFile(path, [KEY]).write(SESSION)
    assert SessionFile(path, [Fernet.generate_key().decode(), KEY]).read() == SESSION


def test_another_key_is_named_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "account" / "session"
    SessionFile(path, [KEY]).write(SESSION)
    before = path.read_bytes()
    with pytest.raises(SessionFileError, match="SESSION_KEY"):
        SessionFile(path, [Fernet.generate_key().decode()]).read()
    with pytest.raises(BadSetting, match="SESSION_KEY"):
        SessionFile(path, ["not a key"])
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o777])
def test_a_session_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = SessionFile(tmp_path / "account" / "session", [KEY])
    file.write(SESSION)
    file.path.chmod(mode)
    with pytest.raises(SessionFileError, match="chmod 600"):
        file.read()
    file.path.chmod(0o600)
    file.path.parent.chmod(0o700 | mode & 0o077)
    with pytest.raises(SessionFileError, match="chmod 700"):
        file.read()


def test_a_dead_session_is_out_of_the_way(tmp_path: Path) -> None:
    file = SessionFile(tmp_path / "account" / "session", [KEY])
    file.write(SESSION)
    put_aside(file.path)
    put_aside(file.path)
    with pytest.raises(SessionFileError, match="console login"):
        file.read()


HOLDER = """
import sys, time
from pathlib import Path
from userclient.session import holding
with holding(Path(sys.argv[1]), "userclient"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_refused_at_once_and_a_killed_one_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "account" / "session"
    command = [sys.executable, "-c", HOLDER, str(path)]
    for _ in range(3):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout
            assert other.stdout.readline() == "held\n"
            for _ in range(100):
                with pytest.raises(SessionHeld, match=rf"userclient \(process {other.pid}\)"):
                    holding(path, "test").__enter__()
            assert other.poll() is None  # it holds the session a minute: nobody waited for that
            other.send_signal(signal.SIGKILL)
        with holding(path, "test"):
            pass


async def test_two_in_one_program_are_two_holders(tmp_path: Path) -> None:
    path = tmp_path / "account" / "session"
    with holding(path, "one"), pytest.raises(SessionHeld, match="one"):
        await asyncio.to_thread(lambda: holding(path, "two").__enter__())
