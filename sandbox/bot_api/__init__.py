"""The Bot API face of the sandbox, over HTTP, for any stock bot client."""

from sandbox.bot_api.face import BotApi

__all__ = ["BotApi"]
