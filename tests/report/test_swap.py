"""Where a kernel leaves the reference's code."""

from fuzzcopy.designs.two_copy import TwoCopyWrite
from fuzzcopy.kernel import BufferedWrite, Kernel
from fuzzcopy.report.swap import Swap
from fuzzcopy.runner.paths import Paths


class Extended(BufferedWrite):
    """One line more than the reference."""

    async def prepare(self, cpu, buffer, position, length):
        await self.kernel.copy.fault_in(cpu, buffer, position, length)

    def extra(self):
        return 1


class ExtendedKernel(Kernel):
    write_path = Extended


class Trusting(TwoCopyWrite):
    async def still_there(self, page, file):
        # It surely is.
        return True


class TrustingKernel(Kernel):
    write_path = Trusting


def _swap(kernel: type[Kernel], function: object) -> Swap:
    return Swap.of(Paths(kernel), function.__code__)


def test_a_swapped_function_is_told_at_its_first_other_line() -> None:
    swap = _swap(ExtendedKernel, Extended.prepare)
    assert swap.text == "await self.kernel.copy.fault_in(cpu, buffer, position, length)"
    assert swap.line == Extended.prepare.__code__.co_firstlineno + 1
    assert swap.overrides == "BufferedWrite.prepare"
    assert swap.file.endswith("test_swap.py")


def test_a_new_function_overrides_nothing() -> None:
    assert _swap(ExtendedKernel, Extended.extra).overrides == ""


def test_what_comes_with_fuzzcopy_is_no_swap() -> None:
    paths = Paths(TrustingKernel)
    assert not paths.is_swapped(TwoCopyWrite.copy.__code__)
    swap = Swap.of(paths, Trusting.still_there.__code__)
    assert (swap.text, swap.overrides) == ("return True", "TwoCopyWrite.still_there")
