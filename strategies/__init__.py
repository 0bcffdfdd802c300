"""Hypothesis strategies for whole scenarios and for their parts.

They know the operations and the shapes that go wrong in general (straddled pages, a source that
maps the destination, lengths around a page, empty segments). They know no oracle and no bug.
"""

from fuzzcopy.runner import policies_for as policies_for
from fuzzcopy.strategies.alike import alike as alike
from fuzzcopy.strategies.buffers import user_buffers as user_buffers
from fuzzcopy.strategies.orders import lock_orders as lock_orders
from fuzzcopy.strategies.programs import KINDS as KINDS
from fuzzcopy.strategies.programs import programs as programs
from fuzzcopy.strategies.scenarios import fault_plans as fault_plans
from fuzzcopy.strategies.scenarios import scenarios as scenarios
from fuzzcopy.strategies.schedules import schedules as schedules
from fuzzcopy.strategies.vary import variations as variations
