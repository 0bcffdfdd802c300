"""Programs worth keeping: in memory, and in a directory that others use, too."""

import shutil
from pathlib import Path
from random import Random

from fuzzcopy.fuzz import Corpus
from fuzzcopy.scenario import CpuSpec, Fsync, Scenario
from fuzzcopy.scenario.codec import decode


def _scenario(number: int) -> Scenario:
    return Scenario(cpus=(CpuSpec((Fsync(number),)),))


def test_an_entry_is_kept_once() -> None:
    corpus = Corpus()
    for number in (1, 2, 1):
        corpus.add(_scenario(number))
    assert len(corpus) == 2
    assert {*corpus.sample(Random(1))} == {_scenario(1), _scenario(2)}


def test_nothing_kept_is_nothing_to_vary() -> None:
    assert Corpus().sample(Random(1)) == []


def test_an_entry_is_a_file_that_others_find(tmp_path: Path) -> None:
    mine, theirs = Corpus(tmp_path), Corpus(tmp_path)
    mine.add(_plain())
    [path] = tmp_path.iterdir()
    assert decode(path.read_bytes()) == _plain()
    assert len(theirs) == 0
    theirs.refresh()
    assert theirs.sample(Random(1))[0] == _plain()
    theirs.add(_plain())
    assert [*tmp_path.iterdir()] == [path]
    assert len(Corpus(tmp_path)) == 1


def test_a_file_that_is_no_scenario_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "0123456789abcdef.json").write_text("{half")
    (tmp_path / "notes.txt").write_text("hello")
    corpus = Corpus(tmp_path)
    corpus.add(_plain())
    assert len(corpus) == 1


def _plain() -> Scenario:
    return Scenario(cpus=(CpuSpec(),))


def test_what_cannot_be_written_is_kept_in_memory(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "corpus")
    corpus.add(_scenario(1))
    shutil.rmtree(tmp_path / "corpus")
    corpus.add(_scenario(2))
    corpus.refresh()
    corpus.add(_scenario(3))
    assert isinstance(corpus.trouble, FileNotFoundError)
    assert len(corpus) == 3
    assert [*tmp_path.iterdir()] == []
