"""One supervisor and its mounts for all tests of host mode; what is missing skips, by name."""

from collections.abc import Callable, Iterator

import pytest

from fuzzcopy.host.abilities import cannot_mount, cannot_run
from fuzzcopy.host.mounts import CannotMount
from fuzzcopy.host.sandbox import Sandbox
from fuzzcopy.host.target import Target


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    trouble = cannot_run()
    if trouble is not None:
        pytest.skip(trouble)
    with Sandbox() as made:
        yield made


@pytest.fixture(scope="session")
def target(sandbox: Sandbox) -> Callable[[str], Target]:
    """A file system by its name, mounted once."""
    mounted: dict[str, Target] = {}

    def get(fs: str) -> Target:
        trouble = cannot_mount(fs)
        if trouble is not None:
            pytest.skip(trouble)
        if fs not in mounted:
            try:
                mounted[fs] = Target(sandbox, fs, sandbox.mount(fs))
            except CannotMount as error:
                pytest.skip(str(error))
        return mounted[fs]

    return get
