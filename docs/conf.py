"""How Sphinx builds the site: ``tox -e docs``."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "fuzzcopy"
author = "the fuzzcopy authors"
copyright = "the fuzzcopy authors, MIT licence"  # noqa: A001  (Sphinx calls it that)
version = release = version_of("fuzzcopy")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "catalogue_pages",
    "schema_page",
    "verdict_table",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "fuzzcopy"

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "show-inheritance": True}
# What a class inherits is told where it comes from.
suppress_warnings = ["ref.python"]
