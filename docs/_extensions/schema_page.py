"""The JSON schema of regression files, as the reader of such files has it."""

import json
from pathlib import Path

import msgspec
from sphinx.application import Sphinx

from fuzzcopy.regression import Regression


def _write(app: Sphinx) -> None:
    schema = json.dumps(msgspec.json.schema(Regression), indent=2)
    target = Path(app.srcdir) / "reference" / "regression.schema.json"
    target.write_text(schema + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}
