"""Reports to render, with a value planted in each credential; as a program, it writes the golden files."""

import io
from dataclasses import replace
from pathlib import Path

from secretsweep import reports
from secretsweep.model import (
    Coverage,
    Credential,
    Dismissed,
    Occurrence,
    Report,
    Secret,
    Sighting,
    Skip,
    Target,
)

GOLDEN = Path(__file__).parents[2] / "fixtures" / "reports"
PLANTED = b"planted-value-7Q"

FIRST = Sighting("1a2b3c4d5e6f708192a3b4c5d6e7f80910203040", "main.tf", "2024-03-02T10:15:00+01:00", "Ada L")
GONE = Sighting("9f8e7d6c5b4a39281706f5e4d3c2b1a090807060", "main.tf", "2024-05-01T09:00:00+00:00", "Bo Ek")

PLACE = Occurrence(
    path="main.tf",
    line=12,
    end_line=12,
    column=15,
    end_column=55,
    format="terraform",
    key="variable.token.default",
    rule="github-pat",
    confidence="high",
    blob="b1" * 20,
    introduced=FIRST,
    in_head=True,
    branches=("main", "dev"),
)
TOKEN = Credential(
    id="11" * 16,
    rule="github-pat",
    name="GitHub personal access token (classic)",
    kind="api-token",
    provider="GitHub",
    severity="critical",
    confidence="high",
    preview="ghp_...",
    secret=Secret(PLANTED),
    occurrences=(PLACE,),
    in_head=True,
    introduced=FIRST,
)
MANIFEST = replace(PLACE, path="k8s/db.yaml", format="kubernetes", key="data.password", trail=("base64",))
SPREAD = tuple(
    replace(MANIFEST, line=line, end_line=line, in_head=False, removed=GONE, branches=(f"release/{line}",))
    for line in range(1, 9)
)
PASSWORD = replace(
    TOKEN,
    id="22" * 16,
    rule="generic-password",
    name="Password",
    kind="password",
    provider="",
    severity="high",
    confidence="medium",
    preview="",
    occurrences=SPREAD,
    in_head=False,
    removed=GONE,
)
HOOK = replace(
    TOKEN,
    id="33" * 16,
    rule="slack-webhook",
    name="Slack incoming webhook",
    kind="webhook-url",
    provider="Slack",
    severity="medium",
    state="live",
    preview="https://hooks.slack.com/services/...",
    occurrences=(
        replace(PLACE, path="", key="", format="text", in_head=False, reachable="commit-message"),
        replace(PLACE, path="a dir/ü[1].sh", key="", format="shell", in_head=False, reachable="stash"),
    ),
    in_head=False,
    introduced=Sighting(None, "", "", ""),
    advice=("Delete the app's webhook in Slack.", "Post a new URL to the vault."),
)
SKIPPED = (
    *(Skip("too-large", f"dumps/{n}.sql", f"{n:02}" * 20, "120 MB") for n in range(7)),
    Skip("shallow", "", "cc" * 20),
    Skip("lfs", "image.bin", "dd" * 20),
)

EVERYTHING = Report(
    version="1.2.3",
    rules="sha256:" + "ab" * 32,
    target=Target("history", "infra", "ee" * 20),
    coverage=Coverage(
        commits=37_806,
        objects=120_345,
        blobs=46_251,
        bytes=472_100_000,
        skipped=SKIPPED,
        fallbacks=3,
        notes=("The repository has a grafts file.",),
    ),
    credentials=(HOOK, TOKEN, PASSWORD),
    accepted=12,
    dismissed=(
        Dismissed("generic-password", "a reference", "main.tf", 4),
        Dismissed("generic-password", "a placeholder", "values.yaml", 9),
    ),
)
NOTHING = Report(
    version="1.2.3",
    rules="sha256:" + "ab" * 32,
    target=Target("files", "."),
    coverage=Coverage(files=12, bytes=3_400),
    credentials=(),
)


def rendered(name: str, report: Report, **options: int | bool) -> str:
    """What the format writes."""
    out = io.StringIO()
    reports.load(name).render(report, out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def golden(name: str) -> Path:
    """The golden file of a format."""
    return GOLDEN / f"everything.{'txt' if name == 'text' else name}"


if __name__ == "__main__":
    for format_name in reports.names():
        golden(format_name).write_text(rendered(format_name, EVERYTHING, verbose=0), "utf-8")
