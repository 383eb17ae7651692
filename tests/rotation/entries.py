"""Entries for tests: one with everything in it, and reports about one credential."""

from dataclasses import replace
from datetime import UTC, datetime

from secretsweep.app.rotation.entries import Around
from secretsweep.checklist.tasks import guided
from secretsweep.model import (
    Consumer,
    Credential,
    Entry,
    Event,
    Exposure,
    Judgement,
    Occurrence,
    Reference,
    Secret,
    Sighting,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ID = "0123456789abcdef0123456789abcdef"


def entry(name: str = ID, **changes: object) -> Entry:
    """An open entry about a PostgreSQL password."""
    made = Entry(
        id=name,
        rule="generic-password",
        name="Password",
        kind="password",
        provider="Generic",
        severity="high",
        confidence="high",
        preview="••••••••",
        guide="postgresql",
        overlap="",
        state="open",
        opened="2026-03-01T12:00:00+00:00",
        deadline="2026-03-08T12:00:00+00:00",
        public="no",
        repository="shop",
        exposures=(
            Exposure("values.yaml", 3, "auth.password", "helm", True, "a" * 40, "Ada <ada@example.org>",
                     "2025-01-02T03:04:05+01:00"),
            Exposure("old.yaml", 9, "auth.password", "helm", False, "b" * 40, "Bob <bob@example.org>",
                     "2024-01-02T03:04:05+01:00", "c" * 40, "2024-02-02T03:04:05+01:00"),
        ),
        owners=("@shop/platform",),
        consumers=(Consumer("Deployment/shop/api", "templates/api.yaml", 12),),
        reference=Reference("vault", "iac/shop/auth-password", "value", "secret", 2),
        identifiers={"role": "shop"},
        judgement=Judgement("unknown", "db.example.org", "2026-03-01T12:00:00+00:00", "timeout", "no answer"),
        events=(Event("2026-03-01T12:00:00+00:00", "ada@example.org", "opened", "found"),),
    )  # fmt: skip
    made = replace(made, **changes)  # type: ignore[arg-type]
    return replace(made, **guided(made))


def credential(path: str = "values.yaml", *, in_head: bool = True, commit: str | None = "a" * 40,
               when: str = "2025-01-02T03:04:05+01:00", severity: str = "high") -> Credential:  # fmt: skip
    """As an audit reports it."""
    sighting = Sighting(commit, path, when, "Ada <ada@example.org>") if when else None
    place = Occurrence(path, 3, 3, 1, 9, "helm", "auth.password", "generic-password", "high",
                       introduced=sighting, in_head=in_head)  # fmt: skip
    return Credential(ID, "generic-password", "Password", "password", "Generic", severity, "high", "••••••••",
                      Secret(b""), (place,), in_head, sighting)  # fmt: skip


def around(now: datetime = NOW, **changes: object) -> Around:
    return replace(Around(now=now, who="ada@example.org", guide={"generic-password": "postgresql"}), **changes)  # type: ignore[arg-type]
