"""A path under a name that no kernel looks at is refused: it would be found faultless."""

from abc import ABC, abstractmethod

import pytest

from fuzzcopy.kernel import BufferedWrite, Kernel, UserCopy


@pytest.mark.parametrize("name", ["write_pth", "writepath", "write", "wirte_path"])
def test_a_name_that_is_nearly_a_path_s(name: str) -> None:
    with pytest.raises(TypeError, match=rf"Mine.{name} is no path: is write_path meant\?"):
        type("Mine", (Kernel,), {name: BufferedWrite})


def test_a_part_of_one_s_own_may_be_called_anything_else() -> None:
    class Mine(Kernel):
        journal_path = BufferedWrite
        write_path = BufferedWrite

    assert Mine.write_path is BufferedWrite


@pytest.mark.parametrize("value", [int, None, 3, "BufferedWrite", lambda kernel: BufferedWrite])
def test_what_is_no_path_class_is_refused_with_what_to_derive_one_from(value: object) -> None:
    mend = r"Mine.write_path is .*, which is no path class: .* fuzzcopy.kernel.BufferedWrite"
    with pytest.raises(TypeError, match=mend):
        type("Mine", (Kernel,), {"write_path": value})


def test_an_abstract_path_is_refused_with_what_it_lacks() -> None:
    class Half(BufferedWrite, ABC):
        @abstractmethod
        async def more(self): ...

    with pytest.raises(TypeError, match="Half, which is abstract: it lacks more"):
        type("Mine", (Kernel,), {"write_path": Half})


class Misspelt(BufferedWrite):
    async def coppy(self, *args): ...


def test_a_method_that_nothing_calls_and_is_nearly_one_of_the_path_s() -> None:
    with pytest.raises(TypeError, match=r"calls Misspelt.coppy: is copy meant, as in Buff"):
        type("Mine", (Kernel,), {"write_path": Misspelt})


def test_a_method_of_one_s_own_may_be_called_anything_that_is_called() -> None:
    class Called(Misspelt):
        async def prepare(self, *args):
            await self.coppy(*args)

    class CalledByWhatItOverrides(Called):
        async def prepare(self, *args): ...

    class CalledFromElsewhere(UserCopy):
        async def from_user(self, *args):
            return [await self.kernel.write.coppy(argument) for argument in args]

    class Beside(Misspelt):
        async def copy(self, *args): ...

    type("Mine", (Kernel,), {"write_path": Called})
    type("Mine", (Kernel,), {"write_path": CalledByWhatItOverrides})
    type("Mine", (Kernel,), {"write_path": Misspelt, "copy_path": CalledFromElsewhere})
    type("Mine", (Kernel,), {"write_path": Beside})
