"""The running Linux as a peer: the same programs, by real system calls.

What a program does is drawn as for the model, scaled to the machine's pages, and performed in a
process that a supervisor can kill. Everything that can be seen is held against the model.
"""
