"""How a rule is said in SARIF, as far as the credentials it found tell."""

from collections.abc import Iterable

from secretsweep.model import Credential
from secretsweep.reports import _advice, _safe

LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}  # GitHub: 9, 7 and 4 are the steps
TAGS = 20  # GitHub refuses a rule with more
# SARIF 2.1.0, 3.11.5 and 3.11.6: placeholders and embedded links
_MESSAGE = str.maketrans({"\\": "\\\\", "[": "\\[", "]": "\\]", "{": "{{", "}": "}}"})
_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>#|"})


def rules(credentials: Iterable[Credential]) -> list[dict[str, object]]:
    """One descriptor for each rule that found something, sorted by id; its worst credential speaks for it."""
    worst: dict[str, Credential] = {}
    for credential in credentials:
        worst.setdefault(credential.rule, credential)
    return [_rule(worst[name]) for name in sorted(worst)]


def said(text: str) -> str:
    """`text` in a message, where it can be neither a link nor a placeholder."""
    return _safe.shown(text).translate(_MESSAGE)


def _rule(credential: Credential) -> dict[str, object]:
    name = _safe.shown(credential.name or credential.rule)
    advice = credential.advice or _advice.general(credential.rule, credential.kind, credential.provider)
    steps = [_safe.shown(step) for step in advice]
    list_items = (f"1. {step.translate(_MARKDOWN)}" for step in steps)
    reach = "its value can be read by everyone who can read the repository."
    if credential.kind == "reference":
        reach = "no value is in this finding, only what a reference says."
    tags = dict.fromkeys(("security", "secret", credential.kind, credential.provider))
    return {
        "id": credential.rule,
        "name": name[:255],
        "shortDescription": {"text": name[:1024]},
        "fullDescription": {"text": f"{name}: {reach}"},
        "help": {
            "text": "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)),
            "markdown": "\n".join(("**What to do next**", "", *list_items)),
        },
        "defaultConfiguration": {"level": LEVELS[credential.severity]},
        "properties": {
            "tags": [tag for tag in tags if tag][:TAGS],
            "precision": credential.confidence,
            "security-severity": SCORES[credential.severity],
        },
    }
