"""The kernel with one action less: what there is to leave out, found in the source of the paths.

- *lock*: one lock that ``async with`` or ``acquire`` takes. Whoever lets go of it later does not
  mind.
- *flush*: a TLB flush, or the taking away of translations.
- *wait*: waiting for an I/O, for acknowledgements.
- *check*: a question whose answer may have changed, or that a page must be asked before it is used.
  The kernel goes on as if the answer were the one that lets it.
- *flag*: a mark that is left for somebody else.
"""

from __future__ import annotations
import __future__

import ast
import copy
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from fuzzcopy.kernel import Kernel, Path
from fuzzcopy.sched import Event, Mutex

Function = ast.FunctionDef | ast.AsyncFunctionDef

FLUSHES = (
    *("flush", "flush_dirty", "finish", "settle", "synchronise", "wait_for_walkers"),
    *("zap", "page_everywhere", "pages_everywhere", "range_everywhere"),
    *("take_write_permission", "write_protect"),
)
WAITS = ("wait", "wait_for_writeback")
FLAGS = (
    *("begin_writeback", "clear_dirty", "end_writeback", "mark", "set_dirty", "set_uptodate"),
    *("keep", "unmapped", "unpin", "update", "record", "report"),
    *("disable_faults", "enable_faults", "doze", "join", "leave"),
)
"""Calls that do nothing but leave a mark."""
MARKS = ("anonymous", "can_merge", "dirty", "forked", "lent", "pins", "uptodate")
"""Attributes that are marks."""

ASSUMED: dict[str, object] = {
    "anything": False,
    "belongs_to": True,
    "check": False,
    "clear_dirty": False,
    "flush_dirty": False,
    "is_current": True,
    "is_dirty": False,
    "is_exclusive": True,
    "is_kept": False,
    "is_mapped": False,
    "is_pinned": False,
    "is_poisoned": False,
    "is_shared": False,
    "is_under_writeback": False,
    "is_up_to_date": True,
    "is_uptodate": True,
    "is_used": False,
    "is_writable": False,
    "must_be_copied": False,
    "still_shown": True,
    "still_valid": True,
    "try_acquire": True,
    "worth_trying": True,
    "write_protect": False,
}
"""What a kernel that does not ask takes for granted, by the question."""


@dataclass(frozen=True)
class Mutant:
    """One action to leave out. ``name`` stays the same while the code around it changes."""

    name: str
    kind: str
    owner: type[Path]
    method: str
    place: int
    """The number of the node in a walk over the method."""
    item: int = 0
    """Of several locks in one ``with``."""


_MARK, _ANY = "mark_the_place", "any_number"


class _AnyNumber:
    """Equal to whatever it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


@cache
def all_mutants() -> dict[str, Mutant]:
    """Every mutant of the reference kernel's paths, by name."""
    found: dict[str, Mutant] = {}
    for owner in _owners():
        for function in _methods(owner):
            seen: Counter[str] = Counter()
            done = {node.value for node in ast.walk(function) if isinstance(node, ast.Expr)}
            for place, node in enumerate(ast.walk(function)):
                if node in done:
                    continue  # what it answers is not asked for
                for kind, text, item in _actions(node):
                    seen[text] += 1
                    name = f"{owner.__name__}.{function.name}: {text}"
                    if seen[text] > 1:
                        name += f" #{seen[text]}"
                    found[name] = Mutant(name, kind, owner, function.name, place, item)
    return found


def kernel_of(mutant: Mutant) -> type[Kernel]:
    """The reference kernel without that action."""
    return _kernel("mutant", {mutant.owner: [_without(mutant)]}, {_ANY: _AnyNumber()})


def install(mutant: Mutant) -> None:
    """From now on, in this process, every kernel is without that action, unless it swapped it."""
    space = _compiled(mutant.owner, [_without(mutant)], {_ANY: _AnyNumber()})
    setattr(mutant.owner, mutant.method, space[mutant.method])


def _without(mutant: Mutant) -> Function:
    """The method that the mutant has instead."""
    [function] = [f for f in _methods(mutant.owner) if f.name == mutant.method]
    changed = copy.deepcopy(function)
    node = list(ast.walk(changed))[mutant.place]
    without = _Without(node, mutant).visit(changed)
    assert isinstance(without, Function)
    return without


