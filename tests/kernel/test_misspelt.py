"""A path under a name that no kernel looks at is refused: it would be found faultless."""

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
