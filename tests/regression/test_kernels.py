"""Which kernel a name means, on the command line and in a file."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from fuzzcopy import Kernel
from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import (
    KernelError,
    find_kernel,
    kernel_of,
    kernels,
    register_kernel,
    replay_command,
)

pytestmark = pytest.mark.usefixtures("forget_kernels")


class Own(Kernel):
    """A kernel of one's own."""


SOURCE = "from fuzzcopy import Kernel\nclass Mine(Kernel): ...\nclass Other(Kernel): ...\nx = 1\n"


def _error(spec: str) -> str:
    with pytest.raises(KernelError) as caught:
        find_kernel(spec)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_reference_is_the_kernel_as_shipped() -> None:
    assert find_kernel("reference") is Kernel
    assert kernel_of("reference") is Kernel


@pytest.mark.parametrize("name", catalogue())
def test_every_bug_is_found_by_its_name(name: str) -> None:
    assert find_kernel(name) is kernel_of(name) is catalogue()[name]
    assert catalogue()[name].name == name


def test_an_unknown_name_is_refused_with_what_there_is() -> None:
    assert "fuzzcopy bugs" in _error("nonesuch")


def test_a_class_in_a_file_is_found_by_path(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SOURCE)
    assert find_kernel(f"{tmp_path}/mine.py:Mine").name == "Mine"


def test_a_class_in_a_module_of_the_current_directory_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine_here.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    assert find_kernel("mine_here:Mine").name == "Mine"


def test_files_of_one_name_in_two_folders_are_two_kernels(tmp_path: Path) -> None:
    for folder, name in (("a", "One"), ("b", "Two")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(SOURCE.replace("Other", name))
    assert find_kernel(f"{tmp_path}/a/mine.py:One").name == "One"
    assert find_kernel(f"{tmp_path}/b/mine.py:Two").name == "Two"


@pytest.mark.parametrize("helpers", ["helpers.py", "helpers/__init__.py"])
def test_a_file_imports_what_lies_beside_it_and_not_what_lies_beside_another(
    tmp_path: Path, helpers: str
) -> None:
    before = sys.path[:]
    for folder in ("a", "b"):
        file = tmp_path / folder / helpers
        file.parent.mkdir(parents=True)
        file.write_text(f"name = {folder!r}\n")
        source = "import helpers\nfrom fuzzcopy import Kernel\n"
        source += "class Mine(Kernel):\n    name = helpers.name\n"
        (tmp_path / folder / "mine.py").write_text(source)
    for folder in ("a", "b", "a", "a"):
        assert find_kernel(f"{tmp_path}/{folder}/mine.py:Mine").name == folder
    assert sys.path == before
    (tmp_path / "mine.py").write_text(source)
    assert "No module named 'helpers'" in _error(f"{tmp_path}/mine.py:Mine")


def test_also_a_package_without_an_init_is_each_file_s_own(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        package = tmp_path / folder / "lib"
        package.mkdir(parents=True)
        (package / "helper.py").write_text(f"name = {folder!r}\n")
        source = "from fuzzcopy import Kernel\nfrom lib.helper import name as it\n"
        source += "class Mine(Kernel):\n    name = it\n"
        (tmp_path / folder / "mine.py").write_text(source)
    names = [find_kernel(f"{tmp_path}/{folder}/mine.py:Mine").name for folder in ("one", "two")]
    assert names == ["one", "two"]


@pytest.mark.parametrize("name", ["my\x1bkernel", "", "k" * 201, None])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str | None) -> None:
    source = f"from fuzzcopy import Kernel\nclass Mine(Kernel):\n    name = {name!r}\n"
    (tmp_path / "mine.py").write_text(source)
    assert "of 1 to 200 characters that can be printed" in _error(f"{tmp_path}/mine.py:Mine")
    with pytest.raises(KernelError):
        register_kernel(type("Mine", (Kernel,), {"name": name}))


def test_a_module_from_elsewhere_is_not_forgotten_for_one_beside_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = ModuleType("helpers")
    monkeypatch.setitem(sys.modules, "helpers", theirs)
    (tmp_path / "helpers.py").write_text("1 / 0")
    (tmp_path / "mine.py").write_text("import helpers\n" + SOURCE)
    assert find_kernel(f"{tmp_path}/mine.py:Mine").name == "Mine"
    assert sys.modules["helpers"] is theirs


def test_a_kernel_may_use_dataclasses_and_its_own_module_name(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from __future__ import annotations\nimport dataclasses, sys\n"
        "from fuzzcopy import Kernel\n"
        "@dataclasses.dataclass\nclass Notes:\n    n: int = 0\n"
        "class Mine(Kernel):\n    notes = sys.modules[__name__].Notes()\n"
    )
    assert find_kernel(f"{tmp_path}/mine.py:Mine").name == "Mine"


def test_a_missing_class_is_refused_with_the_kernels_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SOURCE)
    message = _error(f"{tmp_path}/mine.py:Nope")
    assert "no class Nope" in message
    assert "Mine, Other" in message


def test_a_module_without_a_kernel_is_refused() -> None:
    assert "it has no kernel class" in _error("json:Nope")


