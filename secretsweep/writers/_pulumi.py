"""Values of Pulumi's YAML programs that are read by a function of a provider, and kept as secrets of the state.

Syntax: pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference (fn::invoke, fn::secret, variables);
registry packages aws (secretsmanager.getSecretVersion, ssm.getParameter), vault (kv.getSecretV2, kv.getSecret).
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from secretsweep import lazyre
from secretsweep.model import Edit, Reference, Span
from secretsweep.writers._places import Document, entries, get, text

_ODD = lazyre.compile(r"[^A-Za-z0-9]+")
_TOKEN = lazyre.compile(r"(?:pulumi:providers:)?([\w-]+)(?::|\Z)")


class Call(NamedTuple):
    """A function, and what of its result is the value: a property, and perhaps a key in it."""

    package: str
    function: str
    arguments: dict[str, Any]
    result: str
    key: str = ""

    @property
    def written(self) -> dict[str, Any]:
        return {"fn::invoke": {"function": self.function, "arguments": self.arguments, "return": self.result}}


def call(reference: Reference) -> Call | None:
    """How a program reads a value; None where no package is known for it."""
    path = reference.path
    match reference.store:
        case "aws-secretsmanager":
            return Call("aws", "aws:secretsmanager:getSecretVersion", {"secretId": path}, "secretString")
        case "aws-ssm":
            return Call("aws", "aws:ssm:getParameter", {"name": path, "withDecryption": True}, "value")
        case "vault" if reference.version == 1:
            whole = {"path": f"{reference.mount}/{path}"}
            return Call("vault", "vault:kv:getSecret", whole, "data", reference.field)
        case "vault":
            return Call(
                "vault", "vault:kv:getSecretV2", {"mount": reference.mount, "name": path}, "data", reference.field
            )
    return None


def packages(program: Any) -> set[str]:
    """The packages that a program has resources of."""
    resources = get(program, "resources")
    kinds = (text(get(one.node, "type")) for one in entries(resources)) if resources is not None else ()
    return {found[1] for kind in kinds if (found := _TOKEN.match(kind))}


def flow(value: Any) -> str:
    """In one line, as YAML and JSON read it."""
    return json.dumps(value, ensure_ascii=False)


def name(reference: Reference, taken: set[str]) -> str:
    """Of a variable."""
    first, *rest = [word for word in _ODD.split(reference.path) if word] or ["secret"]
    wished = wanted = first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in rest)
    number = 1
    while wanted in taken:
        number += 1
        wanted = f"{wished}{number}"
    return wanted


def added(document: Document, root: Any, section: str, lines: dict[str, str]) -> Edit | None:
    """Entries at the end of a section of the file, which is made when it is not there; None for what is in one line."""
    newline = document.newline()
    known = next((entry for entry in entries(root) if entry.name == section), None)
    if root.flow_style or (known is not None and (known.node.flow_style or not list(entries(known.node)))):
        return None
    if known is None:
        at = len(document.data.rstrip()) if document.data.strip() else 0
        column = 2
        head = f"{newline}{section}:"
    else:
        last = list(entries(known.node))[-1]
        at, column, head = document.span(last.node).end, document.column(last.key), ""
    end = document.data.find(b"\n", at)
    end = len(document.data) if end < 0 else end - (document.data[end - 1 : end] == b"\r")
    body = "".join(f"{newline}{' ' * column}{key}: {value}" for key, value in lines.items())
    return Edit(Span(end, end), f"{head}{body}".encode())


def keys(node: Any) -> Iterator[str]:
    yield from (entry.name for entry in entries(node)) if node is not None else ()
