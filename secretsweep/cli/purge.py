"""secretsweep purge: plan, rehearse and prove a clean-up of the history. Nothing is ever pushed."""

import sys

import click

from secretsweep.cli._options import FINDINGS, INCOMPLETE, allowed_reasons
from secretsweep.reports import _safe


@click.command()
@click.argument("repo", default=".")
@click.option("--plan", "folder", type=click.Path(), help="Write script, texts and lists to this new folder.")
@click.option("--rehearse", is_flag=True, help="Do it on a mirror clone in a temporary folder, and prove it.")
@click.option("--run", "running", is_flag=True, help="Rewrite REPO, a fresh mirror clone, as purge.sh does.")
@click.option("--verify", "target", metavar="COPY", help="Search COPY, a path or URL, for what REPO's history holds.")
@click.option("--id", "wanted", multiple=True, metavar="ID", help="Only this credential, and purge it; again for more.")
@click.option("--public/--private", "public", default=None, help="Who can read the repository [nobody said].")
@click.option("--format", "-f", "fmt", type=click.Choice(("text", "json")), default="text", help="Of output [text].")
@click.option("--allow-incomplete", metavar="REASON,…", help="Do not exit 3 when something was not read for these.")
@click.option("-j", "--jobs", type=click.IntRange(1, 64), default=None, help="Worker processes [one a core].")
@click.option("--trust", is_flag=True, help="Believe the configuration, baseline and markers of a foreign repository.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Configuration to use.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on standard error.")
def command(
    repo: str,
    folder: str | None,
    rehearse: bool,
    running: bool,
    target: str | None,
    wanted: tuple[str, ...],
    public: bool | None,
    fmt: str,
    allow_incomplete: str | None,
    jobs: int | None,
    trust: bool,
    config: str | None,
    quiet: bool,
) -> int:
    """Take credentials out of the history of REPO, a path or a URL: what to purge, and how, proven on a copy.

    Without an option: what is decided for each credential, and why. REPO itself is only read, and nothing is pushed.
    """
    from secretsweep.app.purging import folder as folders
    from secretsweep.app.purging import running as work_of
    from secretsweep.app.rotation import standing
    from secretsweep.cli import _setup
    from secretsweep.cli._progress import progress
    from secretsweep.errors import UsageError
    from secretsweep.git import filtering
    from secretsweep.git.mirror import check_mirror
    from secretsweep.git.repository import is_url, opened

    if sum((running, target is not None, bool(folder or rehearse))) > 1:
        raise UsageError("--run, --verify, and --plan or --rehearse: one at a time")
    allowed = allowed_reasons(allow_incomplete)
    if folder:
        folders.check(folder)
    if folder or rehearse or running:
        filtering.installed()
    if running and is_url(repo):
        raise UsageError("--run: rewrites a mirror clone on this machine: git clone --mirror URL FOLDER")

    def step(said: str) -> None:
        if not quiet:
            print(_safe.shown(f"secretsweep: {said}"), file=sys.stderr)

    with opened(repo) as source:
        if running:
            check_mirror(source)
        own = work_of.own_settings(source, config, trust, jobs)
        with progress(quiet) as update:
            said_public = {"yes": True, "no": False}.get(own.config.public) if public is None else public
            states = standing.states(source, own.trusted)
            work = work_of.prepared(source, own, _setup.jobs(own.config.jobs), update, wanted, said_public, states)
        if target is not None:
            done = work_of.without_too_large(work_of.verified(work, target))
            print(work_of.shown_proof(work, done, fmt))
            return _code(bool(done.left), [s.reason for s in done.skipped], allowed)
        if not (folder or rehearse or running):
            print(work_of.shown_decisions(work, fmt))
            return FINDINGS if work.purged else 0
        if running:
            shown = work_of.run(work, step)
            said = "rewritten, not pushed"
        else:
            nothing = not (work.every if rehearse and not folder else work.purged)
            if nothing and folder:
                work_of.planned(work, folder, None, public)
                print('{"left": 0}' if fmt == "json" else f"nothing is to be purged; {folder}/PLAN.md says why")
                return 0
            shown = work_of.rehearsed(work, step, all_of_them=not folder)
            said = "rehearsed on a mirror clone"
        shown.proof = work_of.without_too_large(shown.proof)
        if folder:
            for name in work_of.planned(work, folder, shown, public):
                step(f"wrote {folder}/{name}")
        print(work_of.shown(work, shown, fmt, said))
    return _code(bool(shown.proof.left), [s.reason for s in shown.proof.skipped], allowed)


def _code(left: bool, skipped: list[str], allowed: tuple[str, ...]) -> int:
    """1 when something is left; 3 when something was not read, so that nobody knows."""
    if left:
        return FINDINGS
    return INCOMPLETE if any(reason not in allowed for reason in skipped) else 0
