"""An empty segment stops the retry loop from ever advancing."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import BufferedWrite, UserBuffer


class ZeroLengthSegmentWrite(BufferedWrite):
    """Falls back to the segment the iterator stands at, an empty one included."""

    def fall_back(self, at: int, buffer: UserBuffer, written: int) -> int:
        for _, length in buffer.segments:
            if written < length:
                return min(self.page_size - at % self.page_size, length - written)
            if written == 0:
                return 0  # it stands at an empty segment
            written -= length
        return 0


class ZeroLengthSegment(Bug):
    """A zero-length segment before one that faults makes writev() loop for ever.

    When the atomic copy gets nothing, the write falls back to a single segment. If the iterator
    stands at an empty one, that is a copy of 0 bytes, and a copy of 0 bytes looks like another
    failure: the process can be neither killed nor traced.
    """

    name = "zero-length-segment"
    year = 2008
    verdicts = ("livelock",)
    fixed_by = '124d3b7041f9 "fix writev regression: pan hanging unkillable" (2.6.25)'
    smallest = (1, 1, 0)
    write_path = ZeroLengthSegmentWrite
