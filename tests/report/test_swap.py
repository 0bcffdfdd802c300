"""Where a kernel leaves the reference's code."""

from fuzzcopy.designs.two_copy import TwoCopyWrite
from fuzzcopy.kernel import Kernel
from fuzzcopy.report.swap import Swap
from fuzzcopy.runner.paths import Paths

from ..runner.swapped_kernels import Extended, ExtendedKernel, Trusting, TrustingKernel


def _swap(kernel: type[Kernel], function: object) -> Swap:
    return Swap.of(Paths(kernel), function.__code__)


def test_a_swapped_function_is_told_at_its_first_other_line() -> None:
    swap = _swap(ExtendedKernel, Extended.prepare)
    assert swap.text == "await self.kernel.copy.fault_in(cpu, buffer, position, length)"
    assert swap.line == Extended.prepare.__code__.co_firstlineno + 1
    assert swap.overrides == "BufferedWrite.prepare"
    assert swap.file.endswith("swapped_kernels.py")


def test_a_new_function_overrides_nothing() -> None:
    assert _swap(ExtendedKernel, Extended.extra).overrides == ""


def test_what_comes_with_fuzzcopy_is_no_swap() -> None:
    paths = Paths(TrustingKernel)
    assert not paths.is_swapped(TwoCopyWrite.copy.__code__)
    swap = Swap.of(paths, Trusting.still_there.__code__)
    assert (swap.text, swap.overrides) == ("return True", "TwoCopyWrite.still_there")
