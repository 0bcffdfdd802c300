"""Running scenarios on kernels. Needs no Hypothesis."""

from fuzzcopy.runner.check import check_accesses as check_accesses
from fuzzcopy.runner.explore import explore as explore
from fuzzcopy.runner.minimal import Minimal as Minimal
from fuzzcopy.runner.minimal import minimise as minimise
from fuzzcopy.runner.outcome import Outcome as Outcome
from fuzzcopy.runner.runner import Found as Found
from fuzzcopy.runner.runner import Tally as Tally
from fuzzcopy.runner.runner import check_determinism as check_determinism
from fuzzcopy.runner.runner import execute as execute
from fuzzcopy.runner.runner import find_failure as find_failure
from fuzzcopy.runner.runner import policies_for as policies_for
from fuzzcopy.runner.runner import record as record
from fuzzcopy.runner.runner import run as run
from fuzzcopy.runner.runner import with_schedule as with_schedule
from fuzzcopy.runner.trace import Row as Row
from fuzzcopy.runner.trace import Trace as Trace
