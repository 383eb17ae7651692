"""What the commands of the checklist share: which ledger, which entry, and which tracker."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from secretsweep import config as settings_of
from secretsweep import trackers
from secretsweep.app.accepted import started_in
from secretsweep.app.rotation import ledger as ledgers
from secretsweep.app.rotation import syncing
from secretsweep.app.rotation.ledger import Ledger
from secretsweep.app.rotation.opening import present
from secretsweep.config import Config
from secretsweep.errors import TrackerError, UsageError
from secretsweep.git.repository import Repository
from secretsweep.model import Blob, Entry
from secretsweep.trackers import markdown


@contextmanager
def ledger(file: str | None, repository: Repository | None) -> Iterator[Ledger]:
    """The ledger in `file`, else that of the repository."""
    found = Ledger(Path(file) if file else ledgers.place(repository))
    try:
        yield found
    finally:
        found.close()


def home() -> Repository | None:
    """The repository that the command is started in."""
    return started_in()


def settings(repository: Repository | None, file: str | None = None) -> Config:
    """The configuration in force."""
    folder = (repository.top if repository else None) or Path(".")
    return settings_of.merged(settings_of.read(folder, Path(file) if file else None), os.environ)


def nowhere(name: str, options: trackers.Options, repository: Repository | None) -> str:
    """Why a file has no place to be; "" when it has one."""
    if name == markdown.NAME and not options.where and repository is not None and repository.top is None:
        return f"a bare repository has no place for {markdown.FILE}; --where FILE names one, the ledger has it all"
    return ""


def tracker(name: str, options: trackers.Options, repository: Repository | None) -> trackers.Tracker:
    """A tracker by its name; a file is named from the repository's top unless it was named otherwise.

    What the repository's remote is called goes along: a tracker on the same host takes its place from there.
    """
    if why := nowhere(name, options, repository):
        raise UsageError(why)
    if name == markdown.NAME and not options.where:
        top = repository.top if repository else None
        options = replace(options, where=str((top or Path(".")) / markdown.FILE))
    elif not options.where and repository is not None:
        options = replace(options, origin=origin(repository))
    return trackers.named(name).connected(options, os.environ)


def origin(repository: Repository) -> str:
    """`host/path` of the remote `origin`, without a login or a port; "" when it is no URL of a host."""
    url = repository.git.text("config", "--get", "remote.origin.url", fails=False).strip()
    if "://" in url:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
    else:  # git's own short form: user@host:path
        host, colon, path = url.rpartition("@")[2].partition(":")
        host = host if colon else ""
    found = f"{host.lower()}/{path.strip('/').removesuffix('.git')}"
    return found if re.fullmatch(r"[a-z0-9.-]+/[\w./-]+", found) else ""


def told(
    book: Ledger, entry: Entry, repository: Repository | None, options: trackers.Options, name: str = ""
) -> list[str]:
    """Bring a change to every tracker that has the entry; what could not be told is an error of a kind of its own.

    `options` are of the tracker called `name`, or of the only service: no token goes to another one's address.
    """
    services = {posted.tracker for posted in entry.posted} - {markdown.NAME}
    name = name or (services.pop() if len(services) == 1 else "")
    lines: list[str] = []
    failed: list[str] = []
    for posted in entry.posted:
        where = "" if posted.tracker == markdown.NAME else posted.where
        asked = replace(options if posted.tracker == name else no_options(), where=where)
        try:
            with_it = tracker(posted.tracker, asked, repository)
            done = syncing.synced(book, with_it, posted.tracker, present(), [entry.id])
            lines += done.lines
        except (TrackerError, UsageError) as error:
            failed.append(f"{posted.tracker}: {error}")
    if failed:
        raise TrackerError(f"the ledger has it, but {'; '.join(failed)}; `secretsweep checklist sync` brings it there")
    return lines


def no_options() -> trackers.Options:
    """A tracker as it was."""
    return trackers.Options()


def harmless(text: str, name: str) -> str:
    """`text` that a person wrote to be kept and shown. UsageError when it looks as if it held a credential."""
    from secretsweep.detect.engine import Engine
    from secretsweep.detect.gate import cache_folder
    from secretsweep.rules._cache import in_force

    if text.strip():
        rules = in_force(cache_folder(), (), ())
        found = Engine(rules.rules, cache_folder(), False).scan(Blob("", f"{name}.txt", text.encode()), [])
        if found:
            raise UsageError(
                f"{name}: looks as if it held a credential ({found[0].rule}); write where it is seen instead"
            )
    return text
