"""Real git repositories, built by the test that needs them, with credentials that exist nowhere else."""

import os
import subprocess
import zlib
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from secretsweep.app.audit import Request, audit
from secretsweep.detect.gate import cache_folder
from secretsweep.git.history import Selection
from secretsweep.git.repository import Repository, opened
from secretsweep.model import Credential, Occurrence, Report
from secretsweep.reports import json as json_report
from secretsweep.rules import load
from secretsweep.rules.placeholders import fill

START = 1_700_000_000  # the first commit's date; every further one is an hour later
ADA = "Ada <ada@example.org>"


def token(name: str) -> str:
    """A GitHub token with a right checksum; the same for the same name."""
    return fill("ghp_${alnum:30}${checksum_github}", zlib.crc32(name.encode()))


def password(name: str) -> str:
    """A password such as people choose."""
    return "Tr0ub4dor&" + fill("${alnum:8}", zlib.crc32(name.encode())) + "-x9"


def hcl(value: str) -> str:
    """A Terraform file with a password on line 2, column 15."""
    return f'provider "acme" {{\n  password = "{value}"\n}}\n'


def environment(home: Path) -> dict[str, str]:
    """What git may know of the machine: nothing."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }


class Repo:
    """A repository at `path`. Every commit is an hour younger than the one before, unless the caller says when."""

    def __init__(self, path: Path, *options: str, create: bool = True) -> None:
        self.path = path
        self._now = START
        if create:
            path.mkdir(parents=True, exist_ok=True)
            self.run("init", "-q", "-b", "main", *options)

    def run(self, *args: str, data: bytes = b"", env: Mapping[str, str] | None = None, fails: bool = True) -> bytes:
        """Output of a git command, which must succeed unless `fails` is false."""
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *args],
            cwd=self.path,
            env=environment(self.path) | _identity(ADA, f"{self._now} +0000") | dict(env or {}),
            input=data,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0 or not fails, f"git {' '.join(args)}: {done.stderr.decode('utf-8', 'replace')}"
        return done.stdout

    def text(self, *args: str, **options: object) -> str:
        return os.fsdecode(self.run(*args, **options)).strip()  # type: ignore[arg-type]

    def write(self, path: str | bytes, content: str | bytes) -> None:
        target = os.path.join(os.fsencode(self.path), os.fsencode(path))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as out:
            out.write(_bytes(content))

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        message: str = "change",
        *,
        author: str = ADA,
        when: str = "",
        committed: str = "",
        amend: bool = False,
    ) -> str:
        """Write (or with None remove) files in the working tree and commit everything; the commit's id."""
        for path, content in files.items():
            if content is None:
                (self.path / path).unlink()
            else:
                self.write(path, content)
        self.run("add", "-A")
        self._now += 3600
        dates = _identity(author, when or f"{self._now} +0000", committed)
        options = ("--allow-empty", "--cleanup=verbatim", *(("--amend",) if amend else ()))
        self.run("commit", "-q", *options, "-F", "-", data=message.encode(), env=dates)
        return self.text("rev-parse", "HEAD")

    def blob(self, content: str | bytes) -> str:
        """A loose object that nothing names."""
        return self.text("hash-object", "-w", "--stdin", data=_bytes(content))

    def tree(self, files: Mapping[str | bytes, str | bytes], mode: str = "100644") -> str:
        """A tree object of these files, made without a working tree."""
        index = {"GIT_INDEX_FILE": str(self.path / "index-of-a-test")}
        entries = [
            f"{mode} {content.decode() if _is_id(content) else self.blob(content)}\t".encode()
            + os.fsencode(path)
            + b"\0"
            for path, content in files.items()
        ]
        self.run("update-index", "-z", "--index-info", data=b"".join(entries), env=index)
        written = self.text("write-tree", env=index)
        (self.path / "index-of-a-test").unlink(missing_ok=True)
        return written

    def snapshot(
        self,
        files: Mapping[str | bytes, str | bytes],
        parents: Iterable[str] = (),
        message: str = "change",
        *,
        author: str = ADA,
        when: str = "",
        committed: str = "",
        ref: str = "",
        mode: str = "100644",
    ) -> str:
        """A commit that holds exactly these files, made without a working tree; `ref` is set to it."""
        self._now += 3600
        tree = self.tree(files, mode)
        above = [part for parent in parents for part in ("-p", parent)]
        dates = _identity(author, when or f"{self._now} +0000", committed)
        commit = self.text("commit-tree", tree, *above, "-F", "-", data=message.encode(), env=dates)
        if ref:
            self.run("update-ref", ref, commit)
        return commit

    def clone(self, target: Path, *options: str) -> "Repo":
        """A clone over the file:// transport, which copies what refs reach and nothing else."""
        self.run("clone", "-q", *options, self.url, str(target))
        return Repo(target, create=False)

    @property
    def url(self) -> str:
        return f"file://{self.path}"


