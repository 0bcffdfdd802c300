"""Calibration: figures come out, and the file that is written is read again.

How they compare is a matter of the machine and of what else it does: not for a test.
"""

import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from fuzzcopy.cost import Costs, load_costs
from fuzzcopy.cost import calibrate as module
from fuzzcopy.cost.calibrate import Measured, calibrate

USUAL = Measured(
    copy_hot=40, copy_cold=500, minor_fault=1000, mprotect_alone=600, mprotect_others=3000, others=3
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures the running Linux")
def test_it_measures_this_machine(tmp_path: Path) -> None:
    told: list[str] = []
    measured = calibrate(told.append)
    assert told[:3] == ["copies", "page faults", "mprotect"]
    assert 1 < measured.copy_hot < 100_000
    assert measured.copy_hot <= measured.copy_cold
    assert measured.minor_fault > 0
    assert (measured.mprotect_others is None) == (measured.others == 0)
    path = tmp_path / "costs.toml"
    path.write_text(measured.as_toml(), "utf-8")
    assert load_costs(path).copy_hot == pytest.approx(measured.copy_hot, rel=1e-4)


@pytest.mark.usefixtures("ctrl_c_works")
@pytest.mark.skipif(sys.platform != "linux", reason="measures the running Linux")
def test_ctrl_c_in_a_round_waits_for_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> int:
        monkeypatch.setattr(module, "time", time)
        signal.raise_signal(signal.SIGINT)
        return time.perf_counter_ns()

    clock = SimpleNamespace(perf_counter_ns=interrupted, sleep=time.sleep)
    monkeypatch.setattr(module, "time", clock)
    for name in ("_copy_hot", "_cold_surplus", "_minor_fault"):
        monkeypatch.setattr(module, name, lambda: 1.0)
    with pytest.raises(KeyboardInterrupt):
        calibrate()


def test_a_shootdown_is_what_mprotect_takes_longer_beside_others() -> None:
    assert USUAL.in_order()
    assert USUAL.costs()["shootdown"] == 3000 - 600 - 3 * Costs().shootdown_per_cpu


def test_a_machine_with_one_cpu_says_nothing_about_shootdowns(tmp_path: Path) -> None:
    alone = Measured(40, 500, 1000, 600, None, 0)
    assert not alone.in_order()
    path = tmp_path / "costs.toml"
    path.write_text(alone.as_toml(), "utf-8")
    assert load_costs(path).shootdown == Costs().shootdown
