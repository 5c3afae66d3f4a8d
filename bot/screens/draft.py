"""A link that is put together with buttons, and what is collected to change one."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.utils.formatting import Bold, Code, Italic, Text, as_list

from bot import drafts
from bot.callbacks import DraftAct, DraftPress
from bot.drafts import Draft, Field
from bot.screens.base import WIDTH, Button, Rows, Screen, clean, cut, rows_of
from bot.screens.listing import name_of
from bot.screens.words import date_and_time, day, exactly, say
from bot.start_links import Replay, start_link
from bot.wishes import LIMIT_AT_MOST, Question
from ledger.chats import Chat
from ledger.links import Link


def draft(draft: Draft, link: Link | None, chat: Chat, row: int, *, now: int) -> Screen:
    """What the link is to be, with the official presets; what is otherwise than now is bold. `row` keeps the
    draft; `link` is the one to be changed."""
    approval, limit, once = (of(draft, link) for of in (drafts.approval_of, drafts.limit_of, drafts.once_of))
    told = [
        (say("draft-name", name=cut(clean(_name(draft, link), empty=say("draft-no-name")), 26)), draft.name),
        (_ends(draft, link, chat.time_zone, now), draft.ends or None),
        (say("draft-once") if once else say("draft-limit", n=limit), draft.limit),
        (say("draft-approval", on="on" if approval else "off"), draft.approval),
    ]
    paid = bool(draft.price) or (link is not None and link.price > 0)
    lines = [Bold(line) if link is not None and said is not None else Text(line) for line, said in told]
    title = Bold(cut(f"#{link.number} {name_of(link)}", WIDTH)) if link is not None else Bold(say("draft-new"))
    if draft.price:
        lines.insert(1, Text(say("draft-price", n=draft.price)))
    shown = lines[: 1 + bool(draft.price)] if paid else lines
    one_line = say("draft-line", example=_example(link, paid=paid))
    text = as_list(cut(clean(chat.title), WIDTH), title, *shown, Italic(one_line))
    name = _button("draft-button-name", chat, row, DraftAct.ASK_NAME)
    asks = _button("draft-button-approval", chat, row, DraftAct.APPROVAL, int(not approval), on=str(approval).lower())
    rows: Rows = ((name,),) if paid else ((name, asks), *_end_rows(draft, link, chat, row))
    if not paid:
        rows += _limit_rows(draft, link, chat, row)
    if link is None and chat.kind == "channel":
        rows += _price_rows(draft, chat, row)
    save = _button("draft-button-create" if link is None else "draft-button-save", chat, row, DraftAct.SAVE)
    ready = (save,) if link is None or draft.says_something else ()
    last = (*ready, _button("draft-button-cancel", chat, row, DraftAct.CANCEL))
    return Screen(text, (*rows, last), replay=_replay(chat, row))


def draft_asks(field: Field, draft: Draft, chat: Chat, row: int, *, in_group: bool, bot_username: str) -> Screen:
    """What to type for this field. In a group words would be for all to read, so it goes on in private."""
    title = say("draft-of", number=str(draft.number)) if draft.number else say("draft-new")
    lines: list[str | Text] = [cut(clean(chat.title), WIDTH), Bold(title)]
    back = _button("draft-button-back", chat, row, DraftAct.SHOW)
    if in_group:
        lines.append(say("draft-ask-group"))
        onward = Button(say("draft-button-private"), url=start_link(bot_username, _replay(chat, row)))
        return Screen(as_list(*lines), ((onward, back),), replay=_replay(chat, row))
    lines += [say("draft-ask", field=field.name.lower()), Code(say(f"draft-ask-{field.name.lower()}"))]
    return Screen(as_list(*lines), ((back,),), replay=_replay(chat, row))


def draft_full(draft: Draft, link: Link, chat: Chat, row: int, rows: Sequence[int]) -> Screen:
    """A limit that is reached already: so many more (the first of `rows`), or so many in all (the second)?"""
    limit = draft.limit or 0
    more = say("choice-full-more", limit=link.joined + limit, more=limit)
    choices = [(more, rows[0])] if link.joined + limit <= LIMIT_AT_MOST else []
    choices.append((say("choice-full-all", limit=limit), rows[1]))
    buttons = [Button(label, _data(chat, one, DraftAct.SHOW)) for label, one in choices]
    text = as_list(cut(clean(chat.title), WIDTH), say("ask-full", text=f"x{limit}"))
    return Screen(text, (*rows_of(buttons, 2), (_button("draft-button-cancel", chat, row, DraftAct.CANCEL),)))


def draft_meaning(question: Question, chat: Chat, rows: Sequence[int], *, now: int) -> Screen:
    """What was typed for a field could mean several things; each of `rows` keeps the draft with one of them."""
    buttons = []
    for choice, row in zip(question.choices, rows, strict=True):
        said = dict(choice.label_args)
        if isinstance(at := said.get("at"), int):
            said["day"] = day(at, chat.time_zone, now)
        buttons.append(Button(say(choice.label_key, **said), _data(chat, row, DraftAct.SHOW)))
    text = as_list(cut(clean(chat.title), WIDTH), say(f"ask-{question.kind}", text=clean(question.text)))
    return Screen(text, rows_of(buttons, 2))


def draft_below() -> Screen:
    """In the place of a question that was answered."""
    return Screen(Text(Italic(say("draft-below"))))


def _name(draft: Draft, link: Link | None) -> str:
    return draft.name if draft.name is not None else link.title if link is not None else ""


def _ends(draft: Draft, link: Link | None, zone: str, now: int) -> str:
    if draft.lasts is not None:
        return say("draft-longer" if draft.extend else "draft-lasts", span=exactly(draft.lasts))
    until = draft.until if draft.ends else link.expires if link is not None else None
    return say("draft-until", when=date_and_time(until, zone, now)) if until else say("draft-never")


def _example(link: Link | None, *, paid: bool) -> str:
    if link is None:
        return "/invite new Course paid 100" if paid else "/invite new Spring ads 7d x10"
    if paid:
        return f'/invite {link.number} "New name"'
    return f"/invite {link.number} {'+7d' if link.expires else '7d'}{'' if link.approval else ' x50'}"


def _end_rows(draft: Draft, link: Link | None, chat: Chat, row: int) -> Rows:
    spans = tuple(
        _button("draft-button-span", chat, row, DraftAct.END, span, of=span,
                chosen=draft.lasts == span and not draft.extend)
        for span in drafts.SPANS
    )  # fmt: skip
    never = draft.forever or (not draft.ends and not (link is not None and link.expires))
    return (
        spans,
        (
            _button("draft-button-never", chat, row, DraftAct.END, chosen=never),
            _button("draft-button-end", chat, row, DraftAct.ASK_END),
        ),
    )


def _limit_rows(draft: Draft, link: Link | None, chat: Chat, row: int) -> Rows:
    limit, once = drafts.limit_of(draft, link), drafts.once_of(draft, link)
    presets = tuple(
        _button("draft-button-members", chat, row, DraftAct.LIMIT, n, n=n, chosen=n == limit and not once)
        for n in drafts.LIMITS
    )
    none = _button("draft-button-unlimited", chat, row, DraftAct.LIMIT, chosen=not limit)
    never = link is not None and (link.joined > 0 or not link.by_this_bot)
    only_once = () if never else (_button("draft-button-once", chat, row, DraftAct.ONCE, chosen=once),)
    return (presets, (none, *only_once, _button("draft-button-limit", chat, row, DraftAct.ASK_LIMIT)))


def _price_rows(draft: Draft, chat: Chat, row: int) -> Rows:
    """Of channels alone: Telegram has no paid links elsewhere."""
    presets = tuple(
        _button("draft-button-price", chat, row, DraftAct.PRICE, n, n=n, chosen=n == draft.price) for n in drafts.PRICES
    )
    free = _button("draft-button-free", chat, row, DraftAct.PRICE, chosen=not draft.price)
    return (presets, (free, _button("draft-button-other-price", chat, row, DraftAct.ASK_PRICE)))


def _button(
    label: str, chat: Chat, row: int, act: DraftAct, value: int = 0, *, chosen: bool = False, **said: object
) -> Button:
    text = say(label, **said)
    return Button(f"{text} ✓" if chosen else text, _data(chat, row, act, value))


def _data(chat: Chat, row: int, act: DraftAct, value: int = 0) -> str:
    return DraftPress(chat=chat.id, act=act, row=row, value=value).pack()


def _replay(chat: Chat, row: int) -> str:
    return Replay("draft", chat.id, row).payload()