def _identity(author: str, when: str, committed: str = "") -> dict[str, str]:
    name, _, email = author.partition(" <")
    return {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email.rstrip(">"),
        "GIT_AUTHOR_DATE": when,
        "GIT_COMMITTER_NAME": "Grace",
        "GIT_COMMITTER_EMAIL": "grace@example.org",
        "GIT_COMMITTER_DATE": committed or when,
    }


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _is_id(content: str | bytes) -> bool:
    """Whether bytes are the id of an object that is there already."""
    return isinstance(content, bytes) and len(content) == 40 and all(c in b"0123456789abcdef" for c in content)


def target(repo: "Repo | Path | str") -> AbstractContextManager[Repository]:
    return opened(str(repo.path if isinstance(repo, Repo) else repo))


def audited(
    repo: Repo | Path | str,
    *,
    since: str = "",
    ref: str = "",
    path: str = "",
    jobs: int = 1,
    trusted: bool = True,
    explain: bool = False,
) -> Report:
    """The report of an audit with the rules that are shipped."""
    request = Request(
        rules=load.load(),
        rules_digest="sha256:test",
        selection=Selection(since, ref, path),
        jobs=jobs,
        trusted=trusted,
        explain=explain,
        cache=cache_folder(),
    )
    with target(repo) as repository:
        report, interrupted = audit(repository, request, lambda *_: None)
    assert not interrupted
    return report


def values(report: Report) -> list[str]:
    """The plaintext of every credential, sorted."""
    return sorted(c.secret.reveal().decode("utf-8", "replace") for c in report.credentials)


def credential(report: Report, value: str) -> Credential:
    """The one credential with this value."""
    found = [c for c in report.credentials if c.secret.reveal() == value.encode()]
    places = [(c.rule, [o.path for o in c.occurrences]) for c in report.credentials]
    assert len(found) == 1, f"{len(found)} credentials have this value; there are {places}"
    return found[0]


def only(report: Report, value: str) -> Occurrence:
    """The one place of the one credential with this value."""
    occurrences = credential(report, value).occurrences
    assert len(occurrences) == 1, occurrences
    return occurrences[0]


@dataclass(frozen=True)
class Seen:
    """Where and since when: what a person reads of an occurrence."""

    path: str
    line: int
    column: int
    commit: str | None
    removed: str | None
    in_head: bool
    reachable: str
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def seen(occurrence: Occurrence) -> Seen:
    return Seen(
        occurrence.path,
        occurrence.line,
        occurrence.column,
        occurrence.introduced.commit if occurrence.introduced else None,
        occurrence.removed.commit if occurrence.removed else None,
        occurrence.in_head,
        occurrence.reachable,
        occurrence.branches,
        occurrence.tags,
    )


def rendered(report: Report) -> str:
    """The report as JSON."""
    out = StringIO()
    json_report.render(report, out)
    return out.getvalue()


def reasons(report: Report) -> list[tuple[str, str]]:
    """(reason, path) of everything that was not read."""
    return [(skip.reason, skip.path) for skip in report.coverage.skipped]
