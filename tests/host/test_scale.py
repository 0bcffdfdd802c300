from hypothesis import given
from hypothesis import strategies as st

from fuzzcopy.host.scale import HOST_PAGE, MODEL_PAGE, can_be_scaled, host_bytes, made, to_host
from fuzzcopy.machine import ZERO, pattern
from fuzzcopy.scenario import CpuSpec, FileSpec, Read, Scenario, Segment

EDGES = st.builds(
    lambda halves, near: halves * MODEL_PAGE // 2 + near, st.integers(1, 20), st.integers(-7, 7)
)


def test_pages_become_pages():
    assert [to_host(n * MODEL_PAGE) for n in range(4)] == [n * HOST_PAGE for n in range(4)]


@given(EDGES, EDGES)
def test_sums_and_order_survive(a, b):
    assert to_host(a + b) == to_host(a) + to_host(b)
    assert (to_host(a) < to_host(b)) == (a < b)


@given(EDGES, EDGES)
def test_a_part_of_the_cells_is_a_part_of_the_bytes(a, b):
    cells = [*pattern(3, 400), *[ZERO] * 400, *pattern(4, 400)]
    low, high = sorted((a, b))
    assert host_bytes(cells)[to_host(low) : to_host(high)] == host_bytes(cells[low:high], low)


def test_what_was_put_into_the_world_differs_by_origin_and_by_scenario():
    assert made(2, 0, 64) != made(3, 0, 64)
    assert made(2, 0, 64, salt=1) != made(2, 0, 64, salt=2)
    assert made(2, 0, 64)[8:] == made(2, 8, 56)


def test_edges_far_from_the_middle_of_a_page_are_not_scaled():
    def reads(offset):
        return Scenario((CpuSpec((Read(0, offset, (Segment(0, 0, 33),)),)),), (FileSpec(64),))

    assert can_be_scaled(reads(65))
    assert not can_be_scaled(reads(14))
