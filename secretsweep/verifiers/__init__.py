"""One module a way to ask whether a credential is still live; what an HTTP request can ask is data (`_data`).

A verifier is a module (or an object, as `_data` makes them of patterns/verify/*.yaml) with

    NAME      the word by which it is shown (`aws-sts`)
    PROVIDER  whom a user consents to be asked (`aws`); "" when nothing leaves the machine
    RULES     ids of the rules whose credentials it can judge
    BESIDE    what it needs besides the credential: name -> Beside
    HOSTS     the vendor's own hosts that it asks, fixed here; `*.api.vendor.com` is one label at the `*`
    DOCS      links to the vendor's documentation of what is asked
    where     (asked) -> str: who would be asked, for the plan: `api.github.com`, `db.acme.io:5432`; "" offline
    verify    (asked, line) -> Answer: ask. What it raises is NoAnswer, or a bug
    LITERAL   optional; False: `asked.literal` says nothing to it, so that one value in two literals is one question
    fits      optional, (asked) -> bool: whether it is one for this credential, where several judge a rule (a password
              is asked about where its name or its port say so). Those that have it are tried before those that do not
    NOTE      optional: what the table of patterns/verify/README.md says of its limits

Every byte to the network goes through `line` (`_net.Line`), which knows what is allowed. A verifier sends nothing
that changes anything at the other end. An answer never holds the value, and says `dead` only when the one who issued
the credential said so: whatever else happens is `unknown`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Protocol, cast

from secretsweep import plugins
from secretsweep.errors import RuleError
from secretsweep.model import Secret
from secretsweep.verifiers._net import Line
from secretsweep.verifiers._troubles import NoAnswer, Refused

LIVE, DEAD, UNKNOWN = "live", "dead", "unknown"
STATES = (LIVE, DEAD, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a companion of the credential is found, in the same file: another finding, a literal, or a line near."""

    rules: tuple[str, ...] = ()  # rules whose findings it is
    keys: str = ""  # regex, searched in the address of a literal: its name, or the whole of it
    pattern: str = ""  # regex: all of such a literal's value; without `keys` the same as `near`
    near: str = ""  # regex that says enough by itself, searched in the text; its group `value`, or all of it
    across: str = ""  # regex, searched over all of the file: what it finds, one below the other
    family: bool = False  # only of its own block, or of one around or within; where names begin, alike (DB_HOST)
    only: bool = False  # several in the file are none, however near one is
    secret: bool = False  # it is a credential itself, and goes only where a credential may
    optional: bool = False  # the question can be asked without it
    example: str = ""  # a line of an environment file that holds it, with placeholders


@dataclass(frozen=True, slots=True)
class Asked:
    """A credential, and what stands beside it. `literal` is all of the literal that holds it (a whole connection URL),
    the credential itself when it stands alone; `address` the instance that the user named for the provider."""

    secret: Secret
    rule: str
    kind: str
    beside: Mapping[str, Secret] = field(default_factory=dict)
    address: str = ""
    key: str = ""  # where it stood: `resource.aws_db_instance.main.password`
    literal: Secret = field(default_factory=lambda: Secret(b""))


@dataclass(frozen=True, slots=True)
class Answer:
    """Live, dead or unknown, with the evidence. No plaintext."""

    state: str
    who: str = ""  # who answered: `api.github.com`
    when: str = ""  # ISO 8601, UTC
    status: str = ""  # of the answer, in the protocol's own words: `401`, `28P01`
    why: str = ""


class Verifier(Protocol):
    """What a verifier's module has."""

    @property
    def NAME(self) -> str: ...
    @property
    def PROVIDER(self) -> str: ...
    @property
    def RULES(self) -> tuple[str, ...]: ...
    @property
    def BESIDE(self) -> Mapping[str, Beside]: ...
    @property
    def HOSTS(self) -> tuple[str, ...]: ...
    @property
    def DOCS(self) -> tuple[str, ...]: ...

    def where(self, asked: Asked) -> str: ...
    def verify(self, asked: Asked, line: Line) -> Answer: ...


def live(who: str, status: object = "", why: str = "accepted") -> Answer:
    """It still opens something."""
    return Answer(LIVE, who, now(), str(status), why)


def dead(who: str, status: object = "", why: str = "refused") -> Answer:
    """The one who issued it says that it opens nothing any more."""
    return Answer(DEAD, who, now(), str(status), why)


def unknown(why: str, who: str = "", status: object = "") -> Answer:
    """Neither is known, and why."""
    return Answer(UNKNOWN, who, now(), str(status), why)


def now() -> str:
    """ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@cache
def every() -> tuple[Verifier, ...]:
    """All verifiers, of data and modules, by name. RuleError when two judge one rule and neither says what fits it."""
    from secretsweep.verifiers import _data

    written = plugins.modules(__name__, "verify")
    verifiers: tuple[Verifier, ...] = (*_data.load(), *cast(tuple[Verifier, ...], written))
    found = sorted(verifiers, key=lambda v: v.NAME)
    owners: dict[str, str] = {}
    for verifier in found:
        for rule in () if hasattr(verifier, "fits") else verifier.RULES:
            if rule in owners:
                raise RuleError(f"verifiers {owners[rule]} and {verifier.NAME}: both judge {rule}; one is enough")
            owners[rule] = verifier.NAME
    return tuple(found)


@cache
def by_rule() -> Mapping[str, tuple[Verifier, ...]]:
    """The verifiers of each rule that has one, those first that say what fits them."""
    found: dict[str, tuple[Verifier, ...]] = {}
    for verifier in sorted(every(), key=lambda v: (not hasattr(v, "fits"), v.NAME)):
        for rule in verifier.RULES:
            found[rule] = (*found.get(rule, ()), verifier)
    return found


def fits(verifier: Verifier, asked: Asked) -> bool:
    """Whether a verifier is one for this credential."""
    return cast(bool, getattr(verifier, "fits", lambda asked: True)(asked))


@cache
def providers() -> tuple[str, ...]:
    """Whom a user can consent to, sorted."""
    return tuple(sorted({verifier.PROVIDER for verifier in every() if verifier.PROVIDER}))


__all__ = [
    "DEAD",
    "LIVE",
    "STATES",
    "UNKNOWN",
    "Answer",
    "Asked",
    "Beside",
    "Line",
    "NoAnswer",
    "Refused",
    "Verifier",
    "by_rule",
    "dead",
    "every",
    "fits",
    "live",
    "now",
    "providers",
    "unknown",
]
