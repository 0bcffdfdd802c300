"""Ctrl-C at a place of one's own, for several tests."""

from itertools import count

STRUCK = """\
import signal
from itertools import count

from fuzzcopy import Kernel

made = count()


class Struck(Kernel):
    def __init__(self, machine):
        if next(made):  # not when it is only tried out
            signal.raise_signal(signal.SIGINT)
        super().__init__(machine)
"""


def interrupted_after(number, function):
    """``function``, but Ctrl-C comes instead of the call after so many."""
    calls = count()

    def call(*args, **kwargs):
        if next(calls) == number:
            raise KeyboardInterrupt
        return function(*args, **kwargs)

    return call
