from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_image_holds_all_that_console_run_needs() -> None:
    copied = set(re.findall(r"^COPY (\S+) ", text("Dockerfile"), re.MULTILINE))
    needed = {"bot", "console", "ledger", "migrations", "sandbox", "userclient", "requirements.lock", ".env.example"}
    assert copied == needed
    assert all((ROOT / name).exists() for name in copied)
    allowed = set(re.findall(r"^!(\S+)$", text("Dockerfile.dockerignore"), re.MULTILINE))
    assert allowed == needed
    assert "--require-hashes" in text("Dockerfile")


def test_the_container_runs_as_no_root_and_keeps_its_folders() -> None:
    dockerfile, compose = text("Dockerfile"), text("compose.yaml")
    assert dockerfile.index("USER ledger") < dockerfile.index("CMD")
    (made,) = re.findall(r"install -d -m 0700 -o ledger (.+)", dockerfile)
    mounted = re.findall(r"^      - (\w+):(/\S+)$", compose, re.MULTILINE)
    assert [place for _, place in mounted] == made.split()
    for volume, _ in mounted:
        assert re.search(rf"^  {volume}:$", compose, re.MULTILINE)
    for line in ("read_only: true", "- ALL", "- no-new-privileges:true"):
        assert line in compose


def test_nothing_here_names_a_host_to_fetch_from() -> None:
    for file in DEPLOY.iterdir():
        assert not re.search(r"://|\w\.(?:io|com|org)/", file.read_text(encoding="utf-8")), file.name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_is_one_systemd_understands(tmp_path: Path) -> None:
    unit = tmp_path / "invite-ledger.service"
    there = text("invite-ledger.service").replace("/opt/invite-ledger/.venv/bin/python", sys.executable)
    unit.write_text(there, encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert verified.returncode == 0, verified.stderr
    assert unit.name not in verified.stderr


def test_the_unit_gives_the_program_its_own_folder_and_little_else() -> None:
    lines = text("invite-ledger.service").splitlines()
    for line in ("StateDirectoryMode=0700", "ProtectSystem=strict", "NoNewPrivileges=yes", "UMask=0077"):
        assert line in lines
