"""What copying costs: a table of costs, a meter on the event stream, workloads to meter.

Times are simulated nanoseconds of CPU time. A run that nobody meters pays nothing for this.
"""

from fuzzcopy.cost.costs import CostError as CostError
from fuzzcopy.cost.costs import Costs as Costs
from fuzzcopy.cost.costs import load_costs as load_costs
from fuzzcopy.cost.done import check_done as check_done
from fuzzcopy.cost.meter import Bill as Bill
from fuzzcopy.cost.meter import Meter as Meter
from fuzzcopy.cost.workload import PAGE as PAGE
from fuzzcopy.cost.workload import Bare as Bare
from fuzzcopy.cost.workload import Call as Call
from fuzzcopy.cost.workload import Workload as Workload
from fuzzcopy.cost.workload import measure as measure
