"""The report as one JSON document, the one that scripts read: schema secretsweep.report/1."""

from typing import TextIO

from secretsweep.model import Report
from secretsweep.reports import _order, _shape, _stream

MEDIA = "application/json"


def render(
    report: Report, out: TextIO, *, colour: bool = False, verbose: int = 0, width: int = 100
) -> None:
    """Write the document; `dismissed` is in it when verbose."""
    document = _shape.head(report, _shape.SCHEMA)
    document["credentials"] = map(_shape.credential, _order.credentials(report))
    if verbose > 0:
        document["dismissed"] = map(_shape.dismissed, _order.dismissed(report))
    _stream.document(out, document)
