"""Ctrl-C, taken where it does no harm.

Python raises ``KeyboardInterrupt`` between any two instructions: inside trio's own loop, where it
is an internal error, or in a callback of the garbage collector, where it is lost. So while a
search or a run holds it (:func:`held`), the signal only leaves a note, asks the run that is under
way to end at its next preemption point, and :func:`check` raises. A second Ctrl-C does not wait.
"""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


class _CtrlC:
    """The one note of the process; signals come to its main thread alone."""

    def __init__(self) -> None:
        self.pending = False
        self.at_once = False
        self.ignored = False
        self.running: Scheduler | None = None

    def signalled(self, number: int, frame: FrameType | None) -> None:
        if self.at_once:
            self.at_once = False  # a note that somebody left before stays
            raise KeyboardInterrupt
        if self.ignored:
            return
        if self.pending:
            self.pending = False
            raise KeyboardInterrupt
        self.pending = True
        if self.running is not None:
            self.running.interrupt()


_ctrl_c = _CtrlC()


@contextmanager
def held() -> Iterator[None]:
    """Within, Ctrl-C waits for :func:`check`. May be nested; the outermost one raises at its end.

    Does nothing outside the main thread, or where somebody has a SIGINT handler of their own. Where
    SIGINT is ignored, as in the background of a shell, it stays so, but for the watchdog's.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before not in (
        signal.default_int_handler,
        signal.SIG_IGN,
    ):
        yield
        return
    _ctrl_c.pending = False
    _ctrl_c.ignored = before is signal.SIG_IGN
    signal.signal(signal.SIGINT, _ctrl_c.signalled)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        # Only now, or what comes just before that would be kept for a run that has not begun.
        check()


def check() -> None:
    """Raise ``KeyboardInterrupt`` if Ctrl-C was pressed since it was held."""
    if _ctrl_c.pending:
        _ctrl_c.pending = False
        raise KeyboardInterrupt


class Work:
    """``interrupted``: Ctrl-C came before its end."""

    interrupted = False


@contextmanager
def interruptible() -> Iterator[Work]:
    """Within, Ctrl-C ends this work alone: what was found until then is still to be told."""
    work = Work()
    try:
        yield work
    except KeyboardInterrupt:
        _ctrl_c.pending = False  # it may have been raised by the run that it has ended
        work.interrupted = True


@contextmanager
def none_at_the_end() -> Iterator[Callable[[], None]]:
    """For ``trio.run``: what this yields is called at its end, and Ctrl-C waits from then on.

    trio closes the socket that signals wake it by before it takes it back: a signal between the
    two makes Python complain of a bad file descriptor on stderr.
    """
    mask = getattr(signal, "pthread_sigmask", None)  # not on Windows
    if mask is None:
        yield lambda: None
        return
    before: set[int] = mask(signal.SIG_BLOCK, ())
    try:
        yield lambda: mask(signal.SIG_BLOCK, (signal.SIGINT,))
    finally:
        mask(signal.SIG_SETMASK, before)


def not_in_this_thread() -> None:
    """Let Ctrl-C come to other threads: this one does not know whether now is a good moment."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))


def running(scheduler: Scheduler | None) -> None:
    """The run to be asked to end; ``None``: none is under way."""
    _ctrl_c.running = scheduler
    _ctrl_c.at_once = False


def strike() -> None:
    """Interrupt the main thread wherever it is: for the watchdog, whose run does not end."""
    _ctrl_c.at_once = True
    _thread.interrupt_main()
