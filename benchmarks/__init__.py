"""What is measured, and against whom. ``python -m benchmarks --help`` lists it.

One file per benchmark here; ``subjects/`` holds what is timed, ``programs/`` small concurrent
programs with a known bug each, which also show how to put one's own async code under
``fuzzcopy.sched``. Not part of the installed package.
"""
