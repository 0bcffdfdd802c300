"""The operating system: correct as shipped, each path replaceable.

What holds at every step, and what oracles and assertions rest on:

- Uptodate means at least as new as the disk; it is set after the data is there.
- A page that is not uptodate is shown to nobody.
- Who finds a page not uptodate after its read is over reports an error, and shows nothing.
- A write that the disk did not take is counted before the page's writeback is over: who waits for
  that and then asks knows of it.
- What was looked up in an extent map without the page locked is checked again under its lock.
- An entry is cleared, the TLBs are flushed, only then is the frame released or reused.
- A CPU that has a page table loaded is in the mask of its address space.
- A page is copied in order to be replaced only when no CPU can still write to it.
- Who takes an entry away changes it first and looks at the references to its page then; who pins
  without a lock takes a reference first and looks at the entry again then.
- An anonymous page is dropped only if nobody has a reference, and neither its entry nor the page
  has been dirtied since it was freed lazily; who writes past the CPUs marks the page.
- A page-table page is freed only when no CPU can still be walking it.
- Nobody sleeps with faults disabled, a spin lock held or interrupts off.
- Lock order: inode -> mmap -> invalidate -> fs -> page -> rmap -> ptl. Locks of one class by
  ascending index. ``page -> mmap`` is the forbidden edge that the mail of 2002 is about.
"""

from fuzzcopy.kernel.access import UserAccess as UserAccess
from fuzzcopy.kernel.allocate import Allocate as Allocate
from fuzzcopy.kernel.buffer import UserBuffer as UserBuffer
from fuzzcopy.kernel.cache import PageCache as PageCache
from fuzzcopy.kernel.copy import UserCopy as UserCopy
from fuzzcopy.kernel.debug import Debug as Debug
from fuzzcopy.kernel.direct import DirectIo as DirectIo
from fuzzcopy.kernel.extents import Extent as Extent
from fuzzcopy.kernel.extents import Extents as Extents
from fuzzcopy.kernel.extents import ExtentState as ExtentState
from fuzzcopy.kernel.fault import Fault as Fault
from fuzzcopy.kernel.file import File as File
from fuzzcopy.kernel.fork import Fork as Fork
from fuzzcopy.kernel.invalidate import Invalidate as Invalidate
from fuzzcopy.kernel.kernel import Kernel as Kernel
from fuzzcopy.kernel.lazyfree import LazyFree as LazyFree
from fuzzcopy.kernel.mapping import Mapping as Mapping
from fuzzcopy.kernel.migrate import Migrate as Migrate
from fuzzcopy.kernel.page import Page as Page
from fuzzcopy.kernel.path import Path as Path
from fuzzcopy.kernel.pin import Pin as Pin
from fuzzcopy.kernel.pin import Pinned as Pinned
from fuzzcopy.kernel.pipe import Pipe as Pipe
from fuzzcopy.kernel.pipe import PipeBuffer as PipeBuffer
from fuzzcopy.kernel.pipe import PipeIo as PipeIo
from fuzzcopy.kernel.populate import Populate as Populate
from fuzzcopy.kernel.protect import WriteProtect as WriteProtect
from fuzzcopy.kernel.punch import Punch as Punch
from fuzzcopy.kernel.read import BufferedRead as BufferedRead
from fuzzcopy.kernel.readahead import ReadAhead as ReadAhead
from fuzzcopy.kernel.reclaim import Reclaim as Reclaim
from fuzzcopy.kernel.shootdown import Shootdown as Shootdown
from fuzzcopy.kernel.space import AddressSpace as AddressSpace
from fuzzcopy.kernel.space import Vma as Vma
from fuzzcopy.kernel.space import slot_page as slot_page
from fuzzcopy.kernel.splice import Splice as Splice
from fuzzcopy.kernel.switch import ContextSwitch as ContextSwitch
from fuzzcopy.kernel.tables import Tables as Tables
from fuzzcopy.kernel.truncate import Truncate as Truncate
from fuzzcopy.kernel.unmap import Unmap as Unmap
from fuzzcopy.kernel.watch import KernelWatcher as KernelWatcher
from fuzzcopy.kernel.write import BufferedWrite as BufferedWrite
from fuzzcopy.kernel.writeback import Writeback as Writeback
