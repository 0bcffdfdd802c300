"""System calls that Python's ``os`` has not, or not for bare addresses.

Everything goes through the C library by ctypes, which drops the interpreter's lock during the
call: a thread that is stopped in a page fault stops nobody else. A result is a count or 0, or a
negative errno.
"""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Callable, Sequence
from ctypes import c_int, c_long, c_size_t, c_ulong, c_void_p

PROT_NONE, PROT_READ, PROT_WRITE = 0, 1, 2
MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS = 0x1, 0x2, 0x10, 0x20
MAP_POPULATE, MAP_NORESERVE, MAP_FIXED_NOREPLACE = 0x8000, 0x4000, 0x100000
MS_SYNC = 4
MREMAP_MAYMOVE, MREMAP_FIXED = 1, 2
MADV_NORMAL, MADV_RANDOM, MADV_DONTNEED = 0, 1, 4
FALLOC_KEEP_SIZE, FALLOC_PUNCH_HOLE = 1, 2
PR_SET_PDEATHSIG = 1
CLONE_NEWNS, CLONE_NEWPID = 0x20000, 0x20000000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE, MNT_DETACH = 2, 4, 0x4000, 1 << 18, 2
_CACHESTAT = 451
_USERFAULTFD = {"x86_64": 323, "aarch64": 282, "riscv64": 282}.get(platform.machine(), -1)

_libc = ctypes.CDLL(None, use_errno=True) if platform.system() == "Linux" else None


def _function(name: str, result: type, *arguments: type) -> Callable[..., int]:
    if _libc is None:
        # The command line is imported everywhere; what it says there is not a traceback.
        return _nowhere_else
    function = _libc[name]
    function.restype = result
    function.argtypes = arguments
    return function


def _nowhere_else(*_: object) -> int:
    raise OSError("this system call is Linux's")


_mmap = _function("mmap", c_long, c_void_p, c_size_t, c_int, c_int, c_int, c_long)
_munmap = _function("munmap", c_int, c_void_p, c_size_t)
_mprotect = _function("mprotect", c_int, c_void_p, c_size_t, c_int)
_madvise = _function("madvise", c_int, c_void_p, c_size_t, c_int)
_mremap = _function("mremap", c_long, c_void_p, c_size_t, c_size_t, c_int, c_void_p)
_msync = _function("msync", c_int, c_void_p, c_size_t, c_int)
_mlock = _function("mlock", c_int, c_void_p, c_size_t)
_munlock = _function("munlock", c_int, c_void_p, c_size_t)
_mincore = _function("mincore", c_int, c_void_p, c_size_t, c_void_p)
_preadv = _function("preadv", c_long, c_int, c_void_p, c_int, c_long)
_pwritev = _function("pwritev", c_long, c_int, c_void_p, c_int, c_long)
_fallocate = _function("fallocate", c_int, c_int, c_int, c_long, c_long)
_readv_of = _function(
    "process_vm_readv", c_long, c_int, c_void_p, c_ulong, c_void_p, c_ulong, c_ulong
)
_writev_of = _function(
    "process_vm_writev", c_long, c_int, c_void_p, c_ulong, c_void_p, c_ulong, c_ulong
)
_prctl = _function("prctl", c_int, c_int, c_ulong, c_ulong, c_ulong, c_ulong)
_unshare = _function("unshare", c_int, c_int)
_mount = _function("mount", c_int, c_void_p, c_void_p, c_void_p, c_ulong, c_void_p)
_umount2 = _function("umount2", c_int, c_void_p, c_int)
_syscall = _function("syscall", c_long, c_long, c_long, c_void_p, c_void_p, c_long)


def _checked(result: int) -> int:
    return -ctypes.get_errno() if result == -1 else result


def mmap(address: int, length: int, prot: int, flags: int, fd: int = -1, offset: int = 0) -> int:
    """The address of the new mapping."""
    return _checked(_mmap(address, length, prot, flags, fd, offset))


def munmap(address: int, length: int) -> int:
    """Unmap a range."""
    return _checked(_munmap(address, length))


def mprotect(address: int, length: int, prot: int) -> int:
    """Change the permission of a range."""
    return _checked(_mprotect(address, length, prot))


def madvise(address: int, length: int, advice: int) -> int:
    """Give advice about a range."""
    return _checked(_madvise(address, length, advice))


def mremap(address: int, length: int, to: int) -> int:
    """Move ``length`` bytes of mappings from ``address`` to ``to``. Returns 0."""
    result = _mremap(address, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to)
    return min(_checked(result), 0)


def msync(address: int, length: int) -> int:
    """Sync the files that are mapped shared in a range."""
    return _checked(_msync(address, length, MS_SYNC))


