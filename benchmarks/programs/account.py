"""SCTBench account: the checker's arithmetic is wrong. n = 3, k = 10, depth 1.

One task deposits, one withdraws, and a third checks the balance, but only once both are done. So
its wrong expectation (it subtracts the deposit, too) stays unnoticed unless it runs last of the
three. The correct twin adds the deposit. Published as n/k = 4/8, with the main thread.
"""

from __future__ import annotations

from benchmarks.program import Program
from fuzzcopy.sched import Cell, Mutex, Scheduler

BEGIN, DEPOSIT, WITHDRAWAL = 100, 20, 40


def start(scheduler: Scheduler, expected: int) -> None:
    """Deposit, withdraw, and compare the balance with ``expected`` once both are done."""
    lock = Mutex(scheduler, "mutex", "account")
    balance = Cell(scheduler, "balance", BEGIN)
    deposited = Cell(scheduler, "deposited", False)
    withdrawn = Cell(scheduler, "withdrawn", False)

    async def check() -> None:
        async with lock:
            if await deposited.get() and await withdrawn.get():
                assert await balance.get() == expected, "the balance is wrong"

    async def deposit() -> None:
        async with lock:
            await balance.update(lambda value: value + DEPOSIT)
            await deposited.set(True)

    async def withdraw() -> None:
        async with lock:
            await balance.update(lambda value: value - WITHDRAWAL)
            await withdrawn.set(True)

    scheduler.spawn(check, name="check")
    scheduler.spawn(deposit, name="deposit")
    scheduler.spawn(withdraw, name="withdraw")


def buggy(scheduler: Scheduler) -> None:
    """Expects the deposit to be taken away."""
    start(scheduler, BEGIN - DEPOSIT - WITHDRAWAL)


def correct(scheduler: Scheduler) -> None:
    """Expects it to be added."""
    start(scheduler, BEGIN + DEPOSIT - WITHDRAWAL)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=3, points=10, depth=1, verdict="crash")
