"""What a plan says to people and to a shell: what to do, in which order, and whom to tell. No text holds a value."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from secretsweep.app.purging.deciding import Decision
from secretsweep.app.purging.rehearsing import Rehearsal

_SHOWN = 50  # lines of a list; the whole of it is in plan.json

_SCRIPT = """#!/bin/sh
# Rewrites a fresh mirror clone without the credentials of the plan, and proves it. It never pushes.
# The values are in no file: secretsweep finds them again in the clone, by the ids below.
# Usage: purge.sh [URL-OR-PATH [NEW-FOLDER]]
set -eu
umask 077
url=${1:-@url@}
mirror=${2:-purged.git}
[ -n "$url" ] || { echo "usage: $0 URL-OR-PATH [NEW-FOLDER]" >&2; exit 2; }
if [ -e "$mirror" ] || [ -L "$mirror" ]; then
    echo "$mirror is there already: a purge begins with a fresh clone" >&2
    exit 2
fi
command -v secretsweep >/dev/null || { echo "secretsweep is not on PATH" >&2; exit 2; }
git clone --mirror -- "$url" "$mirror"
secretsweep purge "$mirror" --run@ids@
cat <<END
The clone in $mirror is rewritten; nothing was pushed. When PLAN.md is worked off up to this step:
    git -C "$mirror" push --force --mirror origin
The host refuses refs of pull requests: that is expected, its support removes them.
Then prove it on what the host gives out now, from a clone that still has the old history:
    secretsweep purge OLD-CLONE --verify "$url"@ids@
END
"""


def script(url: str, ids: Iterable[str]) -> str:
    """The shell script of the plan."""
    given = "".join(f" --id {one}" for one in sorted(ids))
    return _SCRIPT.replace("@url@", shlex.quote(url) if url else "").replace("@ids@", given)


def plan(decisions: Sequence[Decision], rehearsal: Rehearsal | None, public: bool | None) -> str:
    """PLAN.md."""
    return "\n".join(_plan(decisions, rehearsal, public)) + "\n"


def _plan(decisions: Sequence[Decision], rehearsal: Rehearsal | None, public: bool | None) -> Iterator[str]:
    purged = [d for d in decisions if d.purge]
    yield "# Purging the history"
    yield ""
    yield "A rewrite makes no credential safe: who has seen it still has it, in clones, forks, caches and logs."
    yield "**Rotate first, everything below.** A purge only stops further copies, and it has a price for everybody."
    yield ""
    yield f"The repository is taken for {_audience(public)}."
    yield ""
    yield "## Decisions"
    yield ""
    for decision in decisions:
        c = decision.credential
        yield f"- **{decision.name}** `{c.id}` {c.name} ({c.severity}): {'; '.join(decision.reasons)}"
        yield from (f"  - {note}" for note in decision.notes)
        yield from (f"  - `{path}`" for path in sorted({o.path for o in c.occurrences})[:5])
    if not decisions:
        yield "- nothing was found"
    yield ""
    if not purged or rehearsal is None:
        yield "Nothing is to be purged: rotate, and let the history be."
        return
    yield from _cost(rehearsal)
    yield from _order(rehearsal)


def _audience(public: bool | None) -> str:
    if public is None:
        return "private, as nobody said (`--public` or `--private`)"
    return "public" if public else "private"


def _cost(rehearsal: Rehearsal) -> Iterator[str]:
    facts, done = rehearsal.facts, rehearsal.rewrite
    yield "## What it changes (rehearsed on a mirror clone)"
    yield ""
    yield f"- Commits that become others: {facts.commits:,} of {facts.total:,}; the rewrite begins with:"
    yield from _listed(facts.first)
    yield f"- Refs that move: {len(facts.refs)}"
    yield from _listed(facts.refs)
    yield f"- Tags among them: {len(facts.tags)}; releases and packages made from them keep the old content."
    yield f"- Refs of pull or merge requests: {len(facts.pulls)}. Only the host can remove them: see support.md."
    yield f"- Signatures that go: {facts.signed_commits} commits, {facts.signed_tags} tags. Sign the tags again."
    yield f"- Commits named in HEAD's files that will be others: {len(facts.pins)}"
    yield from _listed(f"{pin.path}:{pin.line} {pin.commit[:12]} ({pin.kind})" for pin in facts.pins)
    yield f"- Messages that name such a commit: {facts.mentioned}. They stay; filter-repo/commit-map has old and new."
    yield f"- Files cleaned: {len(done.blobs) - len(done.dropped)}; removed as a whole, as they cannot be:"
    yield from _listed(f"{oid[:12]} ({why})" for oid, why in sorted(done.dropped.items())) or ("  - none",)
    yield f"- Left after it: {len(rehearsal.proof.left)}"
    yield ""
    yield "What nobody can see from here, so ask:"
    yield ""
    yield "- Forks: each has all of it. On GitHub: `gh api repos/OWNER/REPO/forks --paginate -q '.[].full_name'`; on"
    yield "  GitLab: `glab api projects/ID/forks`. Their owners delete or rewrite them; private ones you may not see."
    yield "- Other repositories that pin a commit of this one (submodules, Terraform `?ref=`, workflows' `uses: x@sha`,"
    yield "  Go modules, Argo CD and Flux sources): search your organisation for the ids under *begins with*."
    yield "- Copies outside git: CI logs, artifacts, caches, container layers, packages, release files, wikis, mirrors."
    if facts.lfs:
        yield f"- {facts.lfs} files of HEAD are LFS pointers. LFS content is not in git and was not rewritten: delete"
        yield "  objects that hold a credential on the server, by its support or API."
    if facts.submodules:
        yield f"- Submodules ({', '.join(facts.submodules[:5])}) keep their pins and have histories of their own."
    if rehearsal.hidden:
        yield f"- {len(rehearsal.hidden)} refs were not given out by the clone and were not rewritten."
    yield ""


def _order(rehearsal: Rehearsal) -> Iterator[str]:
    yield "## In this order"
    yield ""
    yield "1. [ ] Rotate every credential above, purged or not; look for misuse since its first commit."
    yield "2. [ ] Take what is still in HEAD out of the files, and merge that."
    yield "3. [ ] Announce it (colleagues.md). Merge or close open pull requests. Stop pushes: protect the branches."
    yield "4. [ ] `./purge.sh`. It clones afresh, rewrites the clone and proves it. It does not push, it says how."
    yield "5. [ ] Allow force pushes for as long as it takes; push; protect again."
    yield "6. [ ] Write to the host's support (support.md). Until they are done, old commits can be fetched by id."
    yield "7. [ ] Prove it on what the host gives out: the `--verify` command that purge.sh prints."
    yield "8. [ ] Everybody clones afresh. Install `secretsweep hook` or pre-receive, so that nothing comes back."
    if rehearsal.local:
        held = ", ".join(f"{count} in {how}" for how, count in sorted(rehearsal.local.items()))
        yield ""
        yield f"This clone has further places that a fresh one has not ({held}). Delete it afterwards, or:"
        yield ""
        yield "    git stash clear; git reflog expire --expire=now --all; git gc --prune=now"


def colleagues(rehearsal: Rehearsal) -> str:
    """The announcement."""
    facts = rehearsal.facts
    return f"""Subject: the history of this repository is rewritten on DATE

