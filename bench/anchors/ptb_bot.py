"""`python -m bench.anchors.ptb_bot URL TOKEN`: python-telegram-bot as its documentation begins, answering each
command with one message."""

from __future__ import annotations

import sys
from typing import Any

from telegram.ext import Application, CommandHandler


async def answer(update: Any, _context: Any) -> None:
    await update.message.reply_text("No links yet")


def main(url: str, token: str) -> None:
    application = Application.builder().token(token).base_url(f"{url}/bot").build()
    application.add_handler(CommandHandler("invites", answer))
    application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
