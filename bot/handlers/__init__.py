"""One file a family of commands; `routers` is the order in which they are asked."""

from __future__ import annotations

from collections.abc import Mapping

from aiogram import Router

from bot.batches import Kind
from bot.handlers import (
    account,
    acting,
    anonymous,
    card,
    changing,
    chats,
    deleting,
    drafting,
    forget,
    history,
    hosting,
    joiners,
    listing,
    many,
    membership,
    primary,
    removing,
    requests,
    retiring,
    rotating,
    series,
    settings,
    start,
    status,
    tidying,
)


def routers() -> tuple[Router, ...]:
    return (
        anonymous.router(),
        drafting.router(),
        chats.router(),
        hosting.router(),
        membership.router(),
        start.router(),
        listing.router(),
        card.router(),
        changing.router(),
        history.router(),
        primary.router(),
        acting.router(),
        account.router(),
        rotating.router(),
        deleting.router(),
        joiners.router(),
        requests.router(),
        status.router(),
        settings.router(),
        forget.router(),
        tidying.router(),
        retiring.router(),
        removing.router(),
        series.router(),
        many.router(),
        start.last_router(),
    )


def kinds() -> Mapping[str, Kind]:
    """What is done to many one by one, by the name it has in the ledger."""
    return {**tidying.KINDS, **retiring.KINDS, **removing.KINDS, **series.KINDS, **requests.KINDS}
