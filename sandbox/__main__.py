"""`python -m sandbox`: one JSON line about where it is, then it serves until stopped."""

from __future__ import annotations

import argparse
from pathlib import Path

from sandbox.program import serve

parser = argparse.ArgumentParser(prog="sandbox", description="A small Telegram on loopback.")
parser.add_argument("--dir", type=Path, help="folder that keeps the world (by default each start makes a new one)")
parser.add_argument("--bot-api-port", type=int, default=0)
parser.add_argument("--mtproto-port", type=int, default=0)
parser.add_argument("--log", type=Path, help="file that receives the world's log as JSON lines")
given = parser.parse_args()
serve(given.dir, given.bot_api_port, given.mtproto_port, as_json=True, log_file=given.log)
