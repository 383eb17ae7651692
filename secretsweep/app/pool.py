"""Worker processes: each reads contiguous shards of the history with its own git, and scans them."""

import gc
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple, Protocol

from secretsweep.detect.members import Lost
from secretsweep.git import catfile, lfs
from secretsweep.git.history import History
from secretsweep.git.repository import Repository
from secretsweep.model import Blob, Dismissed, Finding, Skip, Skipped

_SHARDS = 4  # a worker takes so many in turn: the last ones even out the load
_LEAST = 256  # objects of a shard
_TICK = 256  # objects between two messages
_REPLACEMENTS = 16  # workers that may die and be followed by another
_PIECES = 16  # a shard whose worker died is tried again in so many pieces, until one object is left


class Scanner(Protocol):
    """What looks at objects: an `Engine`, or who looks for one thing only."""

    dismissed: dict[Dismissed, None]
    fell_back: set[str]

    def scan(self, blob: Blob, lost: list[Lost]) -> list[Finding]: ...  # to find what is in an object


class Shard(NamedTuple):
    """A contiguous slice of one part of the history."""

    part: int
    low: int
    high: int


class Outcome(NamedTuple):
    """What came of a shard."""

    findings: list[Finding]
    skipped: list[Skip]
    blobs: int
    bytes: int
    fell_back: frozenset[str] = frozenset()


class Result(NamedTuple):
    """What came of all shards, in their order."""

    findings: list[Finding]
    skipped: list[Skip]
    blobs: int
    bytes: int
    fallbacks: int  # paths
    dismissed: list[Dismissed]


Progress = Callable[[int, int, int], None]  # objects and bytes read since the last call, findings so far


def scan(
    history: History, repository: Repository, engine: Scanner, jobs: int, progress: Progress, interrupted: list[bool]
) -> Result:
    """Scan all parts. On ctrl-C the workers end, `interrupted` becomes [True], and what was found is returned."""
    shards = _shards(history, jobs)
    outcomes: dict[Shard, Outcome] = {}
    left = set(shards)
    dismissed: dict[Dismissed, None] = {}
    context = multiprocessing.get_context("fork")
    following = context.Value("i", 0)
    workers: dict[Connection, Any] = {}
    holding: dict[Connection, Shard] = {}
    findings = 0

    def start(pieces: list[Shard]) -> None:
        ours, theirs = context.Pipe(duplex=False)
        queues = [(context.Value("i", 0), pieces), (following, shards)]
        process = context.Process(target=_work, args=(theirs, queues, history, repository, engine), daemon=True)
        process.start()
        theirs.close()
        workers[ours] = process

    replacements = _REPLACEMENTS
    try:
        for _ in range(min(jobs, max(len(shards), 1))):
            start([])
        while workers:
            for pipe in wait(list(workers)):
                assert isinstance(pipe, Connection)
                try:
                    kind, payload = pipe.recv()
                except (EOFError, OSError):
                    process = workers.pop(pipe)
                    process.join()
                    pieces = _pieces(holding.pop(pipe)) if pipe in holding else []
                    if process.exitcode and replacements:
                        replacements -= 1
                        if pieces:
                            left.discard(Shard(pieces[0].part, pieces[0].low, pieces[-1].high))
                            left.update(pieces)
                        start(pieces)
                    continue
                if kind == "take":
                    holding[pipe] = payload
                elif kind == "tick":
                    findings += payload[2]
                    progress(payload[0], payload[1], findings)
                elif kind == "done":
                    shard = holding.pop(pipe)
                    outcomes[shard] = payload
                    left.discard(shard)
                else:
                    dismissed.update(dict.fromkeys(payload))
    except KeyboardInterrupt:
        interrupted[:] = [True]
    finally:
        for process in workers.values():
            process.terminate()
        for process in workers.values():
            process.join()
    done = [outcomes[shard] for shard in sorted(outcomes)]
    lost = [] if interrupted else [_died(shard, history) for shard in sorted(left)]
    return Result(
        [f for o in done for f in o.findings],
        [s for o in done for s in o.skipped] + lost,
        sum(o.blobs for o in done),
        sum(o.bytes for o in done),
        len(frozenset().union(*(o.fell_back for o in done))),
        sorted(dismissed),
    )


