"""What a chat's owner settles: who may do what, the time zone, where answers come, and what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, Code, Italic, Text, as_list

from bot.callbacks import ErasePress, ForgetPress, SettingsAct, SettingsPress
from bot.screens.base import WIDTH, Button, Screen, clean, cut, rows_of
from bot.screens.listing import back_to_list
from bot.screens.words import say
from bot.zones import COMMON, city
from ledger.chats import Chat, Erased, Forgotten, Grant, ReplyPlace, SeenPerson

ADMINS_A_PAGE = 8


def settings(
    chat: Chat, *, now: int, named: int, host: SeenPerson | None, alerted: bool | None = None, changed: bool = False
) -> Screen:
    """`named`: how many admins may do more than their own links. `alerted`: a test alert was just asked for,
    and whether it reached the owner."""
    is_group = chat.kind != "channel"
    lines: list[str | Text] = [Bold(cut(clean(chat.title), WIDTH)), say("settings-title"), Text()]
    lines.append(say("settings-zone", zone=city(chat.time_zone), time=_time(chat.time_zone, now)))
    if not chat.zone_chosen:
        lines.append(say("settings-zone-default"))
    if is_group:
        lines.append(say("settings-replies", place=chat.reply_place.value))
    lines.append(say("settings-named", n=named))
    if changed:
        lines += [Text(), say("settings-saved")]
    if alerted is not None:
        lines += [Text(), say("settings-alerted" if alerted else "settings-not-alerted")]
    lines += [Text(), Italic(say("settings-privacy", host=_name(host) if host else say("settings-no-host")))]
    keyboard: list[tuple[Button, ...]] = [
        (
            Button(say("button-rights"), _press(chat, SettingsAct.ADMINS)),
            Button(say("button-zone"), _press(chat, SettingsAct.ZONES)),
        )
    ]
    if is_group:
        other = ReplyPlace.HERE if chat.reply_place is ReplyPlace.PRIVATE else ReplyPlace.PRIVATE
        words = say("button-replies", place=other.value)
        keyboard.append((Button(words, _press(chat, SettingsAct.REPLIES, what=other.value)),))
    keyboard += [
        (Button(say("button-test-alert"), _press(chat, SettingsAct.ALERT)),),
        (Button(say("button-erase"), ErasePress(chat=chat.id).pack()),),
        (back_to_list(chat.id),),
    ]
    return Screen(as_list(*lines), tuple(keyboard))


def with_settings(screen: Screen, chat: Chat) -> Screen:
    """The same screen with the owner's way to the settings below."""
    last = (Button(say("button-settings"), _press(chat, SettingsAct.MAIN)),)
    return replace(screen, keyboard=(*screen.keyboard, last))


