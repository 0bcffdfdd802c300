"""``python -m benchmarks``."""

from __future__ import annotations

import click

from benchmarks.bugs import bugs
from benchmarks.exploration import exploration
from benchmarks.host import host
from benchmarks.lock_order import lock_order
from benchmarks.mutants import mutants
from benchmarks.reference import reference
from benchmarks.search import search
from benchmarks.throughput import throughput


@click.group()
def main() -> None:
    """Measure fuzzcopy. The last line on stdout is one JSON object; the rest is on stderr."""


main.add_command(bugs)
main.add_command(exploration)
main.add_command(host)
main.add_command(lock_order)
main.add_command(mutants)
main.add_command(reference)
main.add_command(search)
main.add_command(throughput)

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
