"""Where curves cross."""

from fuzzcopy.compare import Crossing, crossings

XS = (0, 10, 20)
NAMES = ("a", "b")


def test_curves_that_change_places_cross_on_the_straight_line_between_the_points() -> None:
    assert crossings(XS, (100, 200, 300), (200, 200, 200), NAMES) == [
        Crossing(at=10, ns=200, cheaper="b", dearer="a")
    ]
    assert crossings(XS, (300, 100, 100), (200, 200, 200), NAMES) == [
        Crossing(at=5, ns=200, cheaper="a", dearer="b")
    ]


def test_curves_that_never_meet_do_not_cross() -> None:
    assert crossings(XS, (1, 2, 3), (4, 5, 6), NAMES) == []


def test_what_is_as_good_as_equal_is_equal() -> None:
    assert crossings(XS, (1000, 1000, 1000), (1001, 999, 1001), NAMES) == []


def test_curves_that_are_equal_first_part() -> None:
    assert crossings(XS, (100, 100, 50), (100, 100, 100), NAMES) == [
        Crossing(at=10, ns=100, cheaper="a", dearer="b", parting=True)
    ]


def test_steps_change_at_a_point_and_not_before() -> None:
    assert crossings(XS, (100, 100, 50), (100, 100, 100), NAMES, steps=True) == [
        Crossing(at=20, ns=50, cheaper="a", dearer="b", parting=True)
    ]


def test_every_change_is_found() -> None:
    found = crossings((0, 1, 2, 3), (1, 3, 1, 3), (2, 2, 2, 2), NAMES)
    assert [crossing.cheaper for crossing in found] == ["b", "a", "b"]
