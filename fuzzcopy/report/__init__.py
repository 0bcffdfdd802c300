"""Reports: what a person reads."""

from fuzzcopy.report.paths import short_paths as short_paths
from fuzzcopy.report.report import Report as Report
from fuzzcopy.report.report import report_of as report_of
from fuzzcopy.report.timeline import headline as headline
from fuzzcopy.report.timeline import plain_timeline as plain_timeline
from fuzzcopy.report.timeline import print_report as print_report
