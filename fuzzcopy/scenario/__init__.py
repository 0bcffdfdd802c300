"""Scenarios: everything a run depends on, as plain frozen data with one JSON form.

Independent of kernel, scheduler and Hypothesis. msgspec, not attrs: the frozen structs, the
strict decoder (unknown fields refused, ranges checked, tagged unions) and the JSON schema all
come from the one declaration.
"""

from fuzzcopy.scenario.codec import ScenarioError as ScenarioError
from fuzzcopy.scenario.codec import decode as decode
from fuzzcopy.scenario.codec import encode as encode
from fuzzcopy.scenario.operations import Collapse as Collapse
from fuzzcopy.scenario.operations import Continue as Continue
from fuzzcopy.scenario.operations import DirectRead as DirectRead
from fuzzcopy.scenario.operations import DirectWrite as DirectWrite
from fuzzcopy.scenario.operations import Fallocate as Fallocate
from fuzzcopy.scenario.operations import Fork as Fork
from fuzzcopy.scenario.operations import Fsync as Fsync
from fuzzcopy.scenario.operations import Idle as Idle
from fuzzcopy.scenario.operations import Invalidate as Invalidate
from fuzzcopy.scenario.operations import Lazyfree as Lazyfree
from fuzzcopy.scenario.operations import Load as Load
from fuzzcopy.scenario.operations import Madvise as Madvise
from fuzzcopy.scenario.operations import Migrate as Migrate
from fuzzcopy.scenario.operations import Mlock as Mlock
from fuzzcopy.scenario.operations import Mmap as Mmap
from fuzzcopy.scenario.operations import Mprotect as Mprotect
from fuzzcopy.scenario.operations import Mremap as Mremap
from fuzzcopy.scenario.operations import Msync as Msync
from fuzzcopy.scenario.operations import Munmap as Munmap
from fuzzcopy.scenario.operations import Operation as Operation
from fuzzcopy.scenario.operations import PipeRead as PipeRead
from fuzzcopy.scenario.operations import PipeWrite as PipeWrite
from fuzzcopy.scenario.operations import Poke as Poke
from fuzzcopy.scenario.operations import Punch as Punch
from fuzzcopy.scenario.operations import Read as Read
from fuzzcopy.scenario.operations import Readahead as Readahead
from fuzzcopy.scenario.operations import Reclaim as Reclaim
from fuzzcopy.scenario.operations import Segment as Segment
from fuzzcopy.scenario.operations import Splice as Splice
from fuzzcopy.scenario.operations import Store as Store
from fuzzcopy.scenario.operations import SwitchTo as SwitchTo
from fuzzcopy.scenario.operations import Truncate as Truncate
from fuzzcopy.scenario.operations import Unprotect as Unprotect
from fuzzcopy.scenario.operations import Write as Write
from fuzzcopy.scenario.operations import WriteProtect as WriteProtect
from fuzzcopy.scenario.operations import kind_of as kind_of
from fuzzcopy.scenario.orders import PATHS as PATHS
from fuzzcopy.scenario.orders import Orders as Orders
from fuzzcopy.scenario.scenario import Actors as Actors
from fuzzcopy.scenario.scenario import CpuSpec as CpuSpec
from fuzzcopy.scenario.scenario import FaultPlan as FaultPlan
from fuzzcopy.scenario.scenario import FileSpec as FileSpec
from fuzzcopy.scenario.scenario import MachineSpec as MachineSpec
from fuzzcopy.scenario.scenario import MappingSpec as MappingSpec
from fuzzcopy.scenario.scenario import PipeSpec as PipeSpec
from fuzzcopy.scenario.scenario import Scenario as Scenario
from fuzzcopy.scenario.scenario import SpaceSpec as SpaceSpec
from fuzzcopy.scenario.scenario import Switch as Switch
