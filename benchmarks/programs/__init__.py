"""Small concurrent programs with one known bug each. This folder is the registry.

They are ports of programs that published schedulers are measured on (SCTBench, and the examples
in figure 1 of the PCT paper), so that policies can be compared on common ground. Their published
figures do not carry over: there, threads are created one by one by a main thread that counts as
one of the n; here every task is there from the start, and the points lie elsewhere.

They also show how to put one's own async code under the scheduler:

1. Write a function that takes the scheduler, makes the shared state and spawns the tasks.
2. Keep what is shared in :class:`~fuzzcopy.sched.Cell` and guard it by
   :class:`~fuzzcopy.sched.Mutex` and friends: every access is then a preemption point.
3. Say what must hold by ``assert``. A deadlock needs no saying.
4. Hand the function to :func:`fuzzcopy.sched.run_many` with as many policies as you have time.

Begin with :mod:`~benchmarks.programs.figure_1a`. A new program needs a file here that defines
``PROGRAM``, and nothing else.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from benchmarks.program import Program


def discover() -> dict[str, Program]:
    """Every program of this folder by the name of its file, in alphabetical order.

    Raises ``TypeError`` if a file has no ``PROGRAM``.
    """
    found: dict[str, Program] = {}
    for name in sorted(module.name for module in iter_modules(__path__)):
        program = getattr(import_module(f"{__name__}.{name}"), "PROGRAM", None)
        if not isinstance(program, Program):
            raise TypeError(f"benchmarks/programs/{name}.py must define PROGRAM = Program(...)")
        found[name] = program
    return found
