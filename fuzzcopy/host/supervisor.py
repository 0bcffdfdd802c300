"""The process that owns everything a campaign makes, and lets nothing of it outlive the campaign.

It runs apart from the command: Ctrl-C does not reach it, and when the command is gone, killed or
not, its end of the control socket closes and the supervisor clears up. As root it is the first
process of its own process and mount namespaces, so that the kernel itself ends every process and
takes away every mount with it, whatever kills it; loop devices go with their mounts.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys as python
import tempfile
from contextlib import suppress
from pathlib import Path

from fuzzcopy.host import mounts
from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.channel import Closed, receive, send
from fuzzcopy.places import check_directory

_GRACE = 5.0
_FAREWELL = 2.0
"""Seconds in which a worker whose command is gone ends by itself, unless a system call holds it."""
_READY = 30.0


def main() -> None:
    """``python -m fuzzcopy.host.supervisor DESCRIPTOR``."""
    connection = socket.socket(fileno=int(python.argv[1]))
    base = Path(tempfile.mkdtemp(prefix="fuzzcopy-host-"))
    try:
        if os.geteuid() == 0 and _own_processes():
            child = os.fork()
            if child:
                connection.close()
                os.waitpid(child, 0)
                return
            sys.die_with_parent(signal.SIGKILL)
            _private_mounts(base)
            own = True
        else:
            own = False
        Supervisor(connection, base, own=own).serve()
    finally:
        if os.getpid() != 1:
            # What was mounted there is gone, or was never there.
            shutil.rmtree(base, ignore_errors=True)


def _own_processes() -> bool:
    try:
        sys.unshare(sys.CLONE_NEWPID)
    except OSError:
        return False
    return True


def _private_mounts(base: Path) -> None:
    # Only here: whoever waits for us outside must find the directory empty, and take it away.
    sys.unshare(sys.CLONE_NEWNS)
    sys.mount("none", "/", "", sys.MS_REC | sys.MS_PRIVATE)
    sys.mount("fuzzcopy", str(base), "tmpfs", sys.MS_NOSUID | sys.MS_NODEV, "size=2g")
    sys.mount("proc", "/proc", "proc", sys.MS_NOSUID | sys.MS_NODEV)


class Supervisor:
    """Serves one command; ``own``: mounts are its own affair."""

    def __init__(self, connection: socket.socket, base: Path, *, own: bool) -> None:
        self._connection = connection
        self._base = base
        self._own = own
        self._made: list[str] = []
        self._controls: list[str] = []
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._workers: list[int] = []

    def serve(self) -> None:
        """Do what is asked until nobody asks any more; then end everything."""
        try:
            send(self._connection, {"own": self._own, "base": str(self._base)})
            while True:
                self._answer(receive(self._connection, list[str]))
        except Closed:
            pass
        finally:
            for pid in self._workers:
                with suppress(subprocess.TimeoutExpired):
                    self._children[pid].wait(_FAREWELL)
            for child in self._children.values():
                child.kill()
            for child in self._children.values():
                with suppress(subprocess.TimeoutExpired):
                    child.wait(_GRACE)
            for directory in self._made:
                shutil.rmtree(directory, ignore_errors=True)

    def _answer(self, words: list[str]) -> None:
        match words:
            case ["mount", fs, server]:
                try:
                    if fs in mounts.FUSE:
                        answer = ["", *self._serve_fuse(fs, server)]
                    else:
                        answer = ["", str(mounts.mount(fs, self._base))]
                except (mounts.CannotMount, OSError) as error:
                    answer = [str(error)]
                send(self._connection, answer)
            case ["remount", fs]:
                try:
                    mounts.remount(fs, self._base)
                except mounts.CannotMount as error:
                    send(self._connection, [str(error)])
                else:
                    send(self._connection, [])
            case ["directory", where]:
                try:
                    self._made.append(tempfile.mkdtemp(prefix="fuzzcopy-host-", dir=where))
                    check_directory(Path(self._made[-1]))
                    answer = ["", self._made[-1]]
                except OSError as error:
                    answer = [f"{where}: no directory of files can be made there: {error.strerror}"]
                send(self._connection, answer)
            case ["worker", *arguments]:
                self._start("fuzzcopy.host.worker", arguments)
            case ["stacks", number]:
                send(self._connection, stacks(int(number)))
            case ["activity", number]:
                others = [pid for pid in self._children if pid != int(number)]
                ready = sum(int(activity(pid)[2]) for pid in others)
                spent, switches, waiting = activity(int(number))
                send(self._connection, [spent, switches, str(int(waiting) + ready)])
            case ["end", number]:
                child = self._children.pop(int(number))
                self._workers.remove(child.pid)
                child.kill()
                # It cannot die while a request that it waits for is held.
                self._clear_servers()
                with suppress(subprocess.TimeoutExpired):
                    child.wait(_GRACE)
                send(self._connection, [])

    def _serve_fuse(self, fs: str, server: str) -> list[str]:
        """Start a server; the mountpoint, and the socket that controls it."""
        where, path = self._base / fs, self._base / f"{fs}.socket"
        where.mkdir()
        reading, writing = os.pipe()
        child = subprocess.Popen(
            [
                *(python.executable, "-P"),
                *(["-m", server] if "/" not in server else [server]),
                *(str(writing), str(where), str(path), str(int(fs == "fuse-writeback"))),
            ],
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        os.close(writing)
        self._children[child.pid] = child
        ready = select.select([reading], [], [], _READY)[0] and path.exists()
        os.close(reading)
        if not ready:
            child.kill()
            said = child.communicate()[1].decode(errors="replace").strip().splitlines()
            raise mounts.CannotMount(f"{fs}: the server did not start: {(said or ['?'])[-1]}")
        self._controls.append(str(path))
        return [str(where), str(path)]

    def _clear_servers(self) -> None:
        for path in self._controls:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as control:
                control.settimeout(_GRACE)
                control.connect(path)
                control.sendall(b"clear\n")
                control.recv(64)

    def _start(self, module: str, arguments: list[str]) -> None:
        """Start a module as a process; its end of a socket goes to the command."""
        ours, theirs = socket.socketpair()
        child = subprocess.Popen(
            [python.executable, "-P", "-m", module, str(theirs.fileno()), *arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._children[child.pid] = child
        self._workers.append(child.pid)
        send(self._connection, [str(child.pid)])
        socket.send_fds(self._connection, [b"."], [ours.fileno()])
        ours.close()


def stacks(pid: int) -> list[str]:
    """What each thread of a process waits for in the kernel, as far as the kernel tells us."""
    found = []
    for task in sorted(Path(f"/proc/{pid}/task").glob("*")):
        with suppress(OSError):
            state = (task / "wchan").read_text().strip()
            with suppress(OSError):
                state = (task / "stack").read_text().strip() or state
            found.append(f"thread {task.name}: {state}")
    return found


def activity(pid: int) -> list[str]:
    """What a process has done so far, and will do as soon as it can.

    Its seconds on a CPU, how often it left one, and how many of its threads want one now.
    """
    seconds, switches, ready = 0.0, 0, 0
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            stat = (task / "stat").read_text().rpartition(")")[2].split()
            seconds += (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
            ready += stat[0] == "R"
            status = (task / "status").read_text()
            switches += sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", status)))
    return [str(seconds), str(switches), str(ready)]


if __name__ == "__main__":
    main()
