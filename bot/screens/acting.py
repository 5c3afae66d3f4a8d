"""What the signed-in account is asked to do: the question before it, what it waits for, what came of it."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Italic, Text, as_list

from bot.callbacks import ActPress, CancelPress, CardAct, CardPress, WaitingPress, WhoPress
from bot.screens.base import WIDTH, Button, Screen, clean, cut
from bot.screens.listing import back_to_list, name_of
from bot.screens.words import moment, say
from bot.start_links import Replay
from ledger.chats import Account, AccountState, Chat
from ledger.errands import READING, Act, Errand, ErrandState, Held, Power
from ledger.links import Link

# Of a refusal: nobody could do it by hand either, or there is nothing left to do.
_NOT_BY_HAND = frozenset({
    "cancelled", "gone", "no-such-link", "not-primary", "not-revoked", "not-served", "only-that-bot", "past",
    "primary", "revoked", "same",
})  # fmt: skip
_NO_CONNECTION = (AccountState.OFFLINE, AccountState.STALE, AccountState.LOST, AccountState.ABSENT)


def asks_act(act: Act, link: Link | None, chat: Chat, *, viewer_id: int, once: str, again: bool = False) -> Screen:
    """The one question before the account does it; `again`: the yes that came was used already, or too old. Without a
    link it is about all who wait in the chat."""
    if link is None:
        return _asks_of_chat(act, chat, viewer_id=viewer_id, once=once, again=again)
    number = str(link.number)
    title = say("act-ask", act=act.value, number=number, name=name_of(link), chat=clean(chat.title))
    press = ActPress(chat=chat.id, act=act, number=link.number, person=viewer_id, once=once)
    yes = Button(say("button-act-yes", act=act.value, number=number), press.pack())
    head = [Italic(say("revoke-again"))] if again else []
    what = say("act-what", act=act.value, n=link.pending if act in (Act.APPROVE, Act.DECLINE) else link.joined)
    return Screen(as_list(*head, Bold(title), what, Italic(say("act-in-log"))), ((yes,), (_card(link, "keep"),)))


def _asks_of_chat(act: Act, chat: Chat, *, viewer_id: int, once: str, again: bool) -> Screen:
    press = ActPress(chat=chat.id, act=act, number=0, person=viewer_id, once=once)
    yes = Button(say("button-act-yes", act=act.value, number=""), press.pack())
    keep = Button(say("button-requests-keep"), WaitingPress(chat=chat.id).pack())
    head = [Italic(say("revoke-again"))] if again else []
    title = Bold(say("act-ask-all", act=act.value, chat=clean(chat.title)))
    return Screen(as_list(*head, title, say("act-what-all"), Italic(say("act-in-log"))), ((yes,), (keep,)))


def act_open(
    errand: Errand, link: Link | None, chat: Chat, *, account: Account, power: Power, now: int,
    viewer_id: int | None, first: str = "", may_cancel: bool = True,
) -> Screen:  # fmt: skip
    """While it is asked or under way. `first` is who asked for it before this reader did, who may call it back then
    only as the chat's owner."""
    lines: list[str | Text] = [cut(clean(chat.title), WIDTH), Bold(_title(errand, link))]
    why, until = waits_for(errand, account, power)
    if first:
        lines.append(say("act-asked-by", name=clean(first)))
    else:
        lines.append(say("act-asked", waits="yes" if why else "no"))
        if errand.act not in (Act.JOINERS, Act.WAITING):
            lines.append(Italic(say("act-log")))
    if why:
        when = moment(until, chat.time_zone, now) if until else ""
        lines.append(say("act-waits", why=why, until=when))
        lines.append(by_hand(errand.act, link, viewer_id))
    cancel: tuple[Button, ...] = ()
    if may_cancel and errand.id and errand.sent_at is None:
        cancel = (Button(say("button-cancel"), CancelPress(chat=chat.id, errand=errand.id).pack()),)
    back = _card(link, "card") if link else back_to_list(chat.id)
    return Screen(as_list(*lines), ((*cancel, back),), replay=Replay("status", chat.id).payload())


