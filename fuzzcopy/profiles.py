"""The two Hypothesis profiles that fuzzcopy brings along."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase


def register() -> None:
    """Register ``quick`` and ``deep``; called by Hypothesis through its entry point.

    This runs in every project of the environment, so nothing else may change: the parent is
    ``default``, named because without one a profile inherits the active profile, which under CI
    is derandomised and has no database. For the same reason those two settings are explicit.
    """
    default = settings.get_profile("default")
    for name, examples in (("quick", 50), ("deep", 2_000)):
        settings.register_profile(
            name,
            parent=default,
            max_examples=examples,
            derandomize=False,
            deadline=None,
            database=DirectoryBasedExampleDatabase(".hypothesis/examples"),
            suppress_health_check=[HealthCheck.too_slow],
        )
