"""Chef's data bags: JSON, in which an encrypted item has the authentication code of its ciphertext beside it."""

from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import _nested, json
from secretsweep.model import Blob, Unit

NAME = "chef_databag"
PRIORITY = 20
GATES = json.GATES

PATHS = lazyre.compile(r"(?:^|/)data_bags?/(?:[^/]+/)*[^/]+\.json$")
_CIPHERTEXT = (".hmac", ".iv", ".auth_tag", ".encrypted_data")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every string and number that is a value, but for ciphertext."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The values, nested documents unopened."""
    return [unit for unit in json.units(data) if not unit.key.endswith(_CIPHERTEXT)]