def admins(chat: Chat, people: Sequence[SeenPerson], grants: Mapping[int, frozenset[Grant]], *, page: int) -> Screen:
    """Whom the owner may name; a figure says how many of the five each has."""
    last = max(0, (len(people) - 1) // ADMINS_A_PAGE)
    page = min(max(0, page), last)
    shown = people[page * ADMINS_A_PAGE : (page + 1) * ADMINS_A_PAGE]
    buttons = [
        Button(
            say("button-admin", name=cut(clean(one.name), 20), n=len(grants.get(one.id, ()))),
            _press(chat, SettingsAct.ADMIN, one.id),
        )
        for one in shown
    ]
    turns = [Button("◀", _press(chat, SettingsAct.ADMINS, page - 1))] if page else []
    turns += [Button("▶", _press(chat, SettingsAct.ADMINS, page + 1))] if page < last else []
    lines = [Bold(cut(clean(chat.title), WIDTH)), say("rights-whom" if people else "rights-nobody")]
    return Screen(as_list(*lines), (*rows_of(buttons, 2), *((tuple(turns),) if turns else ()), (_main(chat),)))


def admin(chat: Chat, person: SeenPerson, grants: frozenset[Grant], *, may_invite: bool) -> Screen:
    """Five switches, each by itself; `may_invite` False: none counts before Telegram's own right is given."""
    lines: list[str | Text] = [
        Bold(cut(clean(chat.title), WIDTH)),
        say("rights-of", name=_name(person)),
        say("rights-always"),
        Text(),
    ]
    lines += [say("rights-line", on=_flag(grant in grants), what=say(f"grant-{grant}")) for grant in Grant]
    if not may_invite:
        lines += [Text(), say("rights-idle")]
    buttons = [
        Button(
            say("button-grant", on=_flag(grant in grants), grant=grant.value),
            _press(chat, SettingsAct.TAKE if grant in grants else SettingsAct.GIVE, person.id, grant.value),
        )
        for grant in Grant
    ]
    back = Button(say("button-rights-back"), _press(chat, SettingsAct.ADMINS))
    return Screen(as_list(*lines), (*rows_of(buttons, 3), (back,)))


def zones(chat: Chat, *, now: int, among: Sequence[str] = ()) -> Screen:
    """A picker: of the common ones, or `among` those a typed name may mean."""
    buttons = [
        Button(
            say("button-zone-choice", on=_flag(zone == chat.time_zone), city=city(zone), time=_time(zone, now)),
            _press(chat, SettingsAct.ZONE, what=zone),
        )
        for zone in among or COMMON
    ]
    lines: list[str | Text] = [Bold(cut(clean(chat.title), WIDTH)), say("zones-among" if among else "zones-title")]
    if not among:
        lines += [Text(), say("zones-typed"), Code(say("zones-example"))]
    return Screen(as_list(*lines), (*rows_of(buttons, 2), (_main(chat),)))


def zone_set(chat: Chat, *, now: int) -> Screen:
    said = say("zone-set", zone=chat.time_zone, time=_time(chat.time_zone, now))
    return Screen(as_list(Bold(cut(clean(chat.title), WIDTH)), said), ((_main(chat),),))


def test_alert(chat: Chat | None) -> Screen:
    """As alerts will come: in private, unasked. Without a chat it is the host's."""
    title = say("test-alert-of", chat=clean(chat.title)) if chat else say("test-alert")
    return Screen(as_list(Bold(title), say("test-alert-what")))


def asks_erase(chat: Chat, *, links: int, once: str, again: bool) -> Screen:
    lines: list[str | Text] = [
        Bold(say("erase-ask", chat=clean(chat.title))),
        say("erase-goes", n=links),
        say("erase-stays"),
        say("erase-final"),
    ]
    if again:
        lines += [Text(), Italic(say("erase-again"))]
    yes = Button(say("button-erase-yes", n=links), ErasePress(chat=chat.id, links=links, once=once).pack())
    return Screen(as_list(*lines), ((yes,), (Button(say("button-keep-all"), _press(chat, SettingsAct.MAIN)),)))


def erased(title: str, what: Erased) -> Screen:
    return Screen(Text(say("erased", chat=clean(title), links=what.links, joins=what.joins)))


def asks_forget(chat: Chat, person_id: int, name: str, what: Forgotten, *, once: str) -> Screen:
    """`name` is what the owner called this person: what other chats know of them is not told here. `what` would
    go, and stay."""
    lines = [
        Bold(say("forget-ask", name=clean(name), chat=clean(chat.title))),
        say("forget-goes", n=what.joins),
        *([say("forgotten-name-kept")] if what.name_kept else []),
        say("erase-final"),
    ]
    yes = Button(say("button-forget-yes"), ForgetPress(chat=chat.id, person=person_id, once=once).pack())
    return Screen(as_list(*lines), ((yes,), (Button(say("button-keep-all"), _press(chat, SettingsAct.MAIN)),)))


def forgotten(chat: Chat, what: Forgotten) -> Screen:
    lines = [Bold(cut(clean(chat.title), WIDTH)), say("forgotten", n=what.joins)]
    if what.name_kept:
        lines.append(say("forgotten-name-kept"))
    return Screen(as_list(*lines), ((back_to_list(chat.id),),))


def _press(chat: Chat, act: SettingsAct, person: int = 0, what: str = "") -> str:
    return SettingsPress(chat=chat.id, act=act, person=person, what=what).pack()


def _main(chat: Chat) -> Button:
    return Button(say("button-settings-back"), _press(chat, SettingsAct.MAIN))


def _name(person: SeenPerson) -> str:
    return f"@{person.username}" if person.username else clean(person.name)


def _time(zone: str, now: int) -> str:
    return datetime.fromtimestamp(now, ZoneInfo(zone)).strftime("%H:%M")


def _flag(on: bool) -> str:
    return "on" if on else "off"
