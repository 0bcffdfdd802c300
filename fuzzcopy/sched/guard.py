"""What is between a program and trio: it hands the baton over, and names what is foreign."""

from __future__ import annotations

import types
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trio

from fuzzcopy.sched.errors import ForeignAwait

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler
    from fuzzcopy.sched.task import Task

_NOT_THE_PROGRAM = (
    str(Path(trio.__file__).parent),
    str(Path(__file__).parent),
    str(Path(types.__file__).parent / "asyncio"),
)


@types.coroutine
def guarded(scheduler: Scheduler, task: Task) -> Generator[Any, Any, object]:
    """Await the program of ``task``; whenever it suspends, the baton must be on the move.

    It is handed over here, where the stack is short: in a program that recurses without end, trio
    could come to the limit with the other task half woken. What the program yields is trio's affair
    and handed through. A "continue" does not suspend, so all this costs nothing there.
    """
    program: Coroutine[Any, Any, object] = task.program()
    send: Any = program.send
    try:
        request = send(None)
        while True:
            if scheduler.on_the_move:
                scheduler.hand_over()
                task.parked = True
            else:
                # The run is over; trio cancels what is awaited, and the program is taken down.
                scheduler.abandon(
                    ForeignAwait(
                        f"{task} awaits something that is not under the scheduler, at "
                        f"{_place(program)}; use the primitives of fuzzcopy.sched instead"
                    )
                )
            try:
                value = yield request
            except BaseException as error:
                request = program.throw(error)
            else:
                request = send(value)
    except StopIteration as end:
        return end.value


def _place(program: object) -> str:
    """``file:line`` of the innermost await that is neither a library's nor ours."""
    place = "unknown place"
    while program is not None:
        frame = getattr(program, "cr_frame", None) or getattr(program, "gi_frame", None)
        if frame is None:
            break
        if not frame.f_code.co_filename.startswith(_NOT_THE_PROGRAM):
            place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        program = getattr(program, "cr_await", None) or getattr(program, "gi_yieldfrom", None)
    return place


def place_of(error: BaseException) -> str:
    """``at file:line``: where ``error`` was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
