"""secretsweep rules: what is looked for, the proof that each rule works, and how what it finds is rotated."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from secretsweep.model import Rule


@click.group()
def command() -> None:
    """List, show and check the rules, and the guides that say how to rotate what they find."""


def _every() -> "tuple[Rule, ...]":
    """Those of the files, and those that are built in."""
    from secretsweep.rules.builtin import RULES
    from secretsweep.rules.load import load

    return (*load(), *RULES.values())


@command.command("list")
@click.option("--provider", default="", help="Only rules of this provider.")
def list_(provider: str) -> int:
    """One line a rule: id, severity, confidence, provider, name."""
    shown = [r for r in _every() if provider.lower() in r.provider.lower()]
    width = max((len(r.id) for r in shown), default=0)
    for rule in shown:
        click.echo(f"{rule.id:<{width}}  {rule.severity:<8}  {rule.confidence:<6}  {rule.provider}: {rule.name}")
    click.echo(f"{len(shown)} rules", err=True)
    return 0


@command.command()
@click.argument("rule_id")
def show(rule_id: str) -> int:
    """Everything about one rule, its examples filled with invented values."""
    from secretsweep.rules import builtin, guides
    from secretsweep.rules.placeholders import fill

    rules = {rule.id: rule for rule in _every()}
    rule = rules[_known(rule_id, rules, "rule", "list")]
    told = ("id", "name", "provider", "kind", "severity", "confidence")
    by_pattern = rule_id not in builtin.RULES
    for name in (*told, "pattern", "keys", "entropy", "checksum") if by_pattern else told:
        if value := getattr(rule, name):
            click.echo(f"{name + ':':<12} {value}")
    for title, texts in (("matches", rule.examples), ("ignores", rule.negatives)):
        for text in texts:
            click.echo(f"{title + ':':<12} {fill(text)}")
    for link in rule.references:
        click.echo(f"{'reference:':<12} {link}")
    guide = guides.named(rule.guide)
    click.echo(f"{'rotation:':<12} {guide.name}: {guide.title}")
    if by_pattern:
        click.echo(f"{'file:':<12} patterns/{rule.source}")
    else:
        click.echo(f"{'built in:':<12} what a tree's files say together, not a pattern; no value is in it")
    return 0


@command.command("guides")
def guides_() -> int:
    """One line a guide: name, whether two can be valid at once, hours to rotate it in, rules that name it, title."""
    from collections import Counter

    from secretsweep.rules import guides

    every = guides.load()
    counts = Counter(guides.named(rule.guide).name for rule in _every())
    width = max(map(len, every))
    for guide in every.values():
        hours = f"{guide.hours} h" if guide.hours else ""
        click.echo(f"{guide.name:<{width}}  {guide.overlap:<7}  {hours:>5}  {counts[guide.name]:>3}  {guide.title}")
    click.echo(f"{len(every)} guides", err=True)
    return 0


@command.command()
@click.argument("name")
def guide(name: str) -> int:
    """How one kind of credential is rotated: the steps, with commands."""
    from secretsweep.rules import guides
    from secretsweep.rules.guide_text import lines

    every = guides.load()
    for line in lines(every[_known(name, every, "guide", "guides")]):
        click.echo(line)
    return 0


def _known(name: str, names: "Iterable[str]", what: str, listing: str) -> str:
    """The name, when there is such a thing. UsageError otherwise, with the nearest."""
    import difflib

    from secretsweep.errors import UsageError

    known = tuple(names)
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, 3)
    hint = f"; did you mean {', '.join(near)}?" if near else f"; `secretsweep rules {listing}` names them"
    raise UsageError(f"{name}: no such {what}{hint}")


@command.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True))
def check(paths: tuple[str, ...]) -> int:
    """Test every rule (or those of the given files and folders) against its own examples, negatives and guide, and
    every verifier (in a folder `verify` below) against the rules that it judges."""
    from pathlib import Path

    from secretsweep.detect.detect_secrets import GUIDES
    from secretsweep.rules import guides, load
    from secretsweep.rules.guide_check import together, unknown

    known, bad = guides.load(), 0
    given = [Path(p) for p in paths] or [load.packaged()]
    asking = [f for p in given for f in (load.files(p / "verify") if p.is_dir() else (p,)) if f.parent.name == "verify"]
    files = [f for p in given for f in (load.files(p) if p.is_dir() else (p,)) if f not in asking]
    rules = [(file, rule) for file in files for rule in load.read(file)]
    for file, rule in rules:
        packaged = file.resolve().parent == load.packaged()
        found = [*_problems(rule), *unknown(rule, known, packaged)]
        for problem in found:
            click.echo(f"{file.name}: {rule.id}: {problem}")
        bad += bool(found)
    click.echo(f"{len(rules)} rules, {bad} with problems", err=True)
    wrong = [] if paths else list(together(known, _every(), GUIDES.values()))
    for problem in wrong:
        click.echo(problem)
    if not paths:
        click.echo(f"{len(known)} guides, {len(wrong)} problems", err=True)
    mistaken = _verifiers(asking, files) if asking else 0
    return 2 if bad or wrong or mistaken else 0


def _verifiers(asking: "list[Path]", files: "list[Path]") -> int:
    """How many verifiers of these files are wrong; each problem is told."""
    from secretsweep import verifiers
    from secretsweep.rules import load
    from secretsweep.verifiers import _reading

    known = frozenset(rule.id for rule in (*_every(), *(rule for file in files for rule in load.read(file))))
    bad = count = 0
    for file in asking:
        for verifier in _reading.read(file):
            count += 1
            found = list(_reading.problems(verifier, known))
            for problem in found:
                click.echo(f"verify/{file.name}: {verifier.NAME}: {problem}")
            bad += bool(found)
    verifiers.every()  # two that judge one rule are a RuleError
    click.echo(f"{count} verifiers, {bad} with problems", err=True)
    return bad


def _problems(rule: "Rule") -> list[str]:
    """What its own examples say, and whether its pattern can be looked for."""
    from secretsweep.detect.gate import Gate, Gates
    from secretsweep.detect.match import compiled
    from secretsweep.errors import RuleError
    from secretsweep.rules.check import problems

    found = list(problems(rule))
    try:
        Gates([Gate(compiled(rule).shape.gate, "rule", rule.id)], None)
    except RuleError as error:
        found.append(str(error))
    return found
