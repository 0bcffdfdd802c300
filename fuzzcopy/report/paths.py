"""How files are called in what a person reads."""

from __future__ import annotations

import os
from pathlib import Path


def short_paths(text: str) -> str:
    """``file:line`` without what every reader knows: the package's folder, or their own."""
    for root in (Path(__file__).parents[2], Path.cwd()):
        text = text.replace(f"{root}{os.sep}", "")
    return text