def mlock(address: int, length: int) -> int:
    """Fault in a range and keep it."""
    return _checked(_mlock(address, length))


def munlock(address: int, length: int) -> int:
    """End :func:`mlock`; what is there stays there."""
    return _checked(_munlock(address, length))


def mincore(address: int, pages: int) -> bytes:
    """One byte per page of 4096 bytes: 1 if it is cached and uptodate."""
    state = ctypes.create_string_buffer(pages)
    return state.raw if _mincore(address, pages * 4096, state) == 0 else bytes(pages)


def preadv(fd: int, buffer: Sequence[tuple[int, int]], offset: int) -> int:
    """Read into (address, length) segments."""
    return _checked(_preadv(fd, _vector(buffer), len(buffer), offset))


def pwritev(fd: int, buffer: Sequence[tuple[int, int]], offset: int) -> int:
    """Write from (address, length) segments."""
    return _checked(_pwritev(fd, _vector(buffer), len(buffer), offset))


def punch(fd: int, offset: int, length: int) -> int:
    """Make a hole."""
    return _checked(_fallocate(fd, FALLOC_KEEP_SIZE | FALLOC_PUNCH_HOLE, offset, length))


def reserve(fd: int, offset: int, length: int) -> int:
    """Give a range blocks; the size stays."""
    return _checked(_fallocate(fd, FALLOC_KEEP_SIZE, offset, length))


def read_own(address: int, length: int) -> bytes | None:
    """``length`` bytes of this process's memory, or ``None`` if one cannot be had; no signal."""
    buffer = ctypes.create_string_buffer(length)
    local, remote = _vector([(ctypes.addressof(buffer), length)]), _vector([(address, length)])
    if _readv_of(os.getpid(), local, 1, remote, 1, 0) != length:
        return None
    return buffer.raw


def read_some(address: int, length: int) -> bytes:
    """As many of ``length`` bytes of this process's memory as can be had, whole pages at a time."""
    if length <= 0:
        return b""
    buffer = ctypes.create_string_buffer(length)
    local, remote = _vector([(ctypes.addressof(buffer), length)]), _vector([(address, length)])
    count = _readv_of(os.getpid(), local, 1, remote, 1, 0)
    return buffer.raw[: max(count, 0)]


def write_own(address: int, data: bytes) -> int:
    """Write ``data`` into this process's memory. Returns the count, or an error; no signal."""
    local, remote = _vector([(_address(data), len(data))]), _vector([(address, len(data))])
    return _checked(_writev_of(os.getpid(), local, 1, remote, 1, 0))


def load(address: int, length: int) -> bytes:
    """``length`` bytes, loaded by this CPU. A bad address is a signal."""
    buffer = ctypes.create_string_buffer(length)
    ctypes.memmove(buffer, address, length)
    return buffer.raw


def store(address: int, data: bytes) -> None:
    """Store ``data`` by this CPU. A bad address is a signal."""
    ctypes.memmove(address, data, len(data))


def cached_pages(fd: int, length: int) -> int:
    """How many pages of the first ``length`` bytes are cached, uptodate or not (cachestat(2))."""
    span = (ctypes.c_uint64 * 2)(0, length)
    answer = (ctypes.c_uint64 * 5)()
    result = _checked(_syscall(_CACHESTAT, fd, span, answer, 0))
    return int(answer[0]) if result == 0 else result


def userfaultfd(flags: int) -> int:
    """A new userfaultfd. Raises :class:`OSError`."""
    result = _syscall(_USERFAULTFD, flags, None, None, 0)
    _raise(result, "userfaultfd")
    return result


def die_with_parent(signal: int) -> None:
    """Ask for ``signal`` when the thread that made this process ends."""
    _prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)


def unshare(flags: int) -> None:
    """Leave the parent's namespaces. Raises :class:`OSError`."""
    _raise(_unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    """Mount. Raises :class:`OSError`."""
    words = [word.encode() for word in (source, target, kind, data)]
    _raise(_mount(words[0], words[1], words[2], flags, words[3]), f"mount {kind} on {target}")


def unmount(target: str) -> None:
    """Take a mount away, at once or as soon as nobody uses it. Raises :class:`OSError`."""
    _raise(_umount2(target.encode(), MNT_DETACH), f"umount {target}")


def _raise(result: int, what: str) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _vector(buffer: Sequence[tuple[int, int]]) -> ctypes.Array[c_size_t]:
    """An array of ``struct iovec``."""
    flat = [number for segment in buffer for number in segment]
    return (c_size_t * max(len(flat), 1))(*flat)


def _address(data: bytes) -> int:
    address = ctypes.cast(ctypes.c_char_p(data), c_void_p).value
    assert address is not None
    return address
