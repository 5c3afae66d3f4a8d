"""Packing and unpacking messages, and their ids, without a network."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.mtproto.messages import BadMessage, Message, MessageIds, pack, unpack


@given(st.lists(st.binary(min_size=8, max_size=40).filter(lambda b: len(b) % 4 == 0), min_size=1, max_size=5))
def test_what_is_packed_is_unpacked(bodies: list[bytes]) -> None:
    ids = MessageIds(time.time)
    inner = [Message(ids.answer(), 1, b"\1\0\0\0" + body) for body in bodies]
    assert list(unpack(pack(inner, ids.answer(), 2))) == inner


@pytest.mark.parametrize(
    "body",
    [
        struct.pack("<Ii", 0x73F1F8DC, 2) + struct.pack("<qii", 4, 1, 4) + b"abcd",
        struct.pack("<Ii", 0x73F1F8DC, 1) + struct.pack("<qii", 4, 1, 400) + b"abcd",
        struct.pack("<Ii", 0x73F1F8DC, 1) + struct.pack("<qii", 4, 1, 8) + struct.pack("<Ii", 0x73F1F8DC, 0),
        struct.pack("<I", 0x3072CFA1) + b"\x03abc",
    ],
    ids=["missing message", "cut message", "container in a container", "no gzip"],
)
def test_containers_that_do_not_add_up_are_refused(body: bytes) -> None:
    with pytest.raises(BadMessage):
        list(unpack(Message(4, 0, body)))


@given(st.lists(st.floats(0, 2**31), min_size=2))
def test_message_ids_rise_whatever_the_clock_does(times: list[float]) -> None:
    moments = iter([*times, *times])
    ids = MessageIds(lambda: next(moments))
    made = [ids.answer() if n % 2 else ids.own() for n in range(len(times) * 2)]
    assert made == sorted(set(made))
    assert {m % 4 for m in made} == {1, 3}
