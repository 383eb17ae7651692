"""The nouns: immutable, standard library only."""

from secretsweep.model.blob import Blob, Unit
from secretsweep.model.finding import Credential, Dismissed, Finding, Occurrence, Place, Sighting, joined
from secretsweep.model.report import Coverage, Report, Skip, Skipped, Target
from secretsweep.model.rule import CONFIDENCES, SEVERITIES, Rule
from secretsweep.model.secret import Secret
from secretsweep.model.span import Edit, Span, apply_edits

__all__ = [
    "CONFIDENCES",
    "SEVERITIES",
    "Blob",
    "Coverage",
    "Credential",
    "Dismissed",
    "Edit",
    "Finding",
    "Occurrence",
    "Place",
    "Report",
    "Rule",
    "Secret",
    "Sighting",
    "Skip",
    "Skipped",
    "Span",
    "Target",
    "Unit",
    "apply_edits",
    "joined",
]
