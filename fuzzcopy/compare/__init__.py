"""Designs held against each other: is it safe, as far as was searched, and what does it cost."""

from fuzzcopy.compare.curves import Crossing as Crossing
from fuzzcopy.compare.curves import crossings as crossings
from fuzzcopy.compare.html import page as page
from fuzzcopy.compare.row import CPUS as CPUS
from fuzzcopy.compare.row import SHARES as SHARES
from fuzzcopy.compare.row import SIZES as SIZES
from fuzzcopy.compare.row import Comparison as Comparison
from fuzzcopy.compare.row import Row as Row
from fuzzcopy.compare.row import Safety as Safety
from fuzzcopy.compare.row import Unmetered as Unmetered
from fuzzcopy.compare.row import compare as compare
from fuzzcopy.compare.text import print_comparison as print_comparison
