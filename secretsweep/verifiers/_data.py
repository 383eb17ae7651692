"""Verifiers that are data: patterns/verify/*.yaml say whom to ask, where the value goes and what the answers mean."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from secretsweep.rules.load import packaged
from secretsweep.verifiers import DEAD, UNKNOWN, Answer, Asked, Beside, Line, now, unknown
from secretsweep.verifiers._http import Response
from secretsweep.verifiers._troubles import NoAnswer

HOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LABELS = re.compile(r"[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63})*")


@dataclass(frozen=True, slots=True)
class Means:
    """What an answer means: `state` when all that is given here holds."""

    state: str
    status: tuple[int, ...]
    json: Mapping[str, tuple[object, ...]]  # dotted address -> what may stand there; none: anything
    text: str = ""  # stands in the content
    header: Mapping[str, str] | None = None  # name -> regex of its value
    why: str = ""

    def holds(self, response: Response) -> bool:
        if response.status not in self.status or self.text.encode() not in response.body:
            return False
        if any(not re.search(p, response.headers.get(n.lower(), "")) for n, p in (self.header or {}).items()):
            return False
        bare = not (self.json or self.text or self.header)
        if bare and (self.state == "live" or response.status == 403) and response.json() is None:
            return False  # pages on the way (a proxy's, one against robots) say so, too, but not in the API's language
        document = response.json() if self.json else None
        return all(_holds(document, address.split("."), wanted) for address, wanted in self.json.items())


@dataclass(frozen=True, slots=True)
class Data:
    """One question of a file. The names in capitals are those that every verifier has."""

    LITERAL: ClassVar[bool] = False

    NAME: str
    PROVIDER: str
    RULES: tuple[str, ...]
    BESIDE: Mapping[str, Beside]
    HOSTS: tuple[str, ...]
    DOCS: tuple[str, ...]
    urls: tuple[str, ...]  # the vendor's regions: it is dead only when all say so
    answers: tuple[Means, ...]
    method: str = "GET"
    headers: Mapping[str, str] | None = None
    basic: str = ""  # `{user}:{secret}`
    json: Any = None
    form: Mapping[str, str] | None = None
    parts: str = ""  # regex whose groups are further names, of the credential's own value
    public: tuple[str, ...] = ()  # names of parts that are no secret
    instance: str = ""  # URL on an instance of one's own, its host `{instance}`
    own: str = ""  # what such an instance is called, where many have one: then the vendor's `dead` proves nothing
    in_url: str = ""  # why the value must stand in the URL
    note: str = ""  # what the table says of its limits
    source: str = ""  # the file

    def where(self, asked: Asked) -> str:
        """The hosts that would be asked."""
        try:
            names = self._names(asked)
            return ", ".join(dict.fromkeys(_host(urlsplit(url).netloc, names) for url in self._urls(asked)))
        except NoAnswer:
            return ", ".join(self.HOSTS)

    def verify(self, asked: Asked, line: Line) -> Answer:
        """Ask each region until one knows it."""
        said: list[Answer] = []
        try:
            names = self._names(asked)
            for url in self._urls(asked):
                said.append(self._asked(url, names, line))
                if said[-1].state != DEAD:
                    break
        except NoAnswer as trouble:
            return unknown(trouble.why, trouble.who)
        last = said[-1]
        if last.state == DEAD and self.own and not asked.address:
            why = f"not known there, but it may be of {self.own}: --instance {self.PROVIDER}=HOST says which is yours"
            return Answer(UNKNOWN, last.who, last.when, last.status, why)
        return last

    def _urls(self, asked: Asked) -> tuple[str, ...]:
        """Where to ask: the instance that the user named, unless that is the vendor's own."""
        elsewhere = self.instance and asked.address and asked.address not in self.HOSTS
        return (self.instance,) if elsewhere else self.urls

    def _names(self, asked: Asked) -> dict[str, str]:
        """What the templates' names stand for."""
        value = _text(asked.secret.reveal())
        names = {name: _text(secret.reveal()) for name, secret in asked.beside.items()}
        names |= {"secret": value, "instance": asked.address}
        if self.parts:
            match = re.search(self.parts, value)
            if match is None:
                raise NoAnswer("it has not the shape that can be asked about")
            names |= {name: part or "" for name, part in match.groupdict().items()}
        return names

    def _asked(self, url: str, names: Mapping[str, str], line: Line) -> Answer:
        parts = urlsplit(url)
        host = _host(parts.netloc, names)
        path = _filled(parts.path, _quoted(names, "/:"))
        query = _filled(parts.query, _quoted(names, ""))
        missing = {name for name, beside in self.BESIDE.items() if beside.optional} - set(names)
        sent = {name: text for name, text in (self.headers or {}).items() if not missing & set(HOLE.findall(text))}
        headers = {name: _filled(text, names) for name, text in sent.items()}
        if self.basic:
            login = _filled(self.basic, names).encode("utf-8", "surrogateescape")
            headers["Authorization"] = f"Basic {b64encode(login).decode()}"
        body = b""
        if self.json is not None:
            import json

            body = json.dumps(_deep(self.json, names)).encode()
            headers.setdefault("Content-Type", "application/json")
        elif self.form is not None:
            fields = {name: _filled(text, names) for name, text in self.form.items()}
            body = urlencode(fields, errors="surrogateescape").encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        asked = f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")
        return self.judged(line.ask(self.method, asked, headers, body))

    def judged(self, response: Response) -> Answer:
        """What an answer means: the first that holds."""
        for means in self.answers:
            if means.holds(response):
                return Answer(means.state, response.host, now(), str(response.status), means.why or _WORDS[means.state])
        return unknown(_otherwise(response.status), response.host, response.status)


