"""The order that is documented."""

from __future__ import annotations

DOCUMENTED = ("pipe", "inode", "mmap", "invalidate", "fs", "page", "rmap", "ptl")
"""Outermost first. The file system's own lock has its place between invalidate and page lock.

A pipe's comes first, as in Linux: splicing out of a pipe into a file holds it over the write.
"""
