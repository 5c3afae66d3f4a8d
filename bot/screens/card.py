"""The card of one link, its reveal, the questions before it is revoked or replaced, and what a link
became: the echo of a new or a changed one."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Bold, Code, Italic, Text, as_list

from bot.access import Executor
from bot.callbacks import (
    CardAct,
    CardPress,
    ConfirmPress,
    HistoryPress,
    RemoveAct,
    RemovePress,
    ReplacePress,
    RotatePress,
    UndoPress,
    WaitingPress,
    WhoPress,
)
from bot.packing import MINE
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, columns, cut
from bot.screens.listing import back_to_list, name_of, packed
from bot.screens.words import ago, date_and_time, day, exactly, moment, say, span
from bot.start_links import Replay
from bot.wishes import LIMIT_AT_MOST, Choice, Question
from ledger.chats import Chat
from ledger.links import UNREVOKED, Link
from ledger.sweeps import Read


def card(
    link: Link,
    chat: Chat,
    *,
    now: int,
    viewer_id: int | None,
    may_show: bool,
    may_change: bool,
    executors: Sequence[Executor],
    may_replace: bool = False,
    may_remove: bool = False,
    may_rotate: bool = False,
    may_who: bool = False,
    may_delete: bool = False,
    note: str = "",
    old: int = 0,
    whom: str = "",
    read: Read | None = None,
    by_hand: Sequence[Executor] = (),
) -> Screen:
    """Screen 3. A button stands only where its act exists and this person may do it. `note` names what to
    say first: what just became of the link, or why what was asked cannot be done here; `old` is the
    number of the link that this one replaced; `whom` the link is for; `read` how old what is known of it is;
    `by_hand` who can do in the app what the note is about, where not the `executors`."""
    head = []
    if note:
        told = {"number": str(link.number), "old": str(old), "name": clean(link.creator)}
        told |= {"who": _by_hand(by_hand or executors), "kind": "channel" if chat.kind == "channel" else "group"}
        head.append(Italic(say(f"note-{note}", **told)))
    known = _lines(link, chat, Code(link.masked), executors, now=now, viewer_id=viewer_id, whom=whom, read=read)
    text = as_list(*head, *known)
    if not link.whole:
        text = as_list(text, Italic(say("card-cut")))
    elif not may_show:
        by_a_bot = (link.by_this_bot and link.asker is None) or Executor.OTHER_BOT in executors
        refused = say("card-key-owners") if by_a_bot else say("card-key-refused", name=_person(link))
        text = as_list(text, Italic(refused))
    keyboard: Rows = ()
    if may_show and link.whole:
        keyboard += (_reveals(link),)
    acts: tuple[Button, ...] = ()
    rotate = (_press("rotate", CardAct.ROTATE, link),) if may_rotate else ()
    if may_change:
        acts = (_press("change", CardAct.CHANGE, link), *rotate, _press("revoke", CardAct.REVOKE, link))
    elif may_replace:
        acts = (_press("replace", CardAct.REPLACE, link),)
    elif may_delete:
        acts = (_press("delete", CardAct.DELETE, link),)
    keyboard += (acts,) if acts else ()
    if may_remove:
        removes = RemovePress(act=RemoveAct.OPEN, chat=link.chat_id, row=link.number).pack()
        keyboard += ((Button(say("button-remove-all"), removes),),)
    press = HistoryPress(chat=chat.id, number=link.number).pack()
    history, people = Button(say("button-history"), press), _people(link, may_who=may_who)
    if len(people) > 1:
        keyboard, people = (*keyboard, people), ()
    return Screen(text, (*keyboard, (*people, history, back_to_list(chat.id))), replay=_replay(link))


def revealed(
    link: Link,
    chat: Chat,
    whole: str,
    *,
    now: int,
    viewer_id: int,
    executors: Sequence[Executor],
    copying: bool,
    hides: bool,
    whom: str = "",
    read: Read | None = None,
) -> Screen:
    """The card with the full link: as text after Show, in the copy button alone after Copy. `hides`:
    it is hidden again after ten minutes."""
    shown = Code(link.masked if copying else whole)
    lines = _lines(link, chat, shown, executors, now=now, viewer_id=viewer_id, whom=whom, read=read)
    if copying:
        lines.append(Italic(say("copy-ready")))
    if hides:
        lines.append(Italic(say("card-hides")))
    keyboard = (
        (Button(say("button-copy-now"), copy=whole),),
        (_press("hide", CardAct.CARD, link), back_to_list(chat.id)),
    )
    return Screen(as_list(*lines), keyboard, secret=True, replay=_replay(link))


def hidden(chat_id: int, number: int, name: str) -> Screen:
    """What a reveal turns into after its time."""
    card_press = CardPress(act=CardAct.CARD, chat=chat_id, number=number).pack()
    button = Button(say("button-card", number=str(number)), card_press)
    return Screen(Text(Italic(say("hidden", number=str(number), name=clean(name)))), ((button,),))


def asks_revoke(link: Link, chat: Chat, *, viewer_id: int, once: str, undo: bool, again: bool = False) -> Screen:
    """The one question before a revoke: what will happen, and that nothing undoes it. `again`: the yes
    that came was used already, or too old."""
    yes = ConfirmPress(chat=chat.id, number=link.number, person=viewer_id, once=once).pack()
    return _asks("revoke", link, chat, yes, again=again, title="undo-ask" if undo else "revoke-ask")


def asks_replace(link: Link, chat: Chat, *, viewer_id: int, once: str, again: bool = False) -> Screen:
    """The one question before this bot's primary link is replaced; `again` as in `asks_revoke`."""
    yes = ReplacePress(chat=chat.id, number=link.number, person=viewer_id, once=once).pack()
    return _asks("replace", link, chat, yes, again=again)


