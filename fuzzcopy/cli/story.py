"""What a kernel of the catalogue or a design tells of itself: prose, and the code it swaps."""

from __future__ import annotations

import inspect
from textwrap import TextWrapper

from rich.console import Console
from rich.syntax import Syntax


def print_prose(console: Console, docstring: str | None, *, indent: str = "") -> None:
    """Paragraph by paragraph, each filled anew: it was wrapped for another width."""
    fill = TextWrapper(
        console.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    ).fill
    filled = [fill(each) for each in inspect.cleandoc(docstring or "").split("\n\n")]
    console.print("\n\n".join(filled), soft_wrap=True, markup=False)


def print_code(console: Console, source: str) -> None:
    """Python, in colours; what is too long for a line runs over, and none is lost."""
    highlighted = Syntax("", "python", background_color="default").highlight(source)
    console.print(highlighted, soft_wrap=True, end="")
