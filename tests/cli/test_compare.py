"""``fuzzcopy compare`` and ``fuzzcopy cost`` as commands."""

import json
from pathlib import Path

import pytest

from fuzzcopy.cost.calibrate import Measured

from .foreign import FOREIGN
from .interrupts import STRUCK


def test_compare_prints_a_table_and_writes_a_page(command, tmp_path):
    done = command("compare", "reference", "two-copy", "--examples", 0, "--html", "out.html")
    assert done.returncode == 0, done.stderr
    assert "two-copy" in done.stdout
    assert "page: out.html" in done.stdout
    assert (tmp_path / "out.html").read_text("utf-8").startswith("<!doctype html>")


def test_compare_as_json_is_one_object(command):
    done = command("compare", "flip-on-failure", "--examples", 5, "--format", "json")
    assert done.returncode == 0, done.stderr
    [row] = json.loads(done.stdout)["rows"]
    assert (row["kernel"], row["call"], row["safety"]["programs"]) == ("flip-on-failure", "read", 5)


def test_a_kernel_that_is_found_wrong_is_status_1(command):
    done = command("compare", "sleeping-copy", "--examples", 200)
    assert done.returncode == 1, done.stderr
    assert "deadlock" in done.stdout


@pytest.mark.parametrize("examples", [20, 0])
def test_a_kernel_on_which_nothing_can_be_decided_takes_nothing_from_the_others(
    command, tmp_path, examples
):
    (tmp_path / "own.py").write_text(FOREIGN, "utf-8")
    kernels = ["own.py:ForeignKernel", "two-copy"]
    done = command("compare", *kernels, "--examples", examples)
    assert done.returncode == 3
    assert "ForeignKernel has no figures, as nothing could be decided: cpu" in done.stdout
    assert "cheapest first, all mapped (4 CPUs): two-copy" in done.stdout
    if examples:
        done = command("compare", *kernels, "sleeping-copy", "--examples", examples)
        assert done.returncode == 1, "something was found"


@pytest.mark.usefixtures("ctrl_c_works")
@pytest.mark.parametrize(("first", "status"), [("two-copy", 130), ("own.py:Crashing", 1)])
def test_ctrl_c_takes_nothing_from_the_kernels_before(cli, tmp_path, first, status):
    crashing = "from fuzzcopy.kernel import BufferedWrite\n\n\nclass W(BufferedWrite):\n"
    crashing += "    copy = None\n\n\nclass Crashing(Kernel):\n    write_path = W\n"
    (tmp_path / "own.py").write_text(STRUCK + crashing, "utf-8")
    words = [first, "own.py:Struck", "reference", "--examples", 0]
    result = cli("compare", *words, "--html", "out.html")
    assert result.exit_code == status
    lines = result.stdout.splitlines()
    assert lines[0] == "interrupted; this is what there is so far"
    assert "  Struck has no figures: interrupted" in lines
    rows = [line.split()[0] for line in lines if line]
    assert first.split(":")[-1] in rows
    assert "reference" not in rows
    assert "interrupted" in (tmp_path / "out.html").read_text("utf-8")


def test_bad_input_is_one_line_and_nothing_is_written(command, tmp_path):
    (tmp_path / "costs.toml").write_text("[costs]\nnope = 1\n", "utf-8")
    for args, why in [
        (["compare", "nonesuch"], "there is no kernel 'nonesuch'"),
        (["compare", "--costs", "costs.toml"], "nope"),
        (["compare", "--html", "no/such/out.html"], "there is no such directory"),
        (["cost", "--calibrate"], "is there already"),
        (["cost", "--calibrate", "--output", "no/such.toml"], "there is no such directory"),
    ]:
        done = command(*args)
        assert done.returncode == 2, (args, done.stderr)
        assert why in done.stderr
        assert "Traceback" not in done.stderr
    assert (tmp_path / "costs.toml").read_text("utf-8") == "[costs]\nnope = 1\n"


def test_cost_shows_the_table_of_a_file(command, tmp_path):
    (tmp_path / "mine.toml").write_text("[costs]\ncopy_hot = 23.5\n", "utf-8")
    done = command("cost", "--costs", "mine.toml")
    assert done.returncode == 0, done.stderr
    assert "23.5" in done.stdout
    assert "from mine.toml" in done.stdout
    assert "2100" in done.stdout


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("notes.txt", "there is a file that is no page; name another"),
        ("/proc/x.html", "cannot write /proc/x.html: No such file or directory; name another"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused_before_the_work(
    cli, tmp_path, monkeypatch, name, why
):
    if not Path(name).absolute().parent.exists():
        pytest.skip("there is no /proc here")
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    monkeypatch.setattr("fuzzcopy.cli.compare.compare_kernels", _not_to_be_done)
    result = cli("compare", "reference", "--html", name)
    assert result.exit_code == 2
    assert why in result.stderr.splitlines()[-1]
    assert (tmp_path / "notes.txt").read_text("utf-8") == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_a_table_that_cannot_be_written_is_not_measured(cli, monkeypatch):
    monkeypatch.setattr("fuzzcopy.cli.cost.measure_machine", _not_to_be_done)
    result = cli("cost", "--calibrate", "--output", "/proc/x")
    assert result.exit_code == 2
    assert "cannot write /proc/x: " in result.stderr.splitlines()[-1]


def test_figures_are_printed_before_they_cannot_be_written(cli, tmp_path, monkeypatch):
    def measured(*_):
        (tmp_path / "sub").rmdir()
        return Measured(40, 500, 1000, 600, None, 0)

    (tmp_path / "sub").mkdir()
    monkeypatch.setattr("fuzzcopy.cli.cost.measure_machine", measured)
    result = cli("cost", "--calibrate", "--output", "sub/costs.toml")
    assert result.exit_code == 2
    assert "minor page fault" in result.stdout
    assert "cannot write sub/costs.toml: " in result.stderr.splitlines()[-1]


def test_a_kernel_that_crashes_in_every_write_is_found_and_not_metered(cli, own):
    own.write(
        "from fuzzcopy import Kernel\nfrom fuzzcopy.kernel import BufferedWrite\n"
        "class W(BufferedWrite):\n    async def copy(self, *args):\n"
        "        raise AttributeError('two\\nlines')\n"
        "class K(Kernel):\n    write_path = W\n"
    )
    result = cli("compare", "--examples", 5, "mykernel.py:K")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert ["K", "crash"] in [line.split() for line in result.stdout.splitlines()]
    [line] = [line for line in result.stdout.splitlines() if "K has no figures" in line]
    assert line.endswith("crash: cpu0: AttributeError: two\\nlines")


def _not_to_be_done(*args, **kwargs):
    pytest.fail("the work began")
