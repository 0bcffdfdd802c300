"""Where commands print."""

from __future__ import annotations

from rich.console import Console

SO_FAR = "interrupted; this is what there is so far"
"""The first line of what a command prints that Ctrl-C has ended early."""


class Stdout(Console):
    """Standard output. Colours are for what a command marks, not for all that looks like a number.

    Raises ``BrokenPipeError`` when its reader is gone. Rich's own way is exit status 1, which means
    "found" here.
    """

    def __init__(self) -> None:
        super().__init__(highlight=False)
        if not self.width:
            self.width = 80  # COLUMNS=0 says that nobody knows

    def on_broken_pipe(self) -> None:
        """Let the command's group say what becomes of it."""
        raise BrokenPipeError
