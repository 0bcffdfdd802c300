"""A path under a name that no kernel looks at is refused: it would be found faultless."""

from abc import ABC, abstractmethod

import pytest

from fuzzcopy.kernel import BufferedWrite, Kernel


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
