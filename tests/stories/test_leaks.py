"""The scans that watch every test for whole links: each finds what was planted for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from sandbox.chats import Chat, Person
from sandbox.invites import InviteLink
from sandbox.leaks import holds_whole_link, leaked_views, whole_links_in
from sandbox.media import Media, size_of
from sandbox.world import World
from tests.pictures import picture, qr, qr_in


class Scene:
    """Vera owns the club, Max is a member, and both have written to the bot."""

    def __init__(self) -> None:
        self.world = World()
        self.vera, self.max = self.world.add_person("Vera"), self.world.add_person("Max")
        self.bot = self.world.add_bot("Invite Ledger", "invite_ledger_bot")
        self.chat = self.world.add_chat("Chess club", self.vera)
        self.world.join(self.chat, self.max)
        self.world.promote(self.chat, self.bot, by=self.vera)
        self.link: InviteLink = self.world.invites.export(self.chat, self.vera)
        for person in (self.vera, self.max):
            self.world.messages.send(self.world.dialog(person, self.bot), person, "/start")

    def sends(self, where: Chat | Person, text: str, **more: Any) -> None:
        chat = where if isinstance(where, Chat) else self.world.dialog(where, self.bot)
        self.world.messages.send(chat, self.bot, text, **more)

    def leaks(self) -> int:
        return len(leaked_views(self.world, self.bot.id, qr_in))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def hidden(url: str) -> dict[str, Any]:
    return {"entities": [{"type": "text_link", "offset": 0, "length": 4, "url": url}]}


def file(kind: str, content: bytes) -> dict[str, Any]:
    return {"media": Media(kind, "id", "id", "a", "", content, *size_of(content))}


def table(url: str) -> dict[str, Any]:
    return {"rich": [{"type": "buttons", "buttons": [{"text": "here", "copy_text": {"text": url}}]}]}


def button(**what: Any) -> dict[str, Any]:
    return {"keyboard": {"inline_keyboard": [[{"text": "here", **what}]]}}


@pytest.mark.parametrize(
    "hide",
    [
        hidden,
        lambda url: button(url=url),
        lambda url: button(copy_text={"text": url}),
        table,
        lambda url: file("document", f"12,{url}".encode()),
        lambda url: file("photo", qr(url)),
        lambda url: file("document", qr(url)),
    ],
    ids=[
        "behind words",
        "on a URL button",
        "on a copy button",
        "on a button in rich text",
        "in a document",
        "in a QR code",
        "in a QR code sent as a document",
    ],
)
async def test_a_link_in_the_group_is_found_wherever_it_hides(
    scene: Scene, hide: Callable[[str], dict[str, Any]]
) -> None:
    scene.sends(scene.chat, "look", **hide(scene.link.link))
    assert scene.leaks() == 2  # Vera and Max


async def test_a_picture_without_a_link_is_no_leak_but_to_who_cannot_read_it(scene: Scene) -> None:
    scene.sends(scene.chat, "look", **file("photo", picture()))
    scene.sends(scene.chat, "look", **file("photo", qr("https://t.me/chess")))
    assert scene.leaks() == 0
    assert len(leaked_views(scene.world, scene.bot.id)) == 4


async def test_a_link_told_to_who_pressed_nothing_is_found(scene: Scene) -> None:
    scene.sends(scene.max, scene.link.link)
    assert scene.leaks() == 1


async def test_a_link_on_an_alert_is_found(scene: Scene) -> None:
    scene.sends(scene.chat, "look", **button(callback_data="x"))
    message = scene.world.messages.seen_by(scene.vera, scene.chat)[-1]
    press = scene.world.messages.press(scene.vera, message, "x")
    scene.world.messages.answer(press.id, scene.bot, text=scene.link.link, show_alert=True)
    assert scene.leaks() == 1


async def test_what_an_asker_sees_after_his_press_is_no_leak(scene: Scene) -> None:
    scene.sends(scene.vera, "card", **button(callback_data="x"))
    message = scene.world.messages.seen_by(scene.vera, scene.world.dialog(scene.vera, scene.bot))[-1]
    scene.world.messages.press(scene.vera, message, "x")
    scene.world.messages.edit(message, scene.bot, scene.link.link)
    assert scene.leaks() == 0


async def test_a_press_under_one_message_lets_no_other_show_a_link(scene: Scene) -> None:
    scene.sends(scene.vera, "card", **button(callback_data="x"))
    message = scene.world.messages.seen_by(scene.vera, scene.world.dialog(scene.vera, scene.bot))[-1]
    scene.world.messages.press(scene.vera, message, "x")
    scene.sends(scene.vera, scene.link.link)
    assert scene.leaks() == 1


async def test_an_ephemeral_reveal_is_for_its_presser(scene: Scene) -> None:
    messages = scene.world.messages
    for who in (scene.vera, scene.max):
        messages.send_ephemeral(scene.chat, scene.bot, who, "card", **button(callback_data="x"))
    hers, his = (messages.seen_by(who, scene.chat)[-1] for who in (scene.vera, scene.max))
    messages.press(scene.vera, hers, "x")
    messages.edit(hers, scene.bot, scene.link.link)
    assert scene.leaks() == 0
    messages.edit(his, scene.bot, scene.link.link)
    assert scene.leaks() == 1


async def test_a_link_in_a_file_is_found(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"\0\1" + scene.link.hash.encode() + b"\0")
    (tmp_path / "other.db").write_bytes(b"\0\1")
    assert whole_links_in(tmp_path, scene.world) == [tmp_path / "ledger.db"]


@pytest.mark.parametrize("logger", [structlog.get_logger("planted"), logging.getLogger("planted")])
async def test_a_link_in_a_log_line_is_found(scene: Scene, said: Callable[[], str], logger: Any) -> None:
    assert not holds_whole_link(said(), scene.world)
    logger.debug(f"made {scene.link.link}")
    assert holds_whole_link(said(), scene.world)
