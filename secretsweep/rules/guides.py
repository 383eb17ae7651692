"""Read patterns/rotation/*.yaml into Guides; what a guide leaves out of a step, the general guide says."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from secretsweep.errors import RuleError
from secretsweep.model import Guide, GuideStep, Identifier
from secretsweep.model.guide import OVERLAPS, STEPS
from secretsweep.rules.load import packaged, parsed

GENERAL = "general"
FACTS = frozenset(("since", "paths", "reference", "repository"))  # what every entry can fill in
_FIELDS = frozenset(("title", "overlap", "about", "query", "hours", "identifiers", "steps", "links"))
_NAMED = re.compile(r"<([a-z][a-z0-9-]*)>")


def folder(rules: Path | None = None) -> Path:
    """Where guides are, beside the rules."""
    return (rules or packaged()) / "rotation"


@cache
def load(rules: Path | None = None) -> Mapping[str, Guide]:
    """Every guide by its name. RuleError for an unknown field, step or placeholder."""
    files = sorted(folder(rules).glob("*.yaml"))
    general = next((read(file, None) for file in files if file.stem == GENERAL), None)
    if general is None:
        raise RuleError(f"{folder(rules)}: {GENERAL}.yaml is missing")
    return {file.stem: general if file.stem == GENERAL else read(file, general) for file in files}


def named(name: str) -> Guide:
    """The guide that a rule names; the general one where it names none."""
    guides = load()
    return guides.get(name) or guides[GENERAL]


def read(file: Path, general: Guide | None) -> Guide:
    """One guide. `general` gives the steps that it does not mention."""
    where = f"rotation/{file.name}"
    document = parsed(file)
    if not isinstance(document, dict):
        raise RuleError(f"{where}: a guide is a mapping")
    for name in document:
        if name not in _FIELDS:
            raise RuleError(f"{where}: unknown field {name!r}")
    if not document.get("title"):
        raise RuleError(f"{where}: field 'title' is missing")
    overlap = document.get("overlap")  # YAML takes an unquoted yes for a truth
    overlap = ("yes" if overlap else "no") if isinstance(overlap, bool) else str(overlap)
    if overlap not in OVERLAPS:
        raise RuleError(f"{where}: overlap {overlap!r} is none of {', '.join(OVERLAPS)}")
    hours = document.get("hours", 0)
    if not isinstance(hours, int) or hours < 0:
        raise RuleError(f"{where}: hours {hours!r} is no number of hours")
    guide = Guide(
        name=file.stem,
        title=str(document["title"]),
        overlap=overlap,
        steps=_steps(where, document.get("steps", {}), general),
        about=" ".join(str(document.get("about", "")).split()),
        query=str(document.get("query", "")).strip(),
        hours=hours,
        identifiers={str(k): _identifier(where, v) for k, v in _mapping(where, document.get("identifiers")).items()},
        links=tuple(map(str, document.get("links", ()))),
    )
    for problem in problems(guide):
        raise RuleError(f"{where}: {problem}")
    return guide


def problems(guide: Guide) -> Iterator[str]:
    """What is wrong with a guide by itself."""
    known = FACTS | guide.identifiers.keys()
    texts = [guide.query, *(text for step in guide.steps for text in (step.text, *step.commands))]
    for name in sorted({name for text in texts for name in _NAMED.findall(text)} - known):
        yield f"<{name}> is neither an identifier of this guide nor one of {', '.join(sorted(FACTS))}"
    for name, identifier in guide.identifiers.items():
        try:
            re.compile(identifier.pattern)
        except re.error as error:
            yield f"identifiers: {name}: {error}"
    for link in guide.links:
        if not link.startswith("https://"):
            yield f"link {link!r} does not begin with https://"
    if guide.name != GENERAL and not guide.links:
        yield "links: the vendor's page on rotation is missing"


def _steps(where: str, given: Any, general: Guide | None) -> tuple[GuideStep, ...]:
    steps = _mapping(where, given)
    for name in steps:
        if name not in STEPS:
            raise RuleError(f"{where}: step {name!r} is none of {', '.join(STEPS)}")
    found = []
    for name in STEPS:
        if name in steps:
            found.append(_step(where, name, steps[name]))
        elif general is not None:
            found.append(general.step(name))
        else:
            raise RuleError(f"{where}: step {name!r} is missing")
    return tuple(found)


def _step(where: str, name: str, given: Any) -> GuideStep:
    if isinstance(given, str):
        return GuideStep(name, " ".join(given.split()))
    step = _mapping(where, given)
    if unknown := set(step) - {"text", "commands"}:
        raise RuleError(f"{where}: step {name}: unknown field {min(unknown)!r}")
    if not step.get("text"):
        raise RuleError(f"{where}: step {name}: field 'text' is missing")
    commands = step.get("commands", ())
    return GuideStep(name, " ".join(str(step["text"]).split()), tuple(str(command).strip() for command in commands))


def _identifier(where: str, given: Any) -> Identifier:
    if isinstance(given, str):
        return Identifier(given)
    fields = _mapping(where, given)
    if unknown := set(fields) - set(Identifier._fields):
        raise RuleError(f"{where}: identifiers: unknown field {min(unknown)!r}")
    if not fields.get("about"):
        raise RuleError(f"{where}: identifiers: field 'about' is missing")
    return Identifier(**{name: str(value) for name, value in fields.items()})


def _mapping(where: str, given: Any) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise RuleError(f"{where}: a mapping is wanted, not {given!r}")
    return given
