"""How a kind of credential is rotated, exactly as its YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

STEPS = ("assess", "misuse", "create", "store", "roll", "disable", "watch", "delete", "clean", "close")
EVIDENCED = frozenset(("misuse", "roll", "delete"))  # steps without whose evidence nothing is closed
OVERLAPS = {
    "yes": "two can be valid at once: create the second, roll, then disable the first",
    "no": "the new one ends the old one at once: prepare the consumers first, or accept an outage",
    "timed": "the old one stays valid for a limited time after the new one was made",
    "none": "there is no second one: it cannot be rotated in this sense, only replaced or revoked",
    "unknown": "whether two can be valid at once depends on the service: find that out before anything is switched off",
}


class GuideStep(NamedTuple):
    """One step: what to do, and the commands that do it. `<name>` in either stands for an identifier or a fact."""

    id: str  # one of STEPS
    text: str
    commands: tuple[str, ...] = ()


class Identifier(NamedTuple):
    """A name that is no secret, which commands need: `<key-id>`."""

    about: str  # what it is, for people: "id of the access key"
    pattern: str = ""  # how it looks where it stands beside the credential; "" when only a person knows it
    rule: str = ""  # the rule that finds it


@dataclass(frozen=True, slots=True)
class Guide:
    """The steps for one kind of credential, in the order of STEPS."""

    name: str  # the file's, and what rules call it
    title: str
    overlap: str  # one of OVERLAPS
    steps: tuple[GuideStep, ...]
    about: str = ""  # what is special, in a sentence or two: limits, sessions that stay valid, better alternatives
    query: str = ""  # finds its use in the vendor's log; `<since>` is the first exposure
    hours: int = 0  # typical deadline after the leak is known; 0 when the severity alone decides
    identifiers: Mapping[str, Identifier] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    refines: Mapping[str, str] = field(default_factory=dict)  # a vaguer guide → path and key where this one fits

    def step(self, wanted: str) -> GuideStep:
        """The step called `wanted`, one of STEPS."""
        return next(step for step in self.steps if step.id == wanted)
