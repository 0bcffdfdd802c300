"""Regression files: a shrunk failure that replays for ever."""

from fuzzcopy.regression.format import Regression as Regression
from fuzzcopy.regression.format import RegressionError as RegressionError
from fuzzcopy.regression.kernels import KernelError as KernelError
from fuzzcopy.regression.kernels import find_kernel as find_kernel
from fuzzcopy.regression.kernels import kernel_of as kernel_of
from fuzzcopy.regression.kernels import register_kernel as register_kernel
from fuzzcopy.regression.kernels import replay_command as replay_command
from fuzzcopy.regression.replay import Replayed as Replayed
from fuzzcopy.regression.replay import replay as replay
from fuzzcopy.regression.replay import unexpected as unexpected
from fuzzcopy.regression.replay import why_changed as why_changed
from fuzzcopy.regression.store import load as load
from fuzzcopy.regression.store import overwrite as overwrite
from fuzzcopy.regression.store import save as save
