"""``{verdicts}``: every verdict with the docstring of its class."""

import inspect

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

import fuzzcopy.oracles  # noqa: F401  (defines most of them)
from fuzzcopy.sched import Verdict


def _all(cls: type[Verdict] = Verdict) -> list[type[Verdict]]:
    return [found for sub in cls.__subclasses__() for found in (sub, *_all(sub))]


class Verdicts(Directive):
    """A definition list, by name."""

    def run(self) -> list[nodes.Node]:
        """The list."""
        found = {
            verdict.kind: verdict
            for verdict in _all()
            if verdict.__module__.startswith("fuzzcopy.")
        }
        items = nodes.definition_list()
        for kind in sorted(found):
            text = inspect.cleandoc(found[kind].__doc__ or "").split("\n\n")[0]
            items += nodes.definition_list_item(
                "",
                nodes.term(text=kind),
                nodes.definition("", nodes.paragraph(text=" ".join(text.split()))),
            )
        return [items]


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("verdicts", Verdicts)
    return {"parallel_read_safe": True}
