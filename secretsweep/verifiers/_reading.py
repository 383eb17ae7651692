"""Reads patterns/verify/*.yaml; an error names file, verifier and field. `problems` finds what a reader cannot."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from secretsweep.errors import RuleError
from secretsweep.verifiers import STATES, Beside
from secretsweep.verifiers._data import HOLE, Data, Means

_FIELDS = frozenset(
    "name provider rules docs url hosts method headers basic json form parts public beside answers instance own "
    "in_url note".split()
)
_REQUIRED = ("name", "rules", "docs", "url", "answers")
_MEANS = frozenset("state status json text header why".split())
_BESIDE = frozenset("rules keys pattern near secret optional example".split())
_METHODS = ("GET", "HEAD", "POST")
_NEVER = "Cookie Host Content-Length Transfer-Encoding Connection User-Agent Proxy-Authorization".lower().split()


def read(path: Path) -> Iterator[Data]:
    """The verifiers of one file: `provider` once, then `verifiers`."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise RuleError(f"verify/{path.name}: not YAML: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("verifiers"), list):
        raise RuleError(f"verify/{path.name}: wants `provider:` and a list `verifiers:`")
    for entry in document["verifiers"]:
        if not isinstance(entry, dict):
            raise RuleError(f"verify/{path.name}: a verifier is a mapping, not {entry!r}")
        where = f"verify/{path.name}: {entry.get('name', '?')}"
        try:
            yield _data({"provider": document.get("provider", ""), **entry}, path.name)
        except (ValueError, re.error) as error:
            raise RuleError(f"{where}: {error}") from None


def _data(entry: dict[str, Any], source: str) -> Data:
    _known(entry, _FIELDS, "")
    for name in _REQUIRED:
        if not entry.get(name):
            raise ValueError(f"field {name!r} is missing")
    urls = tuple([entry["url"]] if isinstance(entry["url"], str) else entry["url"])
    own = tuple(HOLE.sub("*", urlsplit(url).netloc) for url in urls)
    return Data(
        NAME=str(entry["name"]),
        PROVIDER=str(entry["provider"]),
        RULES=tuple(map(str, entry["rules"])),
        BESIDE={name: _beside(name, value) for name, value in entry.get("beside", {}).items()},
        HOSTS=tuple(map(str, entry.get("hosts", dict.fromkeys(own)))),
        DOCS=tuple(map(str, entry["docs"])),
        urls=urls,
        answers=tuple(map(_means, entry["answers"])),
        method=str(entry.get("method", "GET")),
        headers=entry.get("headers"),
        basic=str(entry.get("basic", "")),
        json=entry.get("json"),
        form=entry.get("form"),
        parts=str(entry.get("parts", "")),
        public=tuple(entry.get("public", ())),
        instance=str(entry.get("instance", "")),
        own=str(entry.get("own", "")),
        in_url=str(entry.get("in_url", "")),
        note=str(entry.get("note", "")),
        source=source,
    )


def _beside(name: str, entry: dict[str, Any]) -> Beside:
    _known(entry, _BESIDE, f"beside.{name}: ")
    for field in ("keys", "pattern", "near"):
        re.compile(entry.get(field, ""))
    return Beside(**{**entry, "rules": tuple(entry.get("rules", ()))})


def _means(entry: dict[str, Any]) -> Means:
    _known(entry, _MEANS, "answers: ")
    if entry.get("state") not in STATES:
        raise ValueError(f"answers: state {entry.get('state')!r} is none of {', '.join(STATES)}")
    status = entry.get("status")
    every = tuple(status) if isinstance(status, list) else (status,)
    if not all(type(code) is int and 200 <= code < 600 for code in every):
        raise ValueError(f"answers: status {status!r} is no code of an answer")
    json = {
        str(address): tuple(value) if isinstance(value, list) else () if value is None else (value,)
        for address, value in entry.get("json", {}).items()
    }
    header = entry.get("header")
    for pattern in (header or {}).values():
        re.compile(pattern)
    return Means(entry["state"], every, json, str(entry.get("text", "")), header, str(entry.get("why", "")))


