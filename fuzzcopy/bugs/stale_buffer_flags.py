"""A slot of a pipe keeps the flags of its last user."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import Page, Pipe, Splice


class FlagsAsTheyWere(Splice):
    """Sets the page and the place in it, and forgets the flags."""

    def add(self, pipe: Pipe, page: Page, start: int, length: int) -> None:
        slot = pipe.claim()
        slot.page, slot.start, slot.length = page, start, length


class StaleBufferFlags(Bug):
    """A page of a file is spliced into a slot of a pipe whose flags are left from before.

    If the slot last held bytes that were written to the pipe, its flags say that more may be
    added behind them. The next small write to the pipe is copied into the page, which is the
    file's: whoever can read a file can write to it, and no permission is asked. CVE-2022-0847,
    "Dirty Pipe"; Max Kellermann found it through log files that were corrupt once in a while.
    """

    name = "stale-buffer-flags"
    year = 2022
    verdicts = ("wrong privilege",)
    fixed_by = '9d2231c5d74e "lib/iov_iter: initialize \\"flags\\" in new pipe_buffer" (5.17)'
    smallest = (1, 2, 0)
    splice_path = FlagsAsTheyWere
