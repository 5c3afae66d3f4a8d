"""One file a family of commands; `register` is the order in which they are asked."""

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


def register(routes: Router) -> None:
    """What asks comes to the first handler whose filters take it."""
    for family in (
        anonymous,
        drafting,
        chats,
        hosting,
        membership,
        start,
        listing,
        card,
        changing,
        history,
        primary,
        acting,
        account,
        rotating,
        deleting,
        joiners,
        requests,
        status,
        settings,
        forget,
        tidying,
        retiring,
        removing,
        series,
        many,
    ):
        family.register(routes)
    start.register_last(routes)


def kinds() -> Mapping[str, Kind]:
    """What is done to many one by one, by the name it has in the ledger."""
    return {**tidying.KINDS, **retiring.KINDS, **removing.KINDS, **series.KINDS, **requests.KINDS}
