"""Pinning: a reference to what a user address shows, to be used without the user's page table."""

from __future__ import annotations

from dataclasses import dataclass

from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace, Vma
from fuzzcopy.machine import Cpu, Entry


@dataclass(frozen=True, slots=True)
class Pinned:
    """A page that was shown at ``vpn`` of ``space``, with a reference taken.

    ``vma`` is the mapping that allowed it; who looked only at the entry does not know it.
    """

    space: AddressSpace
    vpn: int
    page: Page
    vma: Vma | None = None


class Pin(Path):
    """``get_user_pages``: looks the page up as the CPU would, and faults it in until it is there.

    Between a fault and the next look anything may happen to the entry. So each look asks for
    the whole permission again, and nothing is concluded from the fault before.
    """

    async def pin_fast(
        self, cpu: Cpu, space: AddressSpace, vpn: int, *, write: bool
    ) -> Pinned | None:
        """Pin the page at ``vpn`` for a device without any lock; ``None``: not like this.

        (``gup_fast``.) With interrupts off no flush gets done that this CPU must take part in. So
        what the entry shows is not freed, nor is the page-table page, until the reference is
        taken. If the entry has changed by then, the page may be somebody else's copy already, or
        about to be: whoever changes an entry and then looks at the references sees this one, or
        this CPU sees the change.
        """
        cpu.disable_interrupts()
        page = await self.grab(cpu, space, vpn, write)
        good = page is not None and await self.still_shown(cpu, space, vpn, page, write)
        cpu.enable_interrupts()
        if good:
            assert page is not None
            return Pinned(space, vpn, page)
        if page is not None:
            await page.unpin()
            await self.kernel.cache.put(page)
        return None

    async def grab(self, cpu: Cpu, space: AddressSpace, vpn: int, write: bool) -> Page | None:
        """What the entry at ``vpn`` shows, pinned, if it allows as much as is asked."""
        entry = await space.table.look(cpu, vpn)
        if entry is None or (write and not entry.writable):
            return None
        page = self.kernel.page_of(entry.frame)
        return page if await page.try_pin() else None

    async def still_shown(
        self, cpu: Cpu, space: AddressSpace, vpn: int, page: Page, write: bool
    ) -> bool:
        """Whether the entry at ``vpn`` shows ``page``, and allows as much as is asked."""
        entry = await space.table.look(cpu, vpn)
        return entry is not None and entry.frame is page.frame and (entry.writable or not write)

    async def pin(
        self,
        cpu: Cpu,
        space: AddressSpace,
        vpn: int,
        *,
        write: bool,
        force: bool = False,
        device: bool = False,
    ) -> Pinned | None:
        """Pin the page at ``vpn``, for reading or for writing; ``None`` if it cannot be had.

        With ``force`` (a debugger's ``FOLL_FORCE``), a private mapping need not be writable: it
        gets a copy of its own to write to. With ``device`` a fork leaves the page alone until
        :meth:`Page.unpin` (``FOLL_PIN``). The caller holds the mmap lock shared.
        """
        vma = await space.find(vpn)
        if vma is None or (write and not vma.writable and (vma.shared or not force)):
            return None
        faulted = False
        asked = write
        while True:
            page = await self.follow(vma, vpn, asked, faulted, device)
            if page is not None:
                return Pinned(space, vpn, page, vma)
            if not await self.kernel.fault.resolve(cpu, vpn, asked, force=force):
                return None
            faulted = True
            asked = self.asked_after_fault(vma, asked)

    async def follow(
        self, vma: Vma, vpn: int, write: bool, faulted: bool, device: bool
    ) -> Page | None:
        """The page shown at ``vpn`` with a reference, if the entry allows as much as is asked.

        ``faulted`` says that a fault has been handled for this pin before.
        """
        space = vma.space
        async with space.ptl:
            entry = await space.table.read(vpn)
            if entry is None or (write and not self.may_write(vma, entry, faulted)):
                return None
            page = self.kernel.page_of(entry.frame)
            self.scheduler.touch(page)
            self.scheduler.touch(page.name)
            page.refs += 1  # the entry has one, so the page cannot go while the ptl is held
            page.pins += device
            return page

    def may_write(self, vma: Vma, entry: Entry, faulted: bool) -> bool:
        """Whether the page that ``entry`` shows may be written to.

        A forced write finds no writable entry; it needs a page that is the process's alone and
        that no snapshot keeps.
        """
        if entry.writable:
            return True
        page = self.kernel.page_of(entry.frame)
        self.scheduler.touch(page, False)
        mine = page.anonymous and not page.forked and not page.snapshots
        return not vma.writable and mine

    def asked_after_fault(self, vma: Vma, asked: bool) -> bool:
        """Whether to ask for write permission again, after a fault that was handled: as before."""
        return asked
