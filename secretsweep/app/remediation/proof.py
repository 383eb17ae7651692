"""Does a rewrite hold? The new file is read as the old one was: what was moved is gone, nothing else has changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from secretsweep.decode.writings import standing
from secretsweep.model import Blob, Edit, Finding, Secret

Scan = Callable[[Blob], Sequence[Finding]]


def objections(
    path: str, before: Sequence[Finding], after: bytes, gone: Counter[Secret], moved: Iterable[Secret], scan: Scan
) -> Iterator[str]:
    """Why the new content must not be written. `gone` says how often each credential is taken away."""
    found = scan(Blob("", path, after))
    there, left = _counted(before), _counted(found)
    for secret, count in sorted(left.items(), key=lambda item: len(item[0])):
        if secret not in there:
            yield "a new finding would appear: the reference does not read as one"
        elif count > there[secret] - gone[secret]:
            yield "the value would still be found"
    for secret in moved:
        if secret not in left and (how := standing(secret, after)):
            yield f"the value would still stand there, {how}"


def _counted(findings: Iterable[Finding]) -> Counter[Secret]:
    """Places of each value."""
    return Counter(secret for _, secret in {(f.span, f.secret) for f in findings})


def outside(before: bytes, after: bytes, edits: Sequence[Edit]) -> bool:
    """Whether all that no edit mentions is the same, byte by byte."""
    at = was = 0
    for edit in sorted(edits):
        kept = before[was : edit.span.start]
        if after[at : at + len(kept)] != kept or after[at + len(kept) :][: len(edit.text)] != edit.text:
            return False
        at += len(kept) + len(edit.text)
        was = edit.span.end
    return before[was:] == after[at:]
