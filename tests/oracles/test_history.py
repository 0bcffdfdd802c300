"""History: which reads some order of the accesses explains, and which none does.

The hand-made histories are of byte 0 of a file of two bytes; an interval is (begin, end).
"""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fuzzcopy.kernel import UserBuffer
from fuzzcopy.machine import ZERO
from fuzzcopy.oracles.call import Call
from fuzzcopy.oracles.history import UNKNOWN, Access, Cut, History
from fuzzcopy.scenario import Segment, Write

from .brute import Op, explained, histories, history_as_copied, history_of

MOMENTS = st.lists(st.sampled_from([0, 0.25, 0.5, 0.75, 1]), min_size=5, max_size=5)


class Story:
    """Tells a history in the order of ends, as the oracle hears it."""

    def __init__(self, *, size: int = 2, low: int = 0) -> None:
        self.history = History("f0", size, [100, 100][:size])
        self.low = low

    def write(self, value, begin, end=None):
        self.history.write(Access(f"w{value}", begin, end or begin, self.low, [value]))
        return self

    def read(self, value, begin, end=None):
        self.history.read(Access(f"r{begin}", begin, end or begin, self.low, [value]))
        return self

    def cut(self, size, begin, end=None):
        self.history.cut(Cut(f"c{size}", begin, end or begin, size))
        return self

    @property
    def culprit(self):
        found = self.history.unexplained()
        return found and found[0].who


def test_a_read_of_what_was_there_at_the_start():
    assert Story().read(100, 1).culprit is None


def test_a_read_of_what_nobody_wrote():
    assert Story().write(1, 1).read(2, 3).culprit == "r3"


def test_a_stale_read_after_an_overwrite():
    assert Story().write(1, 1, 2).write(2, 3, 4).read(1, 5, 6).culprit == "r5"


def test_a_read_of_the_start_after_a_write():
    assert Story().write(1, 1, 2).read(100, 3, 4).culprit == "r3"


def test_a_read_that_ran_beside_the_overwrite_may_see_either():
    for value in (1, 2):
        assert Story().write(1, 1, 2).write(2, 3, 6).read(value, 4, 7).culprit is None


def test_a_read_that_was_over_before_the_write_began_cannot_see_it():
    assert Story().read(1, 1, 2).write(1, 3, 4).culprit == "r1"


def test_new_then_old_is_an_inversion():
    story = Story().read(1, 3, 4).read(100, 5, 6).write(1, 1, 9)
    assert story.culprit == "r5"


def test_old_then_new_is_none():
    assert Story().read(100, 3, 4).read(1, 5, 6).write(1, 1, 9).culprit is None


def test_overlapping_reads_may_see_new_and_old():
    assert Story().read(1, 3, 6).read(100, 5, 7).write(1, 1, 9).culprit is None


def test_two_writes_of_one_value_cannot_be_told_apart():
    story = Story().write(1, 1, 2).write(2, 3, 4).write(1, 5, 6).read(1, 7, 8)
    assert story.culprit is None


def test_an_unknown_byte_explains_anything():
    assert Story().write(UNKNOWN, 1, 2).read(55, 3, 4).culprit is None


def test_an_unknown_byte_that_was_overwritten_explains_nothing():
    assert Story().write(UNKNOWN, 1, 2).write(1, 3, 4).read(55, 5, 6).culprit == "r5"


def test_a_hole_after_truncation_and_extension_reads_as_zero():
    assert Story().write(1, 1, 2).cut(0, 3, 4).cut(2, 5, 6).read(ZERO, 7, 8).culprit is None


def test_a_write_must_not_rise_from_the_dead_after_a_truncation():
    assert Story().write(1, 1, 2).cut(0, 3, 4).cut(2, 5, 6).read(1, 7, 8).culprit == "r7"


def test_the_start_must_not_rise_from_the_dead_after_a_truncation():
    assert Story().cut(0, 1, 2).cut(2, 3, 4).read(100, 5, 6).culprit == "r5"


def test_a_write_beside_the_truncation_may_come_before_or_after_it():
    for value in (1, ZERO):
        story = Story().write(1, 1, 5).cut(0, 2, 4).cut(2, 6, 7).read(value, 8, 9)
        assert story.culprit is None


def test_a_read_beside_the_truncation_may_see_what_it_zeroes():
    for value in (100, ZERO):
        assert Story().read(value, 2, 4).cut(0, 1, 5).cut(2, 6, 7).culprit is None


def test_a_zero_that_nobody_wrote():
    assert Story().write(1, 1, 2).read(ZERO, 3, 4).culprit == "r3"