def _shards(history: History, jobs: int) -> list[Shard]:
    """Contiguous, so that git's delta chains are cut at few places."""
    shards: list[Shard] = []
    total = sum(len(part.ids) for part in history.parts)
    size = max(_LEAST, -(-total // (jobs * _SHARDS)))
    for number, part in enumerate(history.parts):
        lows = range(0, len(part.ids), size)
        shards += (Shard(number, low, min(low + size, len(part.ids))) for low in lows)
    return shards


def _died(shard: Shard, history: History) -> Skip:
    count = shard.high - shard.low
    part = history.parts[shard.part]
    path = part.paths[shard.low] if part.paths and count == 1 else ""
    detail = "the process that read it died" if count == 1 else f"{count} objects from this one on were not read"
    return Skip(Skipped.WORKER, path, part.ids[shard.low].decode(), detail)


def _pieces(shard: Shard) -> list[Shard]:
    """What to try again of a shard whose worker died: nothing of a single object, which is to blame."""
    count = shard.high - shard.low
    size = max(1, -(-count // _PIECES))
    lows = range(shard.low, shard.high, size) if count > 1 else ()
    return [Shard(shard.part, low, min(low + size, shard.high)) for low in lows]


def _work(
    pipe: Connection,
    queues: list[tuple[Any, list[Shard]]],
    history: History,
    repository: Repository,
    engine: Scanner,
) -> None:
    """A worker's life: take a shard, scan it, send what was found; the parent decides about ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # findings are tuples without cycles; collecting would walk the plan again and again
    try:
        for following, shards in queues:
            while (index := _next(following)) < len(shards):
                pipe.send(("take", shards[index]))
                pipe.send(("done", _shard(pipe, shards[index], history, repository, engine)))
        if engine.dismissed:
            pipe.send(("dismissed", list(engine.dismissed)))
        pipe.close()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the parent is gone
    os._exit(0)


def _next(following: Any) -> int:
    with following.get_lock():
        following.value += 1
        return int(following.value) - 1


def _shard(pipe: Connection, shard: Shard, history: History, repository: Repository, engine: Scanner) -> Outcome:
    part = history.parts[shard.part]
    ids = part.ids[shard.low : shard.high]
    paths = part.paths[shard.low : shard.high] if part.paths else None
    findings: list[Finding] = []
    skipped: list[Skip] = []
    lost: list[Lost] = []
    blobs = size = ticks = reported = told = 0
    engine.fell_back.clear()
    for number, item in enumerate(catfile.read(repository.git, b"\n".join(ids) + b"\n", history.largest)):
        path = paths[number] if paths else ""
        data = item.data
        if item.lost:
            skipped.append(Skip(_reason(item.lost, repository), path, item.oid, ""))
        elif part.kind == "blob":
            if not part.again:
                blobs += 1
                size += len(data)
            found = _scanned(engine, Blob(item.oid, path, data), lost)
            if found:
                findings += found
            if data[:16] == lfs.HEAD and (pointed := lfs.pointed(data)):
                found_there, missing = _large(engine, repository, item.oid, path, pointed, history.largest)
                findings += found_there
                skipped += missing
        else:
            size += len(data)
            for text in _messages(data):
                findings += _scanned(engine, Blob(item.oid, f"{part.kind}-message:{item.oid[:12]}", text), lost)
        if lost:
            skipped += (Skip(reason, where, item.oid, detail) for where, reason, detail in lost)
            lost.clear()
        if number - ticks >= _TICK:
            pipe.send(("tick", (number - ticks, size - told, len(findings) - reported)))
            ticks, told, reported = number, size, len(findings)
    pipe.send(("tick", (len(ids) - ticks, size - told, len(findings) - reported)))
    return Outcome(findings, skipped, blobs, size, frozenset(engine.fell_back))


def _scanned(engine: Scanner, blob: Blob, lost: list[Lost]) -> list[Finding]:
    """The findings of an object. One that a parser cannot stand is reported and costs no other one; the text of the
    error may quote the object, so only its name and place are told."""
    try:
        return engine.scan(blob, lost)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{os.path.basename(where.filename)}:{where.lineno}"
        lost.append(Lost(blob.path, Skipped.UNREADABLE, f"{type(error).__name__} in {at}"))
        return []


def _messages(data: bytes) -> Iterator[bytes]:
    """What people wrote in a commit or tag: its message, and that of a tag which a merge has taken in."""
    header, _, message = data.partition(b"\n\n")
    yield message
    for merged in header.split(b"\nmergetag ")[1:]:
        yield merged.replace(b"\n ", b"\n").partition(b"\n\n")[2]


def _reason(lost: str, repository: Repository) -> str:
    if lost == Skipped.MISSING and repository.partial:
        return Skipped.PARTIAL
    return lost


def _large(
    engine: Scanner, repository: Repository, oid: str, path: str, pointed: str, largest: int
) -> tuple[list[Finding], list[Skip]]:
    """The content behind an LFS pointer, when it is on this machine."""
    file = lfs.local(repository.common_dir, pointed)
    if file is None:
        return [], [Skip(Skipped.LFS, path, oid, f"LFS object {pointed[:12]} is not on this machine")]
    if file.stat().st_size > largest:
        return [], [Skip(Skipped.TOO_LARGE, path, oid, f"LFS object {pointed[:12]}")]
    lost: list[Lost] = []
    found = _scanned(engine, Blob(oid, path, file.read_bytes()), lost)
    return found, [Skip(reason, where, oid, detail) for where, reason, detail in lost]
