"""Rules that no pattern says: findings about references, which hold no value."""

from secretsweep.model import Rule

DANGLING = Rule(
    id="dangling-reference",
    name="Reference to a Secret that nothing defines",
    provider="",
    kind="reference",
    severity="low",
    confidence="medium",
    pattern="",
    keys=".",
    guide="reference",
)
BROKEN = Rule(
    id="broken-reference",
    name="Clear text where its protected form belongs",
    provider="",
    kind="reference",
    severity="low",
    confidence="medium",
    pattern="",
    keys=".",
    guide="reference",
)
RULES = {rule.id: rule for rule in (DANGLING, BROKEN)}
