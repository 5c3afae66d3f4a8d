"""One file a family of commands; `routers` is the order in which they are asked."""

from __future__ import annotations

from aiogram import Router

from bot.handlers import card, chats, hosting, listing, membership, start, status


def routers() -> tuple[Router, ...]:
    return (
        hosting.router(),
        membership.router(),
        start.router(),
        listing.router(),
        card.router(),
        chats.router(),
        status.router(),
        start.last_router(),
    )
