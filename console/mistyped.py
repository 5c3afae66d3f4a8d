"""What the parser lets pass and a command does not know."""

from __future__ import annotations


class Mistyped(Exception):
    """What was typed names nothing; the text is one line that says what would."""
