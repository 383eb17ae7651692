"""Rotate only, or purge as well: what is decided for a credential, and why. Rotation is always first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from secretsweep.decode.writings import telling
from secretsweep.model import Credential
from secretsweep.rules.builtin import RULES

ROTATE, PURGE = "rotate-only", "purge"
DEAD = "dead"  # the state of a credential that was rotated, with evidence that the old one is worthless
_MANY = 3  # credentials in one state file
_LASTING = {
    "private-key": "what was encrypted or signed with it stays readable or forgeable after rotation",
    "encryption-key": "what was encrypted with it stays readable after rotation",
    "keystore": "it may be opened at leisure, and holds private keys",
    "license-key": "only its vendor can withdraw it",
    "webhook-url": "often only the other side can withdraw it",
}
_STATES = (".tfstate", ".tfstate.backup", ".tfplan")


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a credential's history; `notes` are what else a person should know of it."""

    credential: Credential
    purge: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return PURGE if self.purge else ROTATE


def decided(
    credentials: Iterable[Credential],
    public: bool | None,
    states: Mapping[str, str],
    wanted: Iterable[str] = (),
) -> list[Decision]:
    """A decision for each credential that has a value. `public`: whether everybody can read the repository (None:
    nobody said). `states`: what is known of a rotation, by id. `wanted`: ids that somebody asked to purge."""
    every = [c for c in credentials if c.rule not in RULES]
    crowd = Counter(path for c in every for path in {o.path for o in c.occurrences if _is_state(o.path)})
    asked = set(wanted)
    return [_decision(c, public, states.get(c.id, c.state), crowd, c.id in asked) for c in every]


def _decision(c: Credential, public: bool | None, state: str, crowd: Mapping[str, int], asked: bool) -> Decision:
    notes = _notes(c)
    if asked:
        return Decision(c, True, ("asked for",), notes)
    if state == DEAD:
        return Decision(c, False, ("rotated, and the old value is proven worthless: nothing to protect",), notes)
    if c.confidence == "low":
        return Decision(c, False, ("a weak finding: look at it first, --id purges it",), notes)
    reasons = [_LASTING[c.kind]] if c.kind in _LASTING else []
    if (most := max((crowd[o.path] for o in c.occurrences if o.path in crowd), default=0)) >= _MANY:
        reasons.append(f"a state file with {most} credentials: it tells the whole infrastructure")
    if public and c.severity in ("critical", "high"):
        live = "live" if state == "live" else "not proven dead"
        reasons.append(f"public, {c.severity} and {live}: every copy that is not made any more counts")
    if reasons:
        return Decision(c, True, tuple(reasons), notes)
    why = "rotating it makes every copy worthless; a rewrite would cost everybody a new clone and reach no fork"
    if public is None and c.severity in ("critical", "high"):
        why += " (with --public: purge, until it is proven dead)"
    return Decision(c, False, (why,), notes)


def _notes(c: Credential) -> tuple[str, ...]:
    found = []
    if c.in_head:
        found.append("still in HEAD: take it out of the files first (secretsweep remediate)")
    if not telling(c.secret):
        found.append("a word or a short value: it is replaced only where it was found as a credential")
    return tuple(found)


def _is_state(path: str) -> bool:
    return path.partition("!")[0].endswith(_STATES)
