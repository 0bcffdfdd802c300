"""Which functions a kernel has, and which of them are not the reference's."""

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.designs import designs
from fuzzcopy.designs.two_copy import TwoCopyWrite
from fuzzcopy.kernel import BufferedWrite, Kernel, Path
from fuzzcopy.runner.paths import Paths

from .swapped_kernels import Extended, ExtendedKernel, Trusting, TrustingKernel


def test_the_reference_has_nothing_swapped() -> None:
    assert not Paths(Kernel).is_swapped(BufferedWrite.copy.__code__)


def test_a_function_is_called_as_the_kernel_calls_it() -> None:
    assert Paths(Kernel).name(BufferedWrite.copy.__code__) == "write.copy"
    assert Paths(ExtendedKernel).name(Extended.prepare.__code__) == "write.prepare"


def test_what_comes_with_fuzzcopy_is_not_swapped_by_who_builds_on_it() -> None:
    paths = Paths(TrustingKernel)
    assert not paths.is_swapped(TwoCopyWrite.copy.__code__)
    assert paths.swaps() == [Trusting.still_there.__code__]


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


async def _shared(self, cpu, page, start, buffer, position, length):
    return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)


class Assigned(BufferedWrite):
    copy = _shared
    step = lambda self, at, rest: 1  # noqa: E731


class AssignedKernel(Kernel):
    write_path = Assigned


def test_a_function_goes_by_the_name_that_it_is_called_by() -> None:
    seen = []
    paths = Paths(AssignedKernel)
    assert [paths.name(code) for code in paths.swaps()] == ["write.copy", "write.step"]
    path = object.__new__(paths.watched(seen.append).write_path)
    assert path.step(0, 5) == 1
    assert seen == [Assigned.step.__code__]


class OtherConstant(BufferedWrite):
    order = "write"


class OtherProperty(BufferedWrite):
    @property
    def commit(self):
        return super().commit


class OwnConstant(Extended):
    times = 3


class OtherOwnConstant(OwnConstant):
    times = 4


class OtherMethod(Kernel):
    def page_of(self, frame):
        return self.page_in(frame)


def _kernel(path: type[Path]) -> type[Kernel]:
    return type("Own", (Kernel,), {"write_path": path})


@pytest.mark.parametrize("kernel", [ExtendedKernel, TrustingKernel, _kernel(OwnConstant)])
def test_functions_of_paths_tell_all(kernel: type[Kernel]) -> None:
    assert Paths(kernel).tell_all()


@pytest.mark.parametrize(
    "kernel",
    [
        Kernel,
        type("Empty", (Kernel,), {}),
        _kernel(OtherConstant),
        _kernel(OtherProperty),
        _kernel(OtherOwnConstant),
        OtherMethod,
        type("Both", (OtherMethod, ExtendedKernel), {}),
    ],
)
def test_something_else_that_differs_is_not_told(kernel: type[Kernel]) -> None:
    assert not Paths(kernel).tell_all()


@pytest.mark.parametrize("name", [*catalogue(), *designs()])
def test_of_what_comes_with_fuzzcopy_functions_tell_all(name: str) -> None:
    assert Paths((catalogue() | designs())[name]).tell_all()
