"""`.env` and the files of secrets it names, written so that only their owner reads them."""

from __future__ import annotations

import os
import re
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"


def write_private(path: Path, text: str) -> None:
    """Replaces the file as a whole: 0600 in a folder 0700 (where it makes one), under any umask."""
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True)
        path.parent.chmod(0o700)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    new.replace(path)


def set_in(env: Path, name: str, value: str) -> None:
    """Sets one name in place: on its own line, else where a comment shows it, else at the end."""
    lines = env.read_text(encoding="utf-8").splitlines()
    for pattern in (rf"{name}=", rf"# ?{name}="):
        for number, line in enumerate(lines):
            if re.match(pattern, line):
                lines[number] = f"{name}={value}"
                write_private(env, "\n".join(lines) + "\n")
                return
    write_private(env, "\n".join([*lines, f"{name}={value}"]) + "\n")
