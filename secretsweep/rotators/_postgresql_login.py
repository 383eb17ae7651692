"""Whether PostgreSQL lets a role in, and what its errors say."""

from collections.abc import Mapping
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret

_REFUSED = ("28P01", "28000")  # invalid_password, invalid_authorization_specification
_SAID = ("password authentication failed", "is not permitted to log in")


def lets_in(library: Any, where: Mapping[str, Any], role: str, password: Secret) -> bool:
    """A login, ended at once. RotateError when the answer is neither yes nor no."""
    problem: Exception | None = None
    try:
        text = password.reveal().decode()
        library.connect(**where, user=role, password=text, connect_timeout=10).close()
    except (library.Error, UnicodeError) as error:
        problem = error
    if problem is None:
        return True
    words = said(problem)
    if isinstance(problem, UnicodeError) or getattr(problem, "sqlstate", None) in _REFUSED:
        return False
    if any(one in words for one in _SAID):
        return False
    raise RotateError(f"postgresql: cannot tell whether {role} may log in: {words}")


def said(error: Exception) -> str:
    """The server's words; they never hold the password."""
    return " ".join(str(error).split())[:300]