def marked_kernel(mark: Callable[[str], None]) -> type[Kernel]:
    """The reference kernel, telling the name of each mutant when it comes to that place."""
    changed: dict[type[Path], list[Function]] = {}
    for owner in _owners():
        for function in _methods(owner):
            marked = copy.deepcopy(function)
            names: dict[ast.AST, list[str]] = {}
            nodes = list(ast.walk(marked))
            for mutant in all_mutants().values():
                if (mutant.owner, mutant.method) == (owner, function.name):
                    names.setdefault(nodes[mutant.place], []).append(mutant.name)
            if names:
                changed.setdefault(owner, []).append(_Marked(names).visit(marked))
    return _kernel("marked", changed, {_MARK: mark})


def _kernel(
    name: str, changed: dict[type[Path], list[Function]], extra: dict[str, object]
) -> type[Kernel]:
    """The reference kernel with other methods; ``extra`` are names that these know."""
    swapped: dict[str, dict[str, object]] = {}
    for owner, functions in changed.items():
        space = _compiled(owner, functions, extra)
        for attribute, path in _paths().items():
            for function in functions:
                mine = getattr(path, function.name, None)
                if issubclass(path, owner) and mine is getattr(owner, function.name):
                    swapped.setdefault(attribute, {})[function.name] = space[function.name]
    paths = {
        attribute: type(_paths()[attribute].__name__, (_paths()[attribute],), methods)
        for attribute, methods in swapped.items()
    }
    return type(name.title(), (Kernel,), {"name": name, **paths})


def _compiled(
    owner: type[Path], functions: list[Function], extra: dict[str, object]
) -> dict[str, object]:
    """``functions`` of ``owner``, by name, among all else that they know."""
    module = sys.modules[owner.__module__]
    space = {**vars(module), **extra}
    body = ast.fix_missing_locations(ast.Module([*functions], type_ignores=[]))
    flags = __future__.annotations.compiler_flag
    exec(compile(body, str(module.__file__), "exec", flags=flags), space)
    return space


def let_go_of_anything() -> None:
    """From now on, in this process, it is no error to release a mutex that one does not hold."""
    release, give_to = Mutex.release, Mutex.give_to

    def lax_release(self: Mutex) -> None:
        if self.scheduler.current in self.holders:
            release(self)

    def lax_give_to(self: Mutex, event: Event) -> None:
        if self.scheduler.current in self.holders:
            give_to(self, event)
        else:
            self.holders.append(event)

    Mutex.release = lax_release  # type: ignore[method-assign]
    Mutex.give_to = lax_give_to  # type: ignore[method-assign]


def _paths() -> dict[str, type[Path]]:
    return {name: path for name, path in vars(Kernel).items() if name.endswith("_path")}


def _owners() -> list[type[Path]]:
    """The classes that the reference kernel's paths are made of."""
    owners = {base for path in _paths().values() for base in path.__mro__}
    return sorted(
        (o for o in owners if issubclass(o, Path) and o is not Path), key=lambda o: o.__name__
    )


@cache
def _methods(owner: type[Path]) -> list[Function]:
    tree = ast.parse(inspect.getsource(sys.modules[owner.__module__]))
    [body] = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == owner.__name__]
    return [n for n in body.body if isinstance(n, Function)]


def _called(node: ast.AST) -> str:
    """The name of what is called, awaited or not."""
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return ""


