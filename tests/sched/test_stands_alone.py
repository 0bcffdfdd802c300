"""The scheduler knows nothing of memory: any async function can be put under it."""

import ast
from pathlib import Path

from fuzzcopy import sched


def test_it_imports_nothing_else_of_this_package():
    imported = set()
    for path in Path(sched.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(node.module)
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    ours = {name for name in imported if name.split(".")[0] == "fuzzcopy"}
    assert ours
    assert all((name + ".").startswith("fuzzcopy.sched.") for name in ours)
