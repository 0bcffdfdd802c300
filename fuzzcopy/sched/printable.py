"""Text of others, fit for a terminal: what is in it must not steer the terminal."""

from __future__ import annotations


def printable(text: str, keep: str = "") -> str:
    """``text`` with escapes for the characters that show nothing, but for those in ``keep``."""
    return "".join(c if c.isprintable() or c in keep else ascii(c)[1:-1] for c in text)
