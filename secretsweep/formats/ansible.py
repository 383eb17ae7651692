"""Ansible: playbooks, roles and variables, whose modules pair names with values and take arguments as one string."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested, yaml
from secretsweep.formats._address import child, text
from secretsweep.model import Blob, Span, Unit

NAME = "ansible"
PRIORITY = 25
_TARGETS = r"(?:pgpass|my\.cnf|netrc|credentials|npmrc|pypirc|dockercfg|htpasswd|passwd|passwords?|pass|env|s3cfg|boto)"
GATES = (
    _gates.PAIR,
    _gates.FLAG,
    _gates.ITEM,
    _gates.ARGUMENT,
    Gate(r"(?i)\b(?:option|question|entry)[\"']?\s{0,4}:\s{0,4}[\"']?[\w.\-/ ]{0,60}" + _gates.SECRETIVE, "siblings"),
    Gate(r"(?i)\b(?:dest|path)\s{0,4}:\s{0,4}[\"']?[^\s\"']{0,100}[./_-]" + _TARGETS + r"[\"']?\s", "siblings"),
)

_YAML = lazyre.compile(r"\.ya?ml(?:\.(?:j2|example|sample|dist|bak))*$", re.IGNORECASE)
_VARIABLES = lazyre.compile(r"(?:^|/)(?:group_vars|host_vars)/(?:[^/]+/)*[^/]+$")

_OTHER = lazyre.compile(r"\.(?:ini|json|toml|sh|py|md|txt|j2|pem|key|crt|cfg|conf)$|(?:^|/)\.[^/]*$", re.IGNORECASE)
_FOLDER = lazyre.compile(
    r"(?:^|/)(?:roles/[^/]+/|playbooks?/|ansible/|molecule/)|(?:^|/)(?:tasks|handlers|defaults)/[^/]+$"
)
_TELLING = (b"hosts:", b"import_playbook:", b"_tasks:", b"ansible.builtin.", b"community.", b"amazon.")
_PLAYS = lazyre.compile(
    rb"^(?:\xef\xbb\xbf)?- *(?:name: [^\n]*\n(?:  [^\n]*\n){0,8}?  )?"
    rb"(?:hosts|import_playbook|(?:import|include)_tasks|ansible\.builtin\.\w+|(?:community|amazon)\.[\w.]+): *",
    re.MULTILINE,
)
# `mysql_user: name=app password=x`: words as Ansible splits them, quotes and Jinja within
_ARGUMENT = lazyre.compile(
    rb"(?<!\S)([A-Za-z_]\w*)=(?:\"((?:[^\"\\]|\\.)*)\"(?!\S)|'((?:[^'\\]|\\.)*)'(?!\S)|((?:\{\{[^{}]*\}\}|[^\s{]|\{(?!\{))+))"
)
_MODULE = lazyre.compile(r"\]\.(?:\"[\w.]+\"|\w+)\Z")
_COMMANDS = lazyre.compile(r"(?:shell|command|raw|script|cmd|expect)\"?\Z")
_PARENT = lazyre.compile(r'(.*)\.(?:"([^"]*)"|([^."\[\]]+))\Z', re.DOTALL)
_PAIRS = {"value": ("option", "question", "entry"), "data": ("name", "entry")}
_FORMS = ("double", "single", "plain")


def owns(path: str, head: bytes) -> bool:
    if _VARIABLES.search(path):
        return _OTHER.search(path) is None and not head.startswith(b"$ANSIBLE_VAULT")
    if not _YAML.search(path):  # manifests are asked for first
        return False
    if _FOLDER.search(path):
        return True
    return any(word in head for word in _TELLING) and _PLAYS.search(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every scalar; arguments in one string apart, and files by what they are called where they go to."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The scalars, nested documents unopened."""
    return [unit for document in yaml.documents(data) for unit in _read(data, document)]


def _read(data: bytes, document: list[Unit]) -> Iterator[Unit]:
    siblings: dict[tuple[str, str], bytes] = {}
    for unit in document:
        parent, name = _split(unit.key)
        if name in ("dest", "path", "option", "question", "entry", "name"):
            siblings[parent, name] = unit.value
    for unit in document:
        parent, name = _split(unit.key)
        if name != "name" and (parent, "name") in siblings and name == text(siblings[parent, "name"]):
            name = "value"  # `name` may be something else: debconf's package
        if other := next((o for o in _PAIRS.get(name, ()) if (parent, o) in siblings), None):
            yield unit._replace(key=child(parent, text(siblings[parent, other])))
        elif b"=" in unit.value and (arguments := _arguments(data, unit)):
            yield from arguments
        else:
            yield unit
            target = siblings.get((parent, "dest"), siblings.get((parent, "path")))
            if target and name in ("content", "block"):
                yield from _nested.called(data, unit, text(target))


def _split(key: str) -> tuple[str, str]:
    """The address of the mapping, and the name in it."""
    found = _PARENT.match(key)
    return (found.group(1), found.group(2) or found.group(3) or "") if found else ("", key)


def _arguments(data: bytes, unit: Unit) -> list[Unit]:
    """The arguments of a module that are written as one string; none of one that runs a command."""
    if not _MODULE.search(unit.key) or _COMMANDS.search(unit.key):
        return []
    if unit.form == "double" and data.find(b"\\", *unit.span) >= 0:
        return []
    found = []
    for argument in _ARGUMENT.finditer(data, *unit.span):
        group = argument.lastindex or 4
        value = argument.group(group)
        if value:
            form = _FORMS[group - 2]
            found.append(Unit(Span(*argument.span(group)), child(unit.key, text(argument.group(1))), value, form))
    return found
