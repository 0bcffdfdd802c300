"""Where a kernel is not the reference."""

from fuzzcopy.designs.two_copy import TwoCopyWrite
from fuzzcopy.kernel import BufferedWrite, Kernel, Path
from fuzzcopy.report.paths import Paths, Swap


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
    return Paths(kernel).swap(function.__code__)


def test_the_reference_has_nothing_swapped() -> None:
    assert not Paths(Kernel).is_swapped(BufferedWrite.copy.__code__)


def test_a_function_is_called_as_the_kernel_calls_it() -> None:
    assert Paths(Kernel).name(BufferedWrite.copy.__code__) == "write.copy"
    assert Paths(ExtendedKernel).name(Extended.prepare.__code__) == "write.prepare"


def test_a_swapped_function_is_told_at_its_first_other_line() -> None:
    swap = _swap(ExtendedKernel, Extended.prepare)
    assert swap.text == "await self.kernel.copy.fault_in(cpu, buffer, position, length)"
    assert swap.line == Extended.prepare.__code__.co_firstlineno + 1
    assert swap.overrides == "BufferedWrite.prepare"
    assert swap.file.endswith("test_paths.py")


def test_a_new_function_overrides_nothing() -> None:
    assert _swap(ExtendedKernel, Extended.extra).overrides == ""


def test_what_comes_with_fuzzcopy_is_no_swap() -> None:
    paths = Paths(TrustingKernel)
    assert not paths.is_swapped(TwoCopyWrite.copy.__code__)
    swap = paths.swap(Trusting.still_there.__code__)
    assert (swap.text, swap.overrides) == ("return True", "TwoCopyWrite.still_there")


def test_a_watched_kernel_says_when_a_swapped_function_is_entered() -> None:
    seen = []
    watched = Paths(ExtendedKernel).watched(seen.append)
    assert watched.name == ExtendedKernel.name
    assert issubclass(watched, ExtendedKernel)
    path = object.__new__(watched.write_path)
    assert path.extra() == 1
    assert seen == [Extended.extra.__code__]


def test_under_test_is_what_the_path_does_and_not_what_every_path_has() -> None:
    names = {name for name, _ in Paths(ExtendedKernel).under_test()}
    assert {"write.prepare", "write.extra", "write.commit"} <= names
    assert not names & {f"write.{name}" for name in vars(Path)}
