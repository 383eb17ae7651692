"""What Vault's refusals mean, and what to do about them; without what was sent."""

import re
from dataclasses import dataclass

from secretsweep.errors import StoreError
from secretsweep.model import Secret

_WRAPPED = re.compile(r"""Error\((?:\d+, ['"])?|: (?=\[Errno)""")
_USER = re.compile(r"(?<=//)[^/@]*@")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as a policy says it."""

    path: str
    capability: str
    secret: Secret | None = None  # what was sent, to be masked
    optional: bool = False  # it does without the answer when it is forbidden

    def nothing(self, error: Exception) -> bool:
        """Whether the refusal only says that nothing is there, something is, or that one may not know."""
        kind = type(error).__name__
        if kind == "InvalidPath":
            return getattr(error, "errors", None) == []  # where no engine is mounted it says so
        if kind == "InvalidRequest":
            return self.capability == "create" and "check-and-set parameter did not match" in str(error)
        return kind == "Forbidden" and self.optional and "invalid token" not in str(error)


def explained(error: Exception, asked: Asked, url: str) -> StoreError:
    """The refusal in one line, with the next step."""
    where = _USER.sub("", url)
    said = " ".join(str(error.args[0] if error.args else error).split())[:1000]
    message = f"vault: {_meant(type(error).__name__, said, asked, where)}"
    return StoreError(asked.secret.masked_in(message) if asked.secret else message)


def unlabelled(asked: Asked) -> StoreError:
    return StoreError(
        f"vault: the token's policy wants `{asked.capability}` on {asked.path}, where it says that a value is to be "
        "rotated; nothing was stored"
    )


def _meant(kind: str, said: str, asked: Asked, where: str) -> str:
    if kind == "SSLError" or "CERTIFICATE_VERIFY_FAILED" in said:
        return f"{where}: TLS failed: {_core(said)}; give the authority's certificate in VAULT_CACERT"
    if kind in ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ProxyError", "ChunkedEncodingError"):
        return f"{where} cannot be reached: {_core(said)}; is --url or VAULT_ADDR right?"
    if kind == "VaultDown":
        next_step = "unseal it (`vault operator unseal`)" if "sealed" in said else "try again later"
        return f"{where} does not serve: {said}; {next_step}"
    if kind == "VaultNotInitialized":
        return f"{where} is not initialised: `vault operator init`"
    if kind == "RateLimitExceeded":
        return f"{where} is asked too often: {said}; run it again later, it goes on where it was"
    if "too large" in said:
        return f"{asked.path}: the value is too large for the server: {said}"
    if asked.capability == "login":
        return f"{where} refuses the login: {said}; see --auth, --role and the variables of that method"
    if kind in ("Forbidden", "Unauthorized"):
        if "invalid token" in said or asked.path.startswith("auth/"):
            return f"{where} does not know the token: {said}; `vault login`, or set VAULT_TOKEN"
        return f"{asked.path}: {said}; the token is over, or its policy wants `{asked.capability}` on that path"
    if "no handler for route" in said:
        return f"{asked.path}: nothing is mounted there: name the key-value engine with --mount"
    return f"{asked.path}: {said}"


def _core(said: str) -> str:
    """Of a chain of wrapped errors the last, which is the cause."""
    return _WRAPPED.split(said)[-1].rstrip("\"')")[:300]
