"""``benchmarks`` is no part of the installed package: it is found beside this folder."""

import sys
from pathlib import Path

# At the end: the repository's root also holds the sources of fuzzcopy, and the installed package
# must win over them.
sys.path.append(str(Path(__file__).parents[2]))
