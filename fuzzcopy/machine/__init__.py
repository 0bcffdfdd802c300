"""The silicon: frames, page tables, TLBs, interrupts, a disk. No policy.

Memory is sequentially consistent.
"""

from fuzzcopy.machine.cpu import Cpu as Cpu
from fuzzcopy.machine.disk import Block as Block
from fuzzcopy.machine.disk import Disk as Disk
from fuzzcopy.machine.disk import IoKind as IoKind
from fuzzcopy.machine.interrupts import Acknowledgements as Acknowledgements
from fuzzcopy.machine.interrupts import send_ipi as send_ipi
from fuzzcopy.machine.machine import Machine as Machine
from fuzzcopy.machine.memory import Cells as Cells
from fuzzcopy.machine.memory import Frame as Frame
from fuzzcopy.machine.memory import Memory as Memory
from fuzzcopy.machine.mmu import Mmu as Mmu
from fuzzcopy.machine.pagetable import SPAN as SPAN
from fuzzcopy.machine.pagetable import Entry as Entry
from fuzzcopy.machine.pagetable import PageTable as PageTable
from fuzzcopy.machine.pagetable import TablePage as TablePage
from fuzzcopy.machine.provenance import ZERO as ZERO
from fuzzcopy.machine.provenance import Origins as Origins
from fuzzcopy.machine.provenance import is_garbage as is_garbage
from fuzzcopy.machine.provenance import origin as origin
from fuzzcopy.machine.provenance import pattern as pattern
from fuzzcopy.machine.tlb import Key as Key
from fuzzcopy.machine.tlb import Tlb as Tlb
from fuzzcopy.machine.tlb import TlbEntry as TlbEntry
from fuzzcopy.machine.watch import MachineWatcher as MachineWatcher