def asks_rotate(link: Link, chat: Chat, *, viewer_id: int, nth: int, once: str, again: bool = False) -> Screen:
    """The one question before a link gets its `nth` + 1st other key; `again` as in `asks_revoke`."""
    yes = RotatePress(chat=chat.id, number=link.number, person=viewer_id, nth=nth, once=once).pack()
    return _asks("rotate", link, chat, yes, again=again)


def created(link: Link, chat: Chat, *, asked_at: int, relative: bool = True, whom: str = "") -> Screen:
    """Screen 4: what was understood, in full. `relative`: its end was said as a span, not as a date; `whom` the
    link is for."""
    undo = _press("undo", CardAct.UNDO, link)
    return _echo(link, chat, say("card-via-bot-you"), undo, at=asked_at, relative=relative, whom=whom)


def changed(link: Link, chat: Chat, *, at: int, relative: bool, may_show: bool, change: int) -> Screen:
    """What a link is after its change at that time, the `change`-th in its history; else as `created`."""
    undo = Button(say("button-undo"), UndoPress(chat=chat.id, number=link.number, change=change).pack())
    return _echo(link, chat, Italic(say("changed-now")), undo, at=at, relative=relative, may_show=may_show)


def changed_by_account(link: Link, chat: Chat, *, at: int, may_show: bool, change: int, first: str) -> Screen:
    """The same of a link that the account changed; `first` is who asked for it before this reader did."""
    undo = Button(say("button-undo"), UndoPress(chat=chat.id, number=link.number, change=change).pack())
    how = say("changed-by-account") if not first else say("changed-by-account-first", name=clean(first))
    return _echo(link, chat, Italic(how), undo, at=at, relative=False, may_show=may_show)


def may_have_changed(link: Link, chat: Chat) -> Screen:
    """After an interruption between asking Telegram for a change, or for a new primary link, and its answer."""
    return _may_have("changed", link, chat)


def may_have_rotated(link: Link, chat: Chat) -> Screen:
    """After an interruption between asking Telegram for a new key of a link and its answer."""
    return _may_have("rotated", link, chat)


