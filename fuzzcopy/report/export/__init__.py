"""A report for other programs to show."""

from fuzzcopy.report.export.chrome import chrome_trace as chrome_trace
from fuzzcopy.report.export.data import as_json as as_json
from fuzzcopy.report.export.mermaid import mermaid as mermaid
from fuzzcopy.report.export.shiviz import shiviz as shiviz
