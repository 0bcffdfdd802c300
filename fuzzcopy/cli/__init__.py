"""The command line: ``fuzzcopy fuzz``, ``replay``, ``show``, ``bugs``."""

from fuzzcopy.cli.main import main as main