def full_already(link: Link, limit: int) -> Question:
    """What a member limit means that is reached already: so many more, or so many in all."""
    total, in_all = link.joined + limit, f"/invite {link.number} x{limit} in all"
    choices = [Choice("choice-full-all", {"limit": limit}, in_all)] if limit > link.carried else []
    if total <= LIMIT_AT_MOST:
        more = Choice("choice-full-more", {"limit": total, "more": limit}, f"/invite {link.number} x{total}")
        choices.insert(0, more)
    return Question("full", f"x{limit}", tuple(choices))


def may_exist(chat: Chat, name: str) -> Screen:
    """After an interruption between asking Telegram for a link and its answer."""
    title = say("may-exist", name=clean(name), chat=clean(chat.title))
    replay = Replay("list", chat.id, ask=MINE).payload()
    return Screen(as_list(Bold(title), say("may-exist-why")), ((back_to_list(chat.id),),), replay=replay)


def _asks(act: str, link: Link, chat: Chat, yes: str, *, again: bool, title: str = "") -> Screen:
    head = [Italic(say("revoke-again"))] if again else []
    said = say(title or f"{act}-ask", number=str(link.number), name=name_of(link), chat=clean(chat.title))
    keyboard = (
        (Button(say(f"button-{act}-yes", number=str(link.number)), yes),),
        (_press("keep", CardAct.CARD, link),),
    )
    return Screen(as_list(*head, Bold(said), say(f"{act}-what", n=link.joined)), keyboard)


def _may_have(become: str, link: Link, chat: Chat) -> Screen:
    title = say(f"may-have-{become}", number=str(link.number), name=name_of(link), chat=clean(chat.title))
    card = Button(say("button-card", number=str(link.number)), _data(CardAct.CARD, link))
    text = as_list(Bold(title), say(f"may-have-{become}-why"))
    return Screen(text, ((card, back_to_list(chat.id)),), replay=_replay(link))


def _lines(
    link: Link, chat: Chat, shown: Text, executors: Sequence[Executor], *, now: int, viewer_id: int | None, whom: str,
    read: Read | None,
) -> list[str | Text]:  # fmt: skip
    zone = chat.time_zone
    mark = " ⚠" if link.warned else ""
    state = say(f"state-{link.state}")
    title = cut(f"#{link.number} {name_of(link)}", WIDTH - len(state) - len(mark) - 3)
    you = link.whose == viewer_id
    left = [say("card-leavers", n=link.leavers)] if link.leavers else []
    by = "card-by" if not link.by_this_bot else "card-via-bot" if you or link.asker else "card-by-bot"
    lines: list[str | Text] = [
        cut(clean(chat.title), WIDTH),
        Text(Bold(title), f"{mark} · {state}"),
        shown,
        say(f"{by}-you") if you else cut(say(by, name=_person(link)), WIDTH),
        packed([say("row-joined", n=link.joined), *left], indent=""),
    ]
    if link.state in UNREVOKED:  # else what it would still let in is no news
        lines.append(say("card-places", left=link.places, limit=link.limit) if link.limit else say("card-no-limit"))
        lines.append(_ends(link, zone, now))
    if link.price:
        lines.append(say("card-price", n=link.price))
    if link.once:
        lines.append(say("card-once"))
    if whom:
        lines.append(say("card-for", whom=clean(whom)))
    if link.approval:
        lines.append(say("card-approval"))
    if link.pending:
        lines.append(say("card-pending", n=link.pending))
    if link.last_join is not None:
        lines.append(say("card-last-join", ago=ago(link.last_join, now)))
    lines.append(
        say("card-created", day=day(link.created, zone, now))
        if link.created
        else say("card-first-seen", day=day(link.first_seen, zone, now))
    )
    lines += _how_fresh(read, zone, now)
    if link.before:
        lines.append(Text(say("card-before-open" if link.before_open else "card-before"), " ", Code(link.before)))
    if link.maker_left:
        lines.append(say("card-maker-left"))
    if link.note:
        lines.append(say("card-note", note=clean(link.note)))
    if executors and link.state in UNREVOKED:
        lines.append(say("card-changed-by", who=" · ".join(_who(link, executor) for executor in executors)))
    return lines