def _known(entry: Mapping[str, Any], fields: frozenset[str], where: str) -> None:
    for name in entry:
        if name not in fields:
            raise ValueError(f"{where}unknown field {name!r}")


def problems(data: Data, rules: frozenset[str]) -> Iterator[str]:
    """What is wrong with a verifier, given the ids of all rules; nothing when it is right."""
    for rule in sorted(set(data.RULES) - rules):
        yield f"rule {rule!r} does not exist"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", data.PROVIDER):
        yield f"provider {data.PROVIDER!r} is no word that can be consented to"
    if data.method not in _METHODS:
        yield f"method {data.method!r} is none of {', '.join(_METHODS)}"
    yield from _placed(data)
    for text in _texts((data.urls, data.instance, data.headers, data.basic, data.json, data.form)):
        for hole in HOLE.findall(text):
            if hole not in _names(data):
                yield f"{{{hole}}} is neither the secret, nor beside it, nor a part of it"
    for link in data.DOCS:
        if not link.startswith("https://"):
            yield f"docs: {link!r} is no https:// link"
    for name, beside in data.BESIDE.items():
        if not (beside.rules or beside.keys or beside.pattern or beside.near):
            yield f"beside.{name}: says no rules, keys, pattern or near"
        if not beside.example:
            yield f"beside.{name}: no example"
        for rule in sorted(set(beside.rules) - rules):
            yield f"beside.{name}: rule {rule!r} does not exist"
    yield from _meant(data)


def _placed(data: Data) -> Iterator[str]:
    """Values stand where they are not logged: in headers and bodies."""
    hidden = _hidden(data)
    for url in (*data.urls, *filter(None, (data.instance,))):
        parts = urlsplit(url)
        if parts.scheme != "https":
            yield f"url {url!r}: https:// only"
        if "@" in parts.netloc or parts.fragment or parts.port:
            yield f"url {url!r}: no login, port or fragment in it"
        if hidden & set(HOLE.findall(parts.netloc)):
            yield f"url {url!r}: the value in a host name would be told to every resolver"
        if hidden & set(HOLE.findall(parts.path + parts.query)) and not data.in_url:
            yield f"url {url!r}: holds the value; put it into a header, or say in `in_url` why the API has no other way"
    if data.instance and urlsplit(data.instance).netloc != "{instance}":
        yield "instance: its host is {instance}"
    if data.own and not data.instance:
        yield "own: is told of a verifier with an instance"
    for host in data.HOSTS:
        if not re.fullmatch(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]*\*[a-z0-9-]*(?:\.[a-z0-9-]+){2,}", host):
            yield f"hosts: {host!r} is no vendor's host; name it in `hosts`, with one `*` for a label at most"
    for name in data.headers or {}:
        if name.lower() in _NEVER:
            yield f"headers: {name} is not a verifier's to set"
    where = set(_holes((data.headers, data.basic, data.json, data.form, data.urls)))
    if not hidden & where:
        yield "the value is sent nowhere"


def _meant(data: Data) -> Iterator[str]:
    """Of its answers at least one says live; what only says that a service has troubles says neither."""
    states = {means.state for means in data.answers}
    if "live" not in states:
        yield "answers: none says live"
    if "dead" not in states and not data.note:
        yield "answers: none says dead, and no note says why"
    for means in data.answers:
        troubles = [code for code in means.status if 300 <= code < 400 or code == 429 or code >= 500]
        if troubles and means.state != "unknown" and not (means.json or means.text or means.header):
            yield f"answers: {troubles[0]} alone does not say {means.state}"


def _hidden(data: Data) -> set[str]:
    """Names whose values are secrets."""
    parts = set(re.compile(data.parts).groupindex) if data.parts else set()
    return {"secret", *(parts - set(data.public)), *(name for name, beside in data.BESIDE.items() if beside.secret)}


def _names(data: Data) -> set[str]:
    parts = set(re.compile(data.parts).groupindex) if data.parts else set()
    return {"secret", "instance", *parts, *data.BESIDE}


def _holes(value: Any) -> Iterator[str]:
    for text in _texts(value):
        yield from HOLE.findall(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
