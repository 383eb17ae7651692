"""Composer's auth.json: logins and tokens by the host that they are for."""

from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, json
from secretsweep.formats._address import child
from secretsweep.model import Blob, Unit

NAME = "composer"
PRIORITY = 25
GATES: tuple[Gate, ...] = ()

PATHS = lazyre.compile(r"(?:^|/)auth\.json(?:\.(?:j2|tpl|tmpl|erb|example|sample|dist))*$")
_HEAD = lazyre.compile(rb"\"(?:http-basic|github-oauth|gitlab-(?:token|oauth)|bitbucket-oauth|bearer|forgejo-token)\"")
_TOKENS = ("github-oauth.", "gitlab-token.", "gitlab-oauth.", "bearer.")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None and _HEAD.search(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every value; a host's own value is its token."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """The key of a token is a host: what it holds is said by the word above."""
    for unit in json.units(data):
        yield unit._replace(key=child(unit.key, "token")) if unit.key.startswith(_TOKENS) else unit
