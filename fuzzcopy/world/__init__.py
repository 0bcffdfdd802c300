"""A scenario made real: a machine, a kernel on it, and programs on its CPUs."""

from fuzzcopy.world.plan import Plan as Plan
from fuzzcopy.world.watch import WorldWatcher as WorldWatcher
from fuzzcopy.world.world import World as World
