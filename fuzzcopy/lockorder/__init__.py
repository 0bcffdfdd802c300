"""In which order locks are taken, and whether two orders contradict each other.

A *class* is what locks of one kind have in common (``page``); the order is one over classes.
Waits that are not locks are classes of their own: ``writeback`` (held from when it is begun until
the disk has the page), ``ipi`` (held while interrupts are off), ``io``, ``completion``.

The graph is a few lines of our own and no graph library: whether a cycle counts depends on modes,
on the objects and on what else was held along each of its edges, and it is asked once per edge.
"""

from fuzzcopy.lockorder.dependency import ANY as ANY
from fuzzcopy.lockorder.dependency import Dependency as Dependency
from fuzzcopy.lockorder.dependency import Edge as Edge
from fuzzcopy.lockorder.dependency import Hold as Hold
from fuzzcopy.lockorder.dependency import Witness as Witness
from fuzzcopy.lockorder.documented import DOCUMENTED as DOCUMENTED
from fuzzcopy.lockorder.graph import OrderGraph as OrderGraph
from fuzzcopy.lockorder.inversion import Inversion as Inversion
from fuzzcopy.lockorder.inversion import LockOrderInversion as LockOrderInversion
