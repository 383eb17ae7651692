"""The nouns: immutable, standard library only."""

from secretsweep.model.blob import Blob, Unit
from secretsweep.model.finding import JOIN, Credential, Dismissed, Finding, Occurrence, Place, Sighting, joined
from secretsweep.model.guide import Guide, GuideStep, Identifier
from secretsweep.model.remedy import (
    REVIEW,
    SAFE,
    Addition,
    Change,
    FileEdit,
    Plan,
    Put,
    Reference,
    Refusal,
    Seal,
    Spot,
)
from secretsweep.model.report import Coverage, Report, Skip, Skipped, Target
from secretsweep.model.rotation import (
    Acceptance,
    Consumer,
    Done,
    Entry,
    Event,
    Exposure,
    Judgement,
    Posted,
    Task,
)
from secretsweep.model.rule import CONFIDENCES, SEVERITIES, Rule
from secretsweep.model.secret import Secret
from secretsweep.model.span import Edit, Span, apply_edits
from secretsweep.model.tree import Tree

__all__ = [
    "CONFIDENCES",
    "JOIN",
    "REVIEW",
    "SAFE",
    "SEVERITIES",
    "Acceptance",
    "Addition",
    "Blob",
    "Change",
    "Consumer",
    "Coverage",
    "Credential",
    "Dismissed",
    "Done",
    "Edit",
    "Entry",
    "Event",
    "Exposure",
    "FileEdit",
    "Finding",
    "Guide",
    "GuideStep",
    "Identifier",
    "Judgement",
    "Occurrence",
    "Place",
    "Plan",
    "Posted",
    "Put",
    "Reference",
    "Refusal",
    "Report",
    "Rule",
    "Seal",
    "Secret",
    "Sighting",
    "Skip",
    "Skipped",
    "Span",
    "Spot",
    "Target",
    "Task",
    "Tree",
    "Unit",
    "apply_edits",
    "joined",
]