Credentials were committed to this repository. They are rotated; now they are taken out of its history, too.
{facts.commits:,} of {facts.total:,} commits get new ids, and {len(facts.refs)} branches, tags and other refs move.

Before DATE
- Push what you have, and have it merged or closed; nothing is accepted while we rewrite.
- What must survive without being merged: `git format-patch origin/main..your-branch`, and keep the files.

After DATE
- Delete your clone and clone again. Do not pull, do not merge and do not rebase: an old branch that is merged
  brings the whole old history back.
- Apply what you kept on a new branch: `git am *.patch`. Look for credentials in it first: `secretsweep scan *.patch`.
- Delete your forks, or tell us about them: they have the old history.
- Links and pins to old commits, and signatures on them, do not hold any more. {len(facts.pins)} such pins are in our
  own files; look for others in what you own (submodules, Terraform modules, workflows, deployments).
- Worktrees, CI caches, build machines and mirrors are clones as well.
"""


def support(rehearsal: Rehearsal) -> str:
    """The letter to the host."""
    facts = rehearsal.facts
    first = "\n".join(f"  {oid}" for oid in facts.first[:_SHOWN])
    pulls = "\n".join(f"  {name}" for name in facts.pulls[:_SHOWN]) or "  none that we know of"
    return f"""Subject: removal of sensitive data from OWNER/REPOSITORY

We have removed credentials from the history of OWNER/REPOSITORY with git-filter-repo, and have force-pushed all refs.
The credentials are rotated. Please remove what we cannot reach:

- dereference or delete the pull or merge requests that hold old commits ({len(facts.pulls)}):
{pulls}
- collect garbage in the repository and in its network of forks
- purge cached views of old commits, files, comparisons and archives

First changed commits:
{first}

Number of commits rewritten: {facts.commits}
LFS objects orphaned: {f"please check; {facts.lfs} pointers are in the current files" if facts.lfs else "none"}

GitHub: https://support.github.com, "sensitive data removal"; they ask for the number of affected pull requests and the
first changed commits. GitLab: Settings > Repository > Repository maintenance > Remove blobs, or the clean-up that takes
filter-repo/commit-map, then housekeeping with pruning; on GitLab.com its support. Bitbucket and Azure DevOps: support.
"""


def _listed(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = [f"  - … and {len(every) - _SHOWN} more: plan.json"] if len(every) > _SHOWN else []
    return [f"  - {line}" for line in every[:_SHOWN]] + more
