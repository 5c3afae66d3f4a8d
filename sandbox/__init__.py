"""A small Telegram on loopback: one world, a Bot API face and an MTProto face.

It is a Telegram for any stock client; it imports nothing of this project.
"""

from sandbox.telegram import Sandbox

__all__ = ["Sandbox"]
