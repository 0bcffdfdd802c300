"""Running all schedules of one program, as far as they differ; see :func:`explore`."""

from fuzzcopy.sched.exploration.explore import Explored as Explored
from fuzzcopy.sched.exploration.explore import explore as explore
from fuzzcopy.sched.exploration.explore import lead as lead
from fuzzcopy.sched.exploration.explorer import Explorer as Explorer
from fuzzcopy.sched.exploration.footprint import Footprint as Footprint
from fuzzcopy.sched.exploration.script import Script as Script
