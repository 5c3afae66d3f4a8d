"""`console doctor`: walks every precondition and names each mend. It changes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from console import check_files, check_programs, check_telegram
from console.findings import Finding, Verdict, left_open, wrong
from console.status import waiting_notices
from ledger.chats import Served, Status
from ledger.errors import LedgerError
from ledger.settings import LedgerSettings
from ledger.store import Ledger
from ledger.store.checkup import Checkup, examine

MARKS = {Verdict.FINE: ("✓", "green"), Verdict.WRONG: ("✗", "bold red"), Verdict.OPEN: ("–", "dim")}


async def show_findings(*, as_json: bool) -> int:
    """Prints a line for each; returns 0 where nothing is wrong, else 1."""
    findings = await walk()
    good = all(finding.verdict != Verdict.WRONG for finding in findings)
    if as_json:
        print(json.dumps({"fine": good, "findings": [asdict(each) for each in findings]}, ensure_ascii=False, indent=2))
    else:
        _print(findings)
    return 0 if good else 1


async def walk(clock: Callable[[], float] = time.time) -> list[Finding]:
    """Every precondition, in the order in which one stands on another."""
    settings = check_files.Settings()
    findings = [*settings.findings]
    try:
        found = examine(settings.ledger)
        findings += check_files.files(settings)
        findings += check_files.ledger(found)
        status, notices = await _status(settings.ledger, found)
    except LedgerError as error:  # LEDGER_URL names no file
        findings.append(wrong("ledger", str(error), "set it right in .env"))
        status, notices = None, 0
    if settings.bot is not None:
        served = [each.chat for each in status.chats if each.chat.served == Served.SERVED] if status else []
        findings += [each async for each in check_telegram.telegram(settings.bot, served, clock=clock)]
    if settings.account is None:
        pass  # what is wrong with its settings was said
    elif settings.account.api_id is not None:
        findings += check_files.session(settings.account)
    else:
        findings.append(left_open("account", "none: the bot runs alone", "API_ID in .env, if you want one: make setup"))
    if status is not None:
        findings += check_programs.programs(status, notices, settings.account, int(clock()))
    return findings


async def _status(settings: LedgerSettings, found: Checkup) -> tuple[Status | None, int]:
    """The status and how many notices wait; None where opening the ledger would change it, or fail."""
    whole = found.exists and not found.key and not found.error and found.integrity == "ok"
    same_journal = (found.journal_mode == "wal") == (found.journal_wanted == "wal")
    if not whole or not same_journal or found.revision != found.newest:
        return None, 0
    ledger = await Ledger.open(settings)
    try:
        return await ledger.host.status(), await waiting_notices(ledger)
    finally:
        await ledger.close()


def _print(findings: list[Finding]) -> None:
    screen = Console(highlight=False)
    width = max(len(each.what) for each in findings)
    for each in findings:
        mark, style = MARKS[each.verdict]
        line = Text.assemble((mark, style), f" {each.what:<{width}}  {each.says}")
        if each.mend:
            line.append(f" → {each.mend}", style="bold" if each.verdict == Verdict.WRONG else "dim")
        screen.print(line, soft_wrap=True)
    count = sum(each.verdict == Verdict.WRONG for each in findings)
    screen.print(f"\n{count} to mend." if count else "\nAll is as it should be.", style="bold")