def _echo(
    link: Link,
    chat: Chat,
    how: str | Text,
    undo: Button,
    *,
    at: int,
    relative: bool,
    may_show: bool = True,
    whom: str = "",
) -> Screen:
    title = say("created-title", number=str(link.number), name=cut(name_of(link), WIDTH - len(f"#{link.number} ‘’")))
    members = say("created-members", n=link.limit) if link.limit else say("created-no-limit")
    lines = [
        cut(clean(chat.title), WIDTH),
        Bold(title),
        how,
        _lasts(link, chat.time_zone, at, relative=relative),
        f"{members} · {say('created-approval' if link.approval else 'created-no-approval')}",
        *([say("card-price", n=link.price)] if link.price else []),
        *([say("card-once")] if link.once else []),
        *([say("card-for", whom=clean(whom))] if whom else []),
        Code(link.masked),
    ]
    shows = (_reveals(link),) if may_show else ()
    keyboard = (*shows, (_press("change", CardAct.CHANGE, link), undo, back_to_list(chat.id)))
    return Screen(as_list(*lines), keyboard, replay=_replay(link))


def _lasts(link: Link, zone: str, at: int, *, relative: bool) -> str:
    if not link.expires:
        return say("created-never-ends")
    when = date_and_time(link.expires, zone, at)
    lasting = exactly(link.expires - at)
    if relative and columns(line := say("created-lasts", span=lasting, when=when)) <= WIDTH:
        return line
    until = say("created-until", when=when)
    parts = [lasting, until] if relative else [until, say("created-in", span=span(link.expires - at))]
    return packed(parts, indent="")


def _ends(link: Link, zone: str, now: int) -> str:
    if not link.expires:
        return say("card-never-ends")
    if link.expires <= now:
        return say("card-ended", when=moment(link.expires, zone, now))
    return say("card-ends", when=moment(link.expires, zone, now), span=span(link.expires - now))


def _how_fresh(read: Read | None, zone: str, now: int) -> list[Text]:
    if read is None:
        return []
    if read.unreadable_since is not None:
        return [Italic(say("card-unreadable", day=day(read.unreadable_since, zone, now)))]
    return [Italic(say("fresh-as-of-plain", ago=ago(read.as_of, now)))]


def _who(link: Link, executor: Executor) -> str:
    return say(f"who-{executor}", name=clean(link.creator))


def _by_hand(executors: Sequence[Executor]) -> str:
    """Who can do it in the app: the reader, the maker, the owner, or both of these."""
    if Executor.YOU in executors:
        return "you"
    if Executor.MAKER not in executors:
        return "owner"
    return "both" if Executor.OWNER in executors else "maker"


def _people(link: Link, *, may_who: bool) -> tuple[Button, ...]:
    """Who joined, and who asks to."""
    row: tuple[Button, ...] = ()
    if may_who and link.joined:
        row += (Button(say("button-who"), WhoPress(chat=link.chat_id, number=link.number).pack()),)
    if link.pending:
        waiting = WaitingPress(chat=link.chat_id, number=link.number).pack()
        row += (Button(say("button-requests", n=link.pending), waiting),)
    return row


def _person(link: Link) -> str:
    return clean(link.asker or link.creator)


def _reveals(link: Link) -> tuple[Button, ...]:
    return tuple(_press(act.name.lower(), act, link) for act in (CardAct.SHOW, CardAct.COPY, CardAct.QR))


def _press(word: str, act: CardAct, link: Link) -> Button:
    return Button(say(f"button-{word}"), _data(act, link))


def _data(act: CardAct, link: Link) -> str:
    return CardPress(act=act, chat=link.chat_id, number=link.number).pack()


def _replay(link: Link) -> str:
    return Replay("card", link.chat_id, link.number).payload()
