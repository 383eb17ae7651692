"""The report as JSON lines: a header, then one credential a line, for `jq`, `grep` and log collectors."""

from typing import TextIO

from secretsweep.model import Report
from secretsweep.reports import _order, _shape, _stream

MEDIA = "application/x-ndjson"


def render(
    report: Report, out: TextIO, *, colour: bool = False, verbose: int = 0, width: int = 100
) -> None:
    """Write the lines; `dismissed` is in the header when verbose."""
    header = _shape.head(report, _shape.SCHEMA_LINES)
    if verbose > 0:
        header["dismissed"] = [_shape.dismissed(item) for item in _order.dismissed(report)]
    _stream.line(out, header)
    for credential in _order.credentials(report):
        _stream.line(out, _shape.credential(credential))
