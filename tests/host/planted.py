"""Runs programs by an executor that may be faulty."""

from fuzzcopy.host.executor import Executor
from fuzzcopy.host.sandbox import Mounted
from fuzzcopy.host.target import Target
from fuzzcopy.host.worker import perform


class Planted(Target):
    """Runs programs in this process, by a faulty executor."""

    def __init__(self, executor: Executor) -> None:
        super().__init__(None, "ext4", Mounted(""))
        self.executor = executor

    def begin(self, job):
        self.job = job

    def end(self):
        return perform(self.executor, self.job)
