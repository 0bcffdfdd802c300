"""Ctrl-C at a place of one's own, for several tests."""

from itertools import count


def interrupted_after(number, function):
    """``function``, but Ctrl-C comes instead of the call after so many."""
    calls = count()

    def call(*args, **kwargs):
        if next(calls) == number:
            raise KeyboardInterrupt
        return function(*args, **kwargs)

    return call