def act_other(errand: Errand, link: Link, chat: Chat, *, first: str) -> Screen:
    """Another change of the same link is under way, so this one was not asked."""
    lines = [Bold(_title(errand, link)), say("act-other", name=clean(first) or "…")]
    return Screen(as_list(*lines), ((_card(link, "card"),),))


def act_ended(errand: Errand, link: Link | None, chat: Chat, *, viewer_id: int | None, first: str = "") -> Screen:
    """The outcome, edited into each message that asked."""
    lines: list[str | Text] = [cut(clean(chat.title), WIDTH), Bold(_title(errand, link))]
    if errand.state == ErrandState.DONE:
        word = "already" if errand.result.get("already") else errand.act.value
        figures = {name: int(errand.result.get(name, 0)) for name in ("n", "new", "gone")}
        lines.append(say("act-done", act=word, **figures))
        if number := errand.result.get("number"):
            lines.append(say("act-new-primary", number=str(number)))
        if first:
            lines.append(say("act-first", name=clean(first)))
    elif errand.state == ErrandState.REFUSED:
        lines.append(say("act-refused", reason=errand.reason))
        if errand.reason not in _NOT_BY_HAND:
            lines.append(by_hand(errand.act, link, viewer_id))
    else:
        lines.append(say("act-unknown"))
    back = _card(link, "card") if link else back_to_list(chat.id)
    read = _read(errand, link, chat) if errand.state == ErrandState.DONE else ()
    return Screen(as_list(*lines), ((*read, back),), replay=Replay("status", chat.id).payload())


def waits_for(errand: Errand, account: Account, power: Power) -> tuple[str, int | None]:
    """Why nothing comes of it yet, and until when, where that is known; empty while it is simply on its way."""
    if (errand.act not in READING and power.off) or errand.held == Held.OFF:
        return "off", None
    if account.state in _NO_CONNECTION:
        return account.state.value, None
    if errand.held is not None:
        return errand.held.value, errand.held_until
    return "", None


def open_line(errand: Errand, link: Link | None, *, account: Account, power: Power, zone: str, now: int) -> str:
    """The same in one line."""
    why, until = waits_for(errand, account, power)
    waiting = say("act-waits", why=why, until=moment(until, zone, now) if until else "") if why else say("act-on-way")
    return f"{_title(errand, link)}: {waiting}"


def by_hand(act: Act, link: Link | None, viewer_id: int | None) -> str:
    """Who does it in the app: its maker, but where that is a bot or no admin any more, the owner."""
    if link is None or link.by_this_bot or link.maker_left:
        name = say("act-by-hand-owner")
    else:
        name = say("row-you") if link.creator_id == viewer_id else clean(link.creator)
    return say("act-by-hand", act=act.value, name=name)


def _title(errand: Errand, link: Link | None) -> str:
    about = f"#{link.number} {name_of(link)}" if link else ""
    of_chat = link is None and errand.act in (Act.WAITING, Act.APPROVE, Act.DECLINE)
    act = f"{errand.act.value}-chat" if of_chat else errand.act.value
    return cut(say("act-title", act=act, about=about).strip(), WIDTH)


def _read(errand: Errand, link: Link | None, chat: Chat) -> tuple[Button, ...]:
    """To what was read: who may see it is asked there."""
    number = link.number if link else 0
    if errand.act == Act.JOINERS:
        return (Button(say("button-read-who"), WhoPress(chat=chat.id, number=number).pack()),)
    if errand.act == Act.WAITING:
        return (Button(say("button-read-waiting"), WaitingPress(chat=chat.id, number=number).pack()),)
    return ()


def _card(link: Link, word: str) -> Button:
    data = CardPress(act=CardAct.CARD, chat=link.chat_id, number=link.number).pack()
    return Button(say(f"button-{word}", number=str(link.number)), data)
