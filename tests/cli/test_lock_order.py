"""What ``fuzz`` says of a prediction that could not be confirmed."""

import io
import json
from pathlib import Path

from rich.console import Console

from fuzzcopy.cli.predictions import print_predictions
from fuzzcopy.fuzz import Fuzzer

from ..fuzz.lock_order_kernels import TwoJournals

KERNELS = Path(__file__).parents[1] / "fuzz" / "lock_order_kernels.py"
ARGUMENTS = ("fuzz", f"{KERNELS}:TwoJournals", "--examples", "6", "--seed", "1")


def test_it_is_told_with_both_chains_and_does_not_fail(cli):
    result = cli(*ARGUMENTS)
    assert result.exit_code == 0
    assert "nothing found on TwoJournals" in result.output
    assert "predicted: " in result.output
    assert "holds journal lock upper (at " in result.output
    assert "takes journal lock lower (at " in result.output
    assert "not confirmed in " in result.output


def test_unless_that_is_asked_for(cli):
    assert cli(*ARGUMENTS, "--strict-locks").exit_code == 1


def test_json_has_it(cli):
    result = cli(*ARGUMENTS, "--format", "json")
    predictions = json.loads(result.stdout.splitlines()[-1])["predictions"]
    [prediction] = [p for p in predictions if sorted(p["cycle"]) == ["journal", "page"]]
    assert prediction["confirmed"] is False
    assert len(prediction["chains"]) == 2
    assert prediction["schedules"] > 0


def test_another_hang_on_the_way_is_told_and_is_a_find(cli):
    command = ("locks", f"{KERNELS}:OtherHang", "--examples", "10")
    result = cli(*command)
    assert result.exit_code == 1
    assert "  met on the way, not as predicted: " in result.output
    result = cli(*command, "--format", "json")
    predictions = json.loads(result.stdout.splitlines()[-1])["predictions"]
    [prediction] = [p for p in predictions if sorted(p["cycle"]) == ["journal", "page"]]
    assert prediction["confirmed"] is False
    assert "blocks lock blocks" in prediction["other"]


def test_after_a_find_it_takes_a_line_and_says_where_the_rest_is():
    campaign = Fuzzer(TwoJournals, seed=1).run(examples=6)
    out = Console(file=io.StringIO(), width=100)
    print_predictions(out, campaign.predictions, brief="fuzzcopy locks x.py:TwoJournals")
    assert isinstance(out.file, io.StringIO)
    told = out.file.getvalue().strip().splitlines()
    assert len(told) == len(campaign.predictions) + 1
    assert all("not confirmed in " in line for line in told[:-1])
    assert told[-1] == "who holds what there: fuzzcopy locks x.py:TwoJournals"
