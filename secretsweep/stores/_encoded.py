"""Values for stores that keep text alone: what is no UTF-8 goes as base64, and a mark beside it says so."""

from base64 import b64decode, b64encode

from secretsweep.model import Secret
from secretsweep.stores import Taken

BASE64 = "base64"


def written(secret: Secret) -> tuple[str, str]:
    """The text, and its encoding: `base64` or "" for none."""
    try:
        return secret.reveal().decode(), ""
    except UnicodeDecodeError:
        return b64encode(secret.reveal()).decode(), BASE64


def read(text: object, encoding: object = "") -> Secret:
    """The value of that text. Taken when it is none."""
    if not isinstance(text, str):
        raise Taken
    if encoding != BASE64:
        return Secret(text.encode("utf-8", "surrogatepass"))
    try:
        return Secret(b64decode(text, validate=True))
    except ValueError:
        raise Taken from None


def may_be_encoded(text: str) -> bool:
    """Whether the text could come from `written` as base64: only what is no UTF-8 does."""
    try:
        b64decode(text, validate=True).decode()
    except UnicodeDecodeError:
        return True
    except ValueError:
        return False
    return False