def _actions(node: ast.AST) -> Iterator[tuple[str, str, int]]:
    """What ``node`` does that could be left out: kind, text, and which item of a ``with``."""
    if isinstance(node, ast.AsyncWith):
        for i, item in enumerate(node.items):
            if _called(item.context_expr) == "early":
                continue  # nothing, unless a scenario asks for another order of locks
            yield "lock", f"with {ast.unparse(item.context_expr)}", i
    elif isinstance(node, ast.Expr):
        name = _called(node.value)
        text = ast.unparse(node)
        if name == "acquire":
            yield "lock", text, 0
        elif name in FLUSHES:
            yield "flush", text, 0
        elif name in WAITS:
            yield "wait", text, 0
        elif name in FLAGS or "extents.put" in text:
            yield "flag", text, 0
    elif isinstance(node, ast.Assign | ast.AugAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Attribute) and target.attr in MARKS:
            yield "flag", ast.unparse(node), 0
    elif isinstance(node, ast.Await) and _called(node) in ASSUMED:
        yield "check", f"{ast.unparse(node)} -> {ASSUMED[_called(node)]}", 0
    elif isinstance(node, ast.Compare) and _same(node):
        yield "check", f"{ast.unparse(node)} -> True", 0
    elif isinstance(node, ast.Await) and ast.unparse(node).endswith("flushes.get()"):
        yield "check", f"{ast.unparse(node)} -> 0", 0
    elif isinstance(node, ast.keyword) and node.arg == "expected_refs" and node.value is not None:
        yield "check", f"{ast.unparse(node)} -> any number", 0
    elif isinstance(node, ast.If) and _asks(node.test):
        yield "check", f"if {ast.unparse(node.test)} -> {not _bails_out(node)}", 0


def _asks(test: ast.expr) -> bool:
    """Whether a condition looks at something shared in another way than by a known question."""
    awaits = [n for n in ast.walk(test) if isinstance(n, ast.Await)]
    return bool(awaits) and not any(any(True for _ in _actions(n)) for n in awaits)


def _same(node: ast.Compare) -> bool:
    """Whether an entry, or its frame, is asked to be still the one that was seen before."""
    sides = (node.left, node.comparators[0])
    return isinstance(node.ops[0], ast.Is) and (
        (isinstance(node.left, ast.Await) and isinstance(sides[1], ast.Name))
        or all(isinstance(side, ast.Attribute) and side.attr == "frame" for side in sides)
    )


def _bails_out(node: ast.If) -> bool:
    return isinstance(node.body[-1], ast.Return | ast.Continue | ast.Break | ast.Raise)


class _Without(ast.NodeTransformer):
    """Leaves the action out at ``node``."""

    def __init__(self, node: ast.AST, mutant: Mutant) -> None:
        self._node = node
        self._mutant = mutant

    def visit(self, node: ast.AST) -> ast.AST:
        if node is not self._node:
            return self.generic_visit(node)
        match node:
            case ast.AsyncWith():
                del node.items[self._mutant.item]
                rest: ast.AST = node if node.items else ast.If(ast.Constant(True), node.body, [])
                return ast.copy_location(rest, node)
            case ast.Expr() | ast.Assign() | ast.AugAssign():
                return ast.copy_location(ast.Pass(), node)
            case ast.Await():
                value = ASSUMED.get(_called(node), 0)
                return ast.copy_location(ast.Constant(value), node)
            case ast.Compare():
                return ast.copy_location(ast.Constant(True), node)
            case ast.keyword():
                node.value = ast.Name(_ANY, ast.Load())
                return node
            case ast.If():
                node.test = ast.copy_location(ast.Constant(not _bails_out(node)), node.test)
                return node
        raise AssertionError(node)


class _Marked(ast.NodeTransformer):
    """Calls ``mark`` with the names of the mutants of each place before it is passed."""

    def __init__(self, names: dict[ast.AST, list[str]]) -> None:
        self._names = names

    def visit(self, node: ast.AST) -> ast.AST | list[ast.AST]:
        names = self._names.get(node, ())
        node = self.generic_visit(node)
        marks = [_call(_MARK, name) for name in names]
        if not marks:
            return node
        if isinstance(node, ast.stmt):
            return [*[ast.copy_location(ast.Expr(mark), node) for mark in marks], node]
        target = node.value if isinstance(node, ast.keyword) else node
        assert isinstance(target, ast.expr)
        both = ast.Subscript(ast.Tuple([*marks, target], ast.Load()), ast.Constant(-1), ast.Load())
        ast.copy_location(both, target)
        if not isinstance(node, ast.keyword):
            return both
        node.value = both
        return node


def _call(name: str, value: str) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [ast.Constant(value)], [])
