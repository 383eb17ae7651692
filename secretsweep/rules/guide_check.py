"""What is wrong with a guide by itself, and with guides and rules together."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from secretsweep.model import Guide, Rule
from secretsweep.model.guide import STEPS

FACTS = frozenset(("since", "paths", "reference", "repository"))  # what every entry can fill in
NAMED = re.compile(r"<([a-z][a-z0-9-]*)>")
_VALUES = re.compile(r"(?:^|-)(?:password|passphrase|secret|token|value|credential)$|^key$")
_VARIABLE = re.compile(r"\$\{?[A-Z_]")


def problems(guide: Guide) -> Iterator[str]:
    """What is wrong with a guide by itself."""
    commands = [command for step in guide.steps for command in step.commands]
    texts = [guide.about, guide.query, *(step.text for step in guide.steps), *commands]
    used = {name for text in texts for name in NAMED.findall(text)}
    for name in sorted(used - FACTS - guide.identifiers.keys()):
        yield f"<{name}> is neither an identifier of this guide nor one of {', '.join(sorted(FACTS))}"
    for name in sorted(guide.identifiers.keys() - used):
        yield f"identifiers: nothing says <{name}>"
    for name, identifier in guide.identifiers.items():
        if _VALUES.search(name):
            yield f"identifiers: {name} is called as a value is, which no command may hold"
        yield from _compiles(f"identifiers: {name}", identifier.pattern)
    for name, pattern in guide.refines.items():
        yield from _compiles(f"refines: {name}", pattern)
    for command in commands:
        yield from _command(command)
    for link in guide.links:
        if not re.fullmatch(r"https://[\w.-]+(?:/[!-~]*)?", link):
            yield f"link {link!r} is no https:// address"
    for link in sorted({link for link in guide.links if guide.links.count(link) > 1}):
        yield f"link {link!r} stands there twice"
    if guide.name != "general" and not guide.links:
        yield "links: the vendor's page on rotation is missing"
    if tuple(step.id for step in guide.steps) != STEPS:
        yield "steps: not the ten in their order"


def unknown(rule: Rule, guides: Mapping[str, Guide], wanted: bool) -> Iterator[str]:
    """What is wrong with the guide that a rule names. `wanted`: it has to name one."""
    if rule.guide and rule.guide not in guides:
        yield f"guide {rule.guide!r}: no such guide; `secretsweep rules guides` names them"
    elif wanted and not rule.guide:
        yield "field 'guide' is missing"


def together(guides: Mapping[str, Guide], rules: Iterable[Rule], further: Iterable[str] = ()) -> Iterator[str]:
    """What is wrong between guides and rules: a guide for nothing, an identifier's rule that does not exist.

    `further`: the guides that rules elsewhere name.
    """
    known = tuple(rules)
    ids, named = {rule.id for rule in known}, {rule.guide for rule in known} | set(further)
    for name in sorted(named - guides.keys() - {""}):
        yield f"guide {name!r}: no such guide"
    for guide in guides.values():
        for name, identifier in guide.identifiers.items():
            if identifier.rule and identifier.rule not in ids:
                yield f"rotation/{guide.name}.yaml: identifiers: {name}: no rule {identifier.rule!r}"
        for other in guide.refines:
            if other not in guides or other == guide.name:
                yield f"rotation/{guide.name}.yaml: refines: no other guide {other!r}"
        if guide.name not in named and not guide.refines and guide.name != "general":
            yield f"rotation/{guide.name}.yaml: no rule names it, and it refines no guide that one names"


def _compiles(where: str, pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        yield f"{where}: {error}"


def _command(command: str) -> Iterator[str]:
    """A shell can read it, and no value becomes an argument: only printf, which is no process, may name one."""
    filled = NAMED.sub("x", command)
    try:
        shlex.split(filled)
    except ValueError as error:
        yield f"command {command!r}: {error}"
    if "\n" in command:
        yield f"command {command!r} has more than one line"
    for part in filled.split(" | "):
        if _VARIABLE.search(part) and not part.startswith("printf "):
            yield f"command {command!r}: a variable's value would stand in the arguments of a process"
