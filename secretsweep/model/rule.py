"""A rule, exactly as its YAML."""

from dataclasses import dataclass

SEVERITIES = ("critical", "high", "medium", "low")
CONFIDENCES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a credential looks like and where.

    `pattern` is in the syntax that RE2, hyperscan and `re` share (no look-around, no back-references). Without
    `keys` it is searched in any text, and the credential is its group `secret`, or all of it; with `keys` it must
    match a literal's whole value while `keys` is found in the literal's address.
    """

    id: str
    name: str
    provider: str
    kind: str
    severity: str
    confidence: str
    pattern: str
    keys: str = ""
    entropy: float = 0.0  # least Shannon entropy of the credential, in bits a character
    checksum: str = ""  # name of a check in detect/checksum.py that the credential must pass
    boundary: bool = True  # neither neighbour of the match may continue a word
    generic: bool = False  # a value that only its key makes a credential: placeholders and references are weighed
    examples: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    guide: str = ""  # how it is rotated: a file of patterns/rotation/, without its ending
    source: str = ""  # file it was read from
