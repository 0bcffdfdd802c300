"""Which kernel a name means.

Names in regression files are data: they find the reference kernel, the catalogue, and kernels
that the project itself has named (in ``pyproject.toml``, or by making a test of one). Nothing
else is ever imported because a file says so.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shlex
import sys
import tomllib
import traceback
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from fuzzcopy import kernel as kernel_package
from fuzzcopy.bugs import catalogue
from fuzzcopy.designs import designs
from fuzzcopy.kernel import Kernel
from fuzzcopy.machine import Machine
from fuzzcopy.regression.beside import importable
from fuzzcopy.regression.format import LONGEST_NAME
from fuzzcopy.regression.line import meant, one_line
from fuzzcopy.scenario.scenario import SHOWN
from fuzzcopy.sched import Policy, Scheduler


class KernelError(Exception):
    """There is no such kernel; one line, with the mend."""


_OURS = (__file__, importlib.__file__, str(Path(kernel_package.__file__).parent))

_registered: dict[str, type[Kernel]] = {}


def replay_command(kernel: type[Kernel], path: Path) -> str:
    """What to type to see the failure in ``path`` again on ``kernel``."""
    words = ["fuzzcopy", "replay", str(path)]
    if kernel is not Kernel and kernel.name not in {*catalogue(), *designs()}:
        words += ["--kernel", f"{_where(kernel)}:{kernel.__qualname__}"]
    return shlex.join(words)


def _where(kernel: type[Kernel]) -> str:
    """Its module; or its file, if that is one that pytest imports from where nobody else would."""
    module = kernel.__module__
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or "." in module:
        return module
    path = os.path.relpath(file)
    return module if path in (f"{module}.py", f"{module}/__init__.py") else path


def register_kernel(kernel: type[Kernel]) -> None:
    """Let regression files of this process find ``kernel`` by its name.

    Raises :class:`KernelError` if that is no name for a file.
    """
    _check_name(kernel, kernel.__qualname__)
    _registered[kernel.name] = kernel


def find_kernel(spec: str, *, root: Path | None = None) -> type[Kernel]:
    """The kernel that a user names.

    ``spec`` is ``reference``, the name of a design or a bug, ``module:Class`` or
    ``path/to/file.py:Class``. Modules and files are looked for from ``root`` on, or from the
    current directory. What lies beside a file can be imported while the file is, as by ``python
    file.py``. Raises :class:`KernelError`.
    """
    where, _, name = spec.rpartition(":")
    if spec.endswith(".py"):
        where, name = spec, ""
    if not where:
        return _known(spec)
    if where.endswith(".py"):
        module = _module_from_file((root or Path()) / where)
    else:
        module = _module(where, root or Path.cwd())
    kernel = getattr(module, name, None)
    if kernel is None:
        raise KernelError(_no_class(where, name, module))
    if not (isinstance(kernel, type) and issubclass(kernel, Kernel)):
        raise KernelError(
            f"{spec} is not a kernel: derive it from fuzzcopy.Kernel and give it a path class"
        )
    _try_out(kernel, spec)
    register_kernel(kernel)
    return kernel


def _no_class(where: str, name: str, module: ModuleType) -> str:
    kernels = [n for n, v in vars(module).items() if _is_kernel(v) and v is not Kernel]
    if name:
        have = f"it has {', '.join(kernels)}" if kernels else "it has no kernel class"
        return f"{where} has no class {name}: {have}"
    if not kernels:
        return f"{where} has no kernel class: derive one from fuzzcopy.Kernel"
    specs = " or ".join(f"{where}:{kernel}" for kernel in kernels)
    return f"{where} alone names no class: is {specs} meant?"


def _try_out(kernel: type[Kernel], spec: str) -> None:
    """Make one, so that a class that cannot be made is found out here and not in a run."""
    _check_name(kernel, spec)
    try:
        made = kernel(_machine())
    except (Exception, SystemExit) as error:
        raise KernelError(
            f"{spec} cannot be made with a machine, as fuzzcopy.Kernel can: {_why(error)}"
        ) from error
    if not all(hasattr(made, name) for name in vars(Kernel(_machine()))):
        raise KernelError(f"{spec} is half made: its __init__ must call super().__init__(machine)")


def _check_name(kernel: type[Kernel], spec: str) -> None:
    """A file that names the kernel must be one that can be read again."""
    name: object = kernel.name
    if not isinstance(name, str) or not re.match(SHOWN, name) or not 0 < len(name) <= LONGEST_NAME:
        mend = f"one of 1 to {LONGEST_NAME} characters that can be printed"
        raise KernelError(f"{spec} has the name {name!r}: give it {mend}")


def _machine() -> Machine:
    return Machine(Scheduler(Policy()), cpus=1, frames=1)


def kernel_of(name: str, *, root: Path | None = None) -> type[Kernel]:
    """The kernel that a regression file names: a known one, or one the project configures.

    ``root`` is the directory whose ``pyproject.toml`` may list ``kernels`` under
    ``[tool.fuzzcopy]``; if it is not given, the nearest one that has such a file, from the current
    directory upwards. Raises :class:`KernelError`.
    """
    if name in _registered:
        return _registered[name]
    if name == Kernel.name or name in designs() or name in catalogue():
        return _known(name)
    root = root or _project()
    for spec in _configured(root):
        kernel = find_kernel(spec, root=root)
        if kernel.name == name:
            return kernel
    raise KernelError(
        f"it is for the kernel {name!r}, which is not known here: name it with --kernel "
        f"(module:Class or file.py:Class), or list it in pyproject.toml: "
        f'[tool.fuzzcopy] kernels = ["module:Class"]'
    )


def _known(name: str) -> type[Kernel]:
    if name == Kernel.name:
        return Kernel
    known = designs().get(name) or catalogue().get(name)
    if known is None:
        raise KernelError(
            f"there is no kernel {name!r}{meant(name, [Kernel.name, *designs(), *catalogue()])}; "
            f"use reference, a name from `fuzzcopy designs` or "
            f"`fuzzcopy bugs`, module:Class, or path/to/file.py:Class"
        )
    return known


def _is_kernel(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Kernel)


def _module(name: str, root: Path) -> ModuleType:
    # What `python -m` would do: a module beside where the user stands can be named.
    if str(root) not in sys.path and not ("" in sys.path and root == Path.cwd()):
        sys.path.insert(0, str(root))
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise KernelError(f"cannot import {name}: {_why(error)}") from error


def _module_from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise KernelError(f"there is no file {path}")
    name = f"fuzzcopy_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with importable(path.resolve().parent):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise KernelError(f"cannot import {path}: {_why(error)}") from error
    return module


def _why(error: BaseException) -> str:
    """The error of code that was called from here, and the line of that code."""
    called = [
        frame
        for caller, frame in pairwise(traceback.extract_tb(error.__traceback__))
        if _is_ours(caller) and not _is_ours(frame)
    ]
    place = f" (at {called[-1].filename}:{called[-1].lineno})" if called else ""
    return f"{type(error).__name__}: {one_line(error)}{place}"


def _is_ours(frame: traceback.FrameSummary) -> bool:
    """Whether it only leads to what the user wrote: imports it, or makes a kernel's parts."""
    return frame.filename.startswith((*_OURS, "<frozen "))


def _project() -> Path:
    here = Path.cwd()
    for directory in (here, *here.parents):
        if os.path.isfile(directory / "pyproject.toml"):
            return directory
    return here


def _configured(root: Path) -> list[str]:
    path = root / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KernelError(f"cannot read {path}: {one_line(error)}") from None
    for name in ("tool", "fuzzcopy"):
        table = table.get(name, {})
        if not isinstance(table, dict):
            raise KernelError(f"{path}: {name} must be a table")
    kernels = table.get("kernels", [])
    if not isinstance(kernels, list) or not all(isinstance(k, str) for k in kernels):
        raise KernelError(f"{path}: [tool.fuzzcopy] kernels must be a list of strings")
    return kernels
