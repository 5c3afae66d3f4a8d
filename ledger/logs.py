"""One log for all programs: structlog and the standard library through one formatter, cleaned last."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ledger.links import KEY_LEAD

# Talkative libraries: below WARNING they log SQL parameters, request bodies and whole updates.
QUIET = ("aiogram", "aiohttp", "aiosqlite", "alembic", "asyncio", "sqlalchemy", "telethon")

SECRET_FIELDS = frozenset(
    {"api_hash", "claim", "code", "key", "ledger_key", "password", "phone", "session", "session_key", "token"}
)

_WORD = r"[A-Za-z0-9_-]"
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        # Eight characters and more: a masked link shows three, a link cut by Telegram eight.
        (rf"(?i){KEY_LEAD}{_WORD}{{8,}}", "t.me/+…"),
        (rf"(?<!{_WORD})claim_{_WORD}{{16,}}", "claim_…"),
        # No \b in front: in a path the token follows the letters `bot`.
        (rf"(?<!\d)\d{{6,12}}(?::|%3A){_WORD}{{30,}}", "<bot token>"),
        (rf"(?<!{_WORD})1[A-Za-z0-9_=-]{{300,}}", "<session>"),
        (r"gAAAA[A-Za-z0-9_=-]{20,}", "<sealed>"),
        (rf"(?<!{_WORD}){_WORD}{{43}}=", "<key>"),
        (r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])", "<hash>"),
        (r"://[^\s/:@]*:[^\s/@]+@", "://…@"),
        (r"\+\d{8,15}(?!\d)", "<phone>"),
        (rf"(?<!{_WORD})\+{_WORD}{{16,}}", "+…"),
    )
)


def redact(text: str) -> str:
    """The text without bot tokens, invite links, claims, sessions, keys, API hashes, phones and passwords in URLs."""
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


def configure(level: str = "INFO", format: str = "text", stream: TextIO | None = None) -> None:
    """Sends every log line of this process to `stream` (standard error), `format` `text` or `json`.

    Uncaught exceptions and warnings take the same way. Raises ValueError for another level or format.
    """
    if format not in ("text", "json"):
        raise ValueError(f"LOG_FORMAT is text or json, not {format!r}")
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"LOG_LEVEL is DEBUG, INFO, WARNING or ERROR, not {level!r}")
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _hide_fields,
            render,
            _clean,
        ],
    )
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.captureWarnings(True)
    sys.excepthook = _log_crash


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        # The inherited one prints the message's raw arguments. Where the stream itself is gone, nothing can be said.
        with suppress(OSError, ValueError):
            self.stream.write(f"a log line of {record.name} could not be written\n")


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("crash").critical("the program ended by an error", exc_info=(kind, error, trace))


def _hide_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: "…" if name in SECRET_FIELDS and value else value for name, value in event.items()}


def _clean(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    # Last of all, over the finished line: tracebacks, nested fields and reprs are text by now.
    return redact(line)  # type: ignore[arg-type, return-value]