def test_a_hole_that_was_written_to_is_none_any_more():
    story = Story().cut(0, 1, 2).cut(2, 3, 4).write(1, 5, 6).read(ZERO, 7, 8)
    assert story.culprit == "r7"


def test_a_write_past_the_end_leaves_a_hole_before_it():
    story = Story(size=0)
    story.history.write(Access("above", 1, 2, 1, [5]))
    assert story.read(ZERO, 3, 4).culprit is None


def test_a_read_past_the_end_of_the_file():
    assert Story(size=1, low=1).read(ZERO, 1, 2).culprit == "r1"


def test_a_short_write_counts_for_what_it_returned():
    history = History("f0", 2, [100, 100])
    history.write(Access("w", 1, 2, 0, [1]))
    history.read(Access("both", 3, 4, 0, [1, 100]))
    assert history.unexplained() is None


def test_bytes_are_judged_one_by_one():
    history = History("f0", 2, [100, 100])
    history.read(Access("torn", 2, 3, 0, [1, 100]))
    history.write(Access("w", 1, 4, 0, [1, 1]))
    assert history.unexplained() is None


def test_the_byte_and_its_writers_are_named():
    history = History("f0", 2, [100, 100])
    history.write(Access("w", 1, 2, 1, [1]))
    history.read(Access("r", 3, 4, 0, [100, 100]))
    read, byte, writers = history.unexplained()
    assert (read.who, byte) == ("r", 1)
    assert [writer.who for writer in writers] == ["the start", "w"]


def test_an_exempt_byte_is_not_judged():
    story = Story().write(1, 1, 2)
    story.history.exempt.add(0)
    assert story.read(55, 3, 4).culprit is None


@settings(max_examples=1_000)
@given(histories())
def test_no_history_that_some_order_explains_is_reported(history):
    if explained(*history):
        assert history_of(*history).unexplained() is None


@settings(max_examples=1_000)
@given(histories(), MOMENTS)
def test_no_history_of_calls_that_some_order_explains_is_reported(history, moments):
    if explained(*history):
        assert history_as_copied(*history, moments[: len(history[2])]).unexplained() is None


# What was written by the first is read before the second begins, and again after it has ended.
BETWEEN = (
    Op("write", 2, 0, 8),
    Op("read", 2, 1, 3),
    Op("write", 5, 4, 5),
    Op("read", 1, 2, 7),
    Op("read", 2, 6, 9),
)


@pytest.mark.slow
@settings(max_examples=1_000)
@example((3, 1, BETWEEN))
@given(histories(simple=True))
def test_a_history_of_reads_and_distinct_writes_is_reported_if_no_order_explains_it(history):
    if not explained(*history):
        assert history_of(*history).unexplained() is not None


@pytest.mark.slow
@settings(max_examples=1_000)
@given(histories(simple=True), MOMENTS)
def test_a_history_of_calls_is_reported_if_no_order_explains_it(history, moments):
    if not explained(*history):
        assert history_as_copied(*history, moments[: len(history[2])]).unexplained() is not None


# What was written before the file was cut makes it longer only afterwards.
BESIDE_A_CUT = Op("write", 2, 0, 3), Op("cut", 0, 1, 2), Op("read", ZERO, 4, 5)


@settings(max_examples=1_000)
@example((3, 1, BESIDE_A_CUT), [0] * 5)
@given(histories(), MOMENTS)
def test_calls_are_judged_alike_whenever_they_copy(history, moments):
    judged = history_of(*history).unexplained()
    as_copied = history_as_copied(*history, moments[: len(history[2])]).unexplained()
    assert (judged is None) == (as_copied is None)


def test_what_a_write_copied_and_did_not_count_is_not_its_own():
    history = History("f0", 2, [100, 100])
    write = Call(Write(0, 0, (Segment(0, 0, 2),)), history, UserBuffer([(0, 2)]), 1, [UNKNOWN] * 2)
    write.moved(0, [1, 2])
    history.read(Access("r", 2, 3, 0, [1, 2]))
    write.over("w", 4, 1)
    read, byte, _ = history.unexplained()
    assert (read.who, byte) == ("r", 1)


def test_what_a_write_copied_and_copied_over_is_not_its_own():
    history = History("f0", 2, [100, 100])
    write = Call(Write(0, 0, (Segment(0, 0, 1),)), history, UserBuffer([(0, 1)]), 1, [UNKNOWN])
    write.moved(0, [1])
    history.read(Access("r", 2, 3, 0, [1]))
    write.moved(0, [2])
    write.over("w", 4, 1)
    read, _, _ = history.unexplained()
    assert read.who == "r"
