"""One credential: which verifier, with what beside it, and what came of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from secretsweep import verifiers
from secretsweep.app.verifying.companions import Around, Missing
from secretsweep.app.verifying.consent import Consent
from secretsweep.model import Credential, Finding
from secretsweep.verifiers import DEAD, LIVE, UNKNOWN, Answer, Asked, NoAnswer, Verifier, unknown
from secretsweep.verifiers._net import Net

_MOST = 4  # questions about one credential: the same password for different hosts, say
NOBODY = "nobody can be asked about this kind"
OPENS = "nothing beside it says what it opens"


@dataclass(frozen=True, slots=True)
class Question:
    """What would be asked about a credential, or why nothing can be."""

    verifier: Verifier | None
    asked: tuple[Asked, ...]
    why: str = ""  # nothing is asked

    @property
    def provider(self) -> str:
        return self.verifier.PROVIDER if self.verifier else ""

    @property
    def where(self) -> str:
        """Who would be asked."""
        if self.verifier is None:
            return ""
        return ", ".join(dict.fromkeys(filter(None, map(self.verifier.where, self.asked))))


def verifiers_of(credential: Credential) -> tuple[tuple[Verifier, str], ...]:
    """The verifiers for a credential, each with the rule that it knows: those that know its own rule, else those that
    know one that found it somewhere."""
    known = verifiers.by_rule()
    rules = dict.fromkeys((credential.rule, *(occurrence.rule for occurrence in credential.occurrences)))
    return next((tuple((each, rule) for each in known[rule]) for rule in rules if rule in known), ())


def question(credential: Credential, places: Iterable[tuple[Around, Finding]], consent: Consent) -> Question:
    """What to ask, from the places of a credential: of several who could be asked the first whom it fits. Nothing is
    sent."""
    where = list(places)
    first: Question | None = None
    for verifier, rule in verifiers_of(credential):
        asking = _asking(credential, verifier, rule, where, consent)
        if not asking.why:
            return asking
        if asking.why != OPENS:
            first = first or asking
    return first or Question(None, (), OPENS if verifiers_of(credential) else NOBODY)


def _asking(
    credential: Credential, verifier: Verifier, rule: str, places: Iterable[tuple[Around, Finding]], consent: Consent
) -> Question:
    asked: dict[object, Asked] = {}
    why = "" if verifier.BESIDE else "it is not there any more"
    for around, finding in places:
        try:
            beside = around.beside(finding, verifier.BESIDE)
        except Missing as missing:
            why = why or str(missing)
            continue
        literal = around.literal(finding)
        address = consent.instances.get(verifier.PROVIDER, "")
        one = Asked(credential.secret, rule, credential.kind, beside, address, finding.address, literal)
        if not verifiers.fits(verifier, one):
            why = OPENS
            continue
        key = (frozenset(beside.items()), literal if getattr(verifier, "LITERAL", True) else None)
        asked.setdefault(key, one)
    return Question(verifier, tuple(asked.values())[:_MOST], "" if asked else why or "it cannot be read again")


def judged(question: Question, consent: Consent, net: Net) -> Answer:
    """The answer to a question. Live when one place of it is live, dead when all are."""
    verifier = question.verifier
    if verifier is not None and not consent.given(verifier.PROVIDER):
        return unknown(f"not asked: --provider {verifier.PROVIDER} lets it be", question.where)
    if verifier is None or question.why:
        return unknown(question.why)
    line = net.line(verifier.PROVIDER, verifier.HOSTS)
    answers: list[Answer] = []
    for asked in question.asked:
        try:
            answers.append(verifier.verify(asked, line))
        except NoAnswer as trouble:
            answers.append(unknown(trouble.why, trouble.who))
        if answers[-1].state == LIVE:
            break
    return _together(answers)


def _together(answers: Sequence[Answer]) -> Answer:
    for state in (LIVE, UNKNOWN, DEAD):
        for answer in answers:
            if answer.state == state:
                return answer
    return unknown("nothing was asked")
