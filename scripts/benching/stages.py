"""Where the CPU time of an audit goes: the whole flow in this one process, with a clock at the border of each stage.

Usage: python stages.py REPO [RUNS]. Prints a Markdown table. A stage's time is without the stages inside it; what
git used is taken from its processes. The clocks themselves cost about a tenth, mostly at the cheap stages.
"""

import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

START = time.process_time()


class Clock:
    """Exclusive CPU time by stage: entering one stops the one around it."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._stack = ["other"]
        self._since = time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.spent[self._stack[-1]] += now - self._since  # type: ignore[assignment]
        self._since = now

    def wrap(self, owner: Any, name: str, stage: str) -> None:
        """Let calls of `owner.name` count for `stage`."""
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **named: Any) -> Any:
            self._turn()
            self._stack.append(stage)
            try:
                result = inner(*args, **named)
                return list(result) if isinstance(result, Iterator) else result
            finally:
                self._turn()
                self._stack.pop()

        setattr(owner, name, timed)

    def wrap_each(self, owner: Any, name: str, stage: str) -> None:
        """The same for a generator that is not to be read at once."""
        inner: Callable[..., Iterable[Any]] = getattr(owner, name)

        def timed(*args: Any, **named: Any) -> Iterator[Any]:
            items = iter(inner(*args, **named))
            while True:
                self._turn()
                self._stack.append(stage)
                try:
                    item = next(items, None)
                finally:
                    self._turn()
                    self._stack.pop()
                if item is None:
                    return
                yield item

        setattr(owner, name, timed)

    def shares(self) -> dict[str, float]:
        self._turn()
        return dict(self.spent)


def measured(repo: str) -> dict[str, float]:
    """CPU seconds by stage of one audit."""
    from secretsweep import formats
    from secretsweep.app import audit, pool
    from secretsweep.detect import engine, gate, gating
    from secretsweep.git import catfile, history
    from secretsweep.git.repository import opened
    from secretsweep.rules._cache import load_cached

    clock = Clock()
    clock.spent["start: imports"] = START  # type: ignore[assignment]

    def serially(plan: Any, repository: Any, motor: Any, jobs: int, progress: Any, interrupted: Any) -> Any:
        class Nobody:
            def send(self, _: object) -> None: ...

        outcomes = [pool._shard(Nobody(), s, plan, repository, motor) for s in pool._shards(plan, 1)]  # type: ignore[arg-type]
        return pool.Result(
            [f for o in outcomes for f in o.findings],
            [s for o in outcomes for s in o.skipped],
            sum(o.blobs for o in outcomes),
            sum(o.bytes for o in outcomes),
            0,
            [],
        )

    pool.scan = serially  # type: ignore[assignment]
    clock.wrap(engine.Engine, "__init__", "start: rules and their database")
    clock.wrap(history, "plan", "plan: what there is to read, from git's log")
    clock.wrap_each(catfile, "read", "read: objects from git's pipe")
    clock.wrap(gating.Gating, "hits", "gate: hyperscan")
    clock.wrap(formats, "owner", "structure: whose file it is")
    clock.wrap(engine.Engine, "_inspect", "match: hits, rules, excerpts")
    clock.wrap(engine.Engine, "_structure", "structure: parsers, and verdicts on their literals")
    clock.wrap(engine.Engine, "_decoded", "decode: encoded runs")
    clock.wrap(engine.Engine, "_members", "decode: archives")
    clock.wrap(audit, "_credentials", "attribute: commits, branches, addresses, fingerprints")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with opened(repo) as repository:
        loaded = load_cached(gate.cache_folder())
        request = audit.Request(loaded.rules, loaded.digest, jobs=1, cache=gate.cache_folder())
        audit.audit(repository, request, lambda *_: None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    git = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"git: log, listing, objects": git} | clock.shares()


def main() -> None:
    spent = measured(sys.argv[1])
    total = sum(spent.values())
    print("| stage | CPU s | share |\n|---|--:|--:|")
    for stage, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"| {stage} | {seconds:.2f} | {100 * seconds / total:.0f} % |")


if __name__ == "__main__":
    main()
