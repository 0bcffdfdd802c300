"""The judges. They watch the event stream; they never steer.

Deadlock, livelock and crash are seen by the scheduler itself. To add a judge of your own, derive
from :class:`Oracle`, override the events it needs, and pass it to ``fuzzcopy.run(oracles=...)``.
"""

from fuzzcopy.oracles.atomic import AtomicOracle as AtomicOracle
from fuzzcopy.oracles.atomic import SleepInAtomic as SleepInAtomic
from fuzzcopy.oracles.content import ContentOracle as ContentOracle
from fuzzcopy.oracles.content import LostDirty as LostDirty
from fuzzcopy.oracles.content import LostWrite as LostWrite
from fuzzcopy.oracles.content import TornRead as TornRead
from fuzzcopy.oracles.contract import ContractBroken as ContractBroken
from fuzzcopy.oracles.contract import ContractOracle as ContractOracle
from fuzzcopy.oracles.exposure import ExposureOracle as ExposureOracle
from fuzzcopy.oracles.exposure import NotUptodateExposure as NotUptodateExposure
from fuzzcopy.oracles.freed_frame import FreedFrameAccess as FreedFrameAccess
from fuzzcopy.oracles.freed_frame import FreedFrameOracle as FreedFrameOracle
from fuzzcopy.oracles.leak import Leak as Leak
from fuzzcopy.oracles.leak import LeakOracle as LeakOracle
from fuzzcopy.oracles.lock_order import LockOrderOracle as LockOrderOracle
from fuzzcopy.oracles.lock_order import LockOrderTracker as LockOrderTracker
from fuzzcopy.oracles.oracle import Oracle as Oracle
from fuzzcopy.oracles.own_memory import OwnMemoryOracle as OwnMemoryOracle
from fuzzcopy.oracles.private_data import PrivateDataOracle as PrivateDataOracle
from fuzzcopy.oracles.privilege import PrivilegeOracle as PrivilegeOracle
from fuzzcopy.oracles.privilege import WrongPrivilege as WrongPrivilege
from fuzzcopy.oracles.stale_tlb import StaleTlb as StaleTlb
from fuzzcopy.oracles.stale_tlb import StaleTlbAccess as StaleTlbAccess
from fuzzcopy.oracles.stale_tlb import StaleTlbOracle as StaleTlbOracle
from fuzzcopy.oracles.sync import SyncOracle as SyncOracle

ALL: tuple[type[Oracle], ...] = (
    ExposureOracle,
    FreedFrameOracle,
    PrivilegeOracle,
    StaleTlbOracle,
    AtomicOracle,
    ContentOracle,
    ContractOracle,
    LeakOracle,
    OwnMemoryOracle,
    SyncOracle,
    PrivateDataOracle,
)