@pytest.mark.parametrize("spec", ["json:dumps", "json:JSONDecoder", "json:decoder"])
def test_what_is_no_kernel_class_is_refused(spec: str) -> None:
    assert "derive it from fuzzcopy.Kernel" in _error(spec)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module_anywhere", "No module named 'no_such_module_anywhere'"),
        ("def (:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("raise ValueError('two\\nlines')", "ValueError"),
    ],
)
def test_a_file_that_fails_to_import_is_refused_with_its_error(
    tmp_path: Path, source: str, reason: str
) -> None:
    (tmp_path / "mine.py").write_text(source)
    message = _error(f"{tmp_path}/mine.py:Mine")
    assert "cannot import" in message
    assert reason in message


def test_a_failing_import_names_the_line_in_the_user_s_own_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import json\n\njson.loads('x')\n")
    assert f"(at {tmp_path}/mine.py:3)" in _error(f"{tmp_path}/mine.py:Mine")


def test_a_path_that_cannot_be_made_names_the_line_in_the_user_s_own_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from fuzzcopy import Kernel\nfrom fuzzcopy.kernel import BufferedWrite\n"
        "class W(BufferedWrite):\n    def __init__(self, kernel):\n        int('x')\n"
        "class Mine(Kernel):\n    write_path = W\n"
        "    def __init__(self, machine):\n        super().__init__(machine)\n"
    )
    assert f"(at {tmp_path}/mine.py:5)" in _error(f"{tmp_path}/mine.py:Mine")


@pytest.mark.parametrize(
    "spec",
    ["no_such_module_anywhere:Mine", "a..b:Mine", ":Mine", ".relative:Mine", "json:", "a b:c"],
)
def test_a_module_that_is_not_there_is_refused(spec: str) -> None:
    _error(spec)


@pytest.mark.parametrize("spec", ["nowhere.py:Mine", "folder.py:Mine", ".py:Mine"])
def test_a_file_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str
) -> None:
    (tmp_path / "folder.py").mkdir()
    monkeypatch.chdir(tmp_path)
    assert "there is no file" in _error(spec)


def test_a_kernel_named_in_this_process_is_known_to_files() -> None:
    with pytest.raises(KernelError):
        kernel_of("Own")
    register_kernel(Own)
    assert kernel_of("Own") is Own


def test_a_kernel_that_the_project_lists_is_known_to_files(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SOURCE)
    (tmp_path / "pyproject.toml").write_text('[tool.fuzzcopy]\nkernels = ["mine.py:Mine"]\n')
    assert kernel_of("Mine", root=tmp_path).name == "Mine"
    with pytest.raises(KernelError, match="'Other', which is not known here"):
        kernel_of("Other", root=tmp_path)


@pytest.mark.parametrize("spec", ["lib/mine.py:Mine", "mine_below:Mine"])
def test_the_nearest_project_file_upwards_lists_kernels_from_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.fuzzcopy]\nkernels = ['gone.py:Mine']\n")
    project = tmp_path / "project"
    (project / "lib").mkdir(parents=True)
    (project / "pyproject.toml").write_text(f'[tool.fuzzcopy]\nkernels = ["{spec}"]\n')
    for name in ("lib/mine.py", "mine_below.py"):
        (project / name).write_text(SOURCE)
    for folder in (project / "tests" / "deep", project):
        folder.mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(folder)
        assert kernel_of("Mine").name == "Mine"
        kernels._registered.clear()


def test_a_kernel_that_is_not_known_is_refused_with_both_ways_to_name_it(tmp_path: Path) -> None:
    with pytest.raises(KernelError) as caught:
        kernel_of("Mine", root=tmp_path)
    assert "--kernel" in str(caught.value)
    assert "[tool.fuzzcopy]" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[tool.fuzzcopy]\nkernels = 'mine.py:Mine'\n", "must be a list of strings"),
        ("[tool.fuzzcopy]\nkernels = [1]\n", "must be a list of strings"),
        ("[tool]\nfuzzcopy = 1\n", "must be a table"),
        ("tool = 1\n", "must be a table"),
        ("[tool.fuzzcopy\n", "cannot read"),
        ("[tool.fuzzcopy]\nkernels = ['gone.py:Mine']\n", "there is no file"),
    ],
)
def test_a_project_file_that_is_wrong_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(KernelError, match=reason):
        kernel_of("Mine", root=tmp_path)


def test_the_way_back_names_a_kernel_as_it_can_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pytest imports a test file from its own folder, where the command line would not look."""
    text = "from fuzzcopy import Kernel\nclass K(Kernel):\n    pass\n"
    commands = []
    monkeypatch.chdir(tmp_path)
    for file in ("beside_the_project.py", "tests/in_a_test.py"):
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        monkeypatch.syspath_prepend(path.parent)
        kernel = importlib.import_module(path.stem).K
        commands.append(replay_command(kernel, Path("r.json")))
    assert commands == [
        "fuzzcopy replay r.json --kernel beside_the_project:K",
        "fuzzcopy replay r.json --kernel tests/in_a_test.py:K",
    ]
    assert replay_command(Kernel, Path("r.json")) == "fuzzcopy replay r.json"
