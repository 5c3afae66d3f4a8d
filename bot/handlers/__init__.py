"""One file a family of commands; `routers` is the order in which they are asked."""

from __future__ import annotations

from aiogram import Router

from bot.handlers import (
    anonymous,
    card,
    changing,
    chats,
    forget,
    hosting,
    listing,
    membership,
    primary,
    settings,
    start,
    status,
)


def routers() -> tuple[Router, ...]:
    return (
        anonymous.router(),
        chats.router(),
        hosting.router(),
        membership.router(),
        start.router(),
        listing.router(),
        card.router(),
        changing.router(),
        primary.router(),
        status.router(),
        settings.router(),
        forget.router(),
        start.last_router(),
    )
