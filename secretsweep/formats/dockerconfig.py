"""Docker's config.json: the logins of registries, behind base64 or beside it."""

from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, json
from secretsweep.formats._address import child
from secretsweep.formats._basic import login
from secretsweep.model import Blob, Unit

NAME = "dockerconfig"
PRIORITY = 25
GATES = (Gate(r"\"auth\"\s{0,8}:\s{0,8}\"[A-Za-z0-9+/]{4}", "line"),)

PATHS = lazyre.compile(
    r"(?:^|/)(?:\.?docker/config[\w.-]*\.json|\.?docker[_-]?config(?:json)?(?:\.json)?|\.dockercfg|\.dockerconfigjson|"
    r"(?:containers|kaniko/\.docker|\.config/containers)/(?:auth|config)\.json|(?:pull-?secret|registry-auth)[\w.-]*\.json)"
    r"(?:\.(?:j2|tpl|tmpl|erb|example|sample|bak|orig|in))*$"
)


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every value; of `auth` the password in it."""
    return units(blob.data)


def units(data: bytes) -> Iterator[Unit]:
    """`auth` is base64 of user:password; the user `<token>` stands for an identity token."""
    for unit in json.units(data):
        if unit.key.endswith(".auth") or unit.key == "auth":
            if password := login(unit.value):
                yield unit._replace(key=child(unit.key, "password"), value=password, trail=("base64",))
        else:
            yield unit