_WORDS = {"live": "accepted", "dead": "refused", "unknown": "the answer says neither"}


def _otherwise(status: int) -> str:
    if 300 <= status < 400:
        return "a redirect, which is not followed"
    if status == 429:
        return "asked too often; try again later"
    return "the service failed; try again later" if status >= 500 else "the answer says neither live nor dead"


def _filled(template: str, names: Mapping[str, str]) -> str:
    return HOLE.sub(lambda hole: _named(names, hole[1]), template)


def _quoted(names: Mapping[str, str], safe: str) -> dict[str, str]:
    return {name: quote(value, safe=safe, errors="surrogateescape") for name, value in names.items()}


def _named(names: Mapping[str, str], name: str) -> str:
    if name not in names:
        raise NoAnswer(f"it takes the {name} that belongs to it, which was not found beside it")
    return names[name]


def _host(template: str, names: Mapping[str, str]) -> str:
    """A host; what is filled in is labels of a name and nothing else."""
    for hole in HOLE.finditer(template):
        if hole[1] != "instance" and not _LABELS.fullmatch(_named(names, hole[1])):
            raise NoAnswer(f"the {hole[1]} beside it is no part of a host name")
    return _filled(template, names).lower()


def _deep(template: Any, names: Mapping[str, str]) -> Any:
    if isinstance(template, str):
        return _filled(template, names)
    if isinstance(template, dict):
        return {key: _deep(value, names) for key, value in template.items()}
    return [_deep(item, names) for item in template] if isinstance(template, list) else template


def _holds(document: Any, address: list[str], wanted: tuple[object, ...]) -> bool:
    for step in address:
        if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return False
    return not wanted or any(type(document) is type(value) and document == value for value in wanted)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def folder() -> Path:
    """Where the files are: beside the rules."""
    return packaged() / "verify"


@cache
def load(where: Path | None = None) -> tuple[Data, ...]:
    """The verifiers of all files, sorted by name. RuleError names file, verifier and field."""
    from secretsweep.verifiers import _reading

    found = [data for path in sorted((where or folder()).glob("*.yaml")) for data in _reading.read(path)]
    return tuple(sorted(found, key=lambda data: data.NAME))
