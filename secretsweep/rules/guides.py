"""Read patterns/rotation/*.yaml into Guides; what a guide leaves out of a step, the general guide says."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from secretsweep.errors import RuleError
from secretsweep.model import Guide, GuideStep, Identifier
from secretsweep.model.guide import OVERLAPS, STEPS
from secretsweep.rules.guide_check import problems
from secretsweep.rules.load import packaged, parsed

GENERAL = "general"
VAGUE = "api-token"  # a folder called .github or k8s says nothing about whose token is in it
_FIELDS = frozenset(("title", "overlap", "about", "query", "hours", "identifiers", "steps", "links", "refines"))


def folder(rules: Path | None = None) -> Path:
    """Where guides are, beside the rules."""
    return (rules or packaged()) / "rotation"


@cache
def load(rules: Path | None = None) -> Mapping[str, Guide]:
    """Every guide by its name. RuleError for an unknown field, step or placeholder."""
    files = sorted(folder(rules).glob("*.yaml"), key=lambda file: file.stem)
    general = next((read(file, None) for file in files if file.stem == GENERAL), None)
    if general is None:
        raise RuleError(f"{folder(rules)}: {GENERAL}.yaml is missing")
    return {file.stem: general if file.stem == GENERAL else read(file, general) for file in files}


def named(name: str) -> Guide:
    """The guide that a rule names; the general one where it names none."""
    guides = load()
    return guides.get(name) or guides[GENERAL]


def fitting(name: str, places: Iterable[tuple[str, str]]) -> Guide:
    """The guide that a rule names, or one that refines it for where the value stands.

    A place is a path and the key there. The key counts, then the path, and what is said last in either: of a password
    called `redis.password` in `postgresql/values.yaml`, it is Redis'. Each place has a vote.
    """
    guide, known = named(name), tuple(places)
    for _ in load():  # a refined guide may be refined again
        votes = Counter(found for path, key in known if (found := _refined(guide.name, path, key)))
        if not votes:
            break
        guide = load()[max(votes, key=lambda found: (votes[found], found))]
    return guide


def _refined(name: str, path: str, key: str) -> str:
    """The guide that refines `name` at a place, or ""."""
    for text in (key, "" if name == VAGUE else path):
        found = [(match.end(), finer) for finer, pattern in _finer(name) for match in pattern.finditer(text)]
        if found:
            return max(found)[1]
    return ""


@cache
def _finer(name: str) -> tuple[tuple[str, "re.Pattern[str]"], ...]:
    """The guides that refine `name` by themselves, and how the places look where they fit."""
    return tuple((guide.name, re.compile(guide.refines[name])) for guide in load().values() if guide.refines.get(name))


def read(file: Path, general: Guide | None) -> Guide:
    """One guide. `general` gives the steps that it does not mention."""
    where = f"rotation/{file.name}"
    document = parsed(file)
    if not isinstance(document, dict):
        raise RuleError(f"{where}: a guide is a mapping")
    for name in document:
        if name not in _FIELDS:
            raise RuleError(f"{where}: unknown field {name!r}")
    for name in ("title", "about"):
        if not document.get(name):
            raise RuleError(f"{where}: field {name!r} is missing")
    overlap = document.get("overlap")  # YAML takes an unquoted yes for a truth
    overlap = ("yes" if overlap else "no") if isinstance(overlap, bool) else str(overlap)
    if overlap not in OVERLAPS:
        raise RuleError(f"{where}: overlap {overlap!r} is none of {', '.join(OVERLAPS)}")
    hours = document.get("hours", 0)
    if not isinstance(hours, int) or isinstance(hours, bool) or hours < 0:
        raise RuleError(f"{where}: hours {hours!r} is no number of hours")
    guide = Guide(
        name=file.stem,
        title=_line(document["title"]),
        overlap=overlap,
        steps=_steps(where, document.get("steps"), general),
        about=_line(document["about"]),
        query=str(document.get("query") or "").strip(),
        hours=hours,
        identifiers={str(k): _identifier(where, v) for k, v in _mapping(where, document.get("identifiers")).items()},
        links=_list(where, document.get("links")),
        refines={str(k): str(v or "") for k, v in _mapping(where, document.get("refines")).items()},
    )
    for problem in problems(guide):
        raise RuleError(f"{where}: {problem}")
    return guide


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
        return GuideStep(name, _line(given))
    step = _mapping(where, given)
    for field in step:
        if field not in ("text", "commands"):
            raise RuleError(f"{where}: step {name}: unknown field {field!r}")
    if not step.get("text"):
        raise RuleError(f"{where}: step {name}: field 'text' is missing")
    return GuideStep(name, _line(step["text"]), _list(f"{where}: step {name}", step.get("commands")))


def _identifier(where: str, given: Any) -> Identifier:
    if isinstance(given, str):
        return Identifier(given)
    fields = _mapping(where, given)
    for field in fields:
        if field not in Identifier._fields:
            raise RuleError(f"{where}: identifiers: unknown field {field!r}")
    if not fields.get("about"):
        raise RuleError(f"{where}: identifiers: field 'about' is missing")
    return Identifier(**{name: str(value) for name, value in fields.items()})


def _mapping(where: str, given: Any) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise RuleError(f"{where}: a mapping is wanted, not {given!r}")
    return given


def _list(where: str, given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(entry, str) for entry in given):
        raise RuleError(f"{where}: a list of texts is wanted, not {given!r}")
    return tuple(entry.strip() for entry in given)


def _line(given: Any) -> str:
    return " ".join(str(given).split())
