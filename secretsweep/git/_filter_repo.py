"""git-filter-repo, in a process of its own: it works in the current folder, prints, and ends by SystemExit.

Started by `filtering.py`. What to change comes through standard input, so that no file and no argument holds a value:
one JSON object, bytes as latin-1 text. Beside what git-filter-repo's own expressions do to messages, its callbacks are
tables: object id -> id of the cleaned blob, id -> whole message, path -> path, name -> name, ref -> ref.
"""

import json
import os
import sys
import threading
from typing import Any

_OPTIONS = (
    *("--force", "--quiet", "--preserve-commit-hashes", "--preserve-commit-encoding"),
    *("--replace-refs", "update-no-add"),
    *("--prune-empty", "never", "--prune-degenerate", "never"),
)


def main() -> None:
    import git_filter_repo as filter_repo

    folder = sys.argv[1]
    wanted = json.load(sys.stdin)
    os.chdir(folder)

    def table(name: str) -> dict[bytes, bytes]:
        return {k.encode("latin-1"): v.encode("latin-1") for k, v in wanted[name].items()}

    blobs, messages, paths, people = (table(name) for name in ("blobs", "messages", "paths", "people"))

    def commit(element: Any, metadata: Any) -> None:
        for change in element.file_changes:
            if change.blob_id in blobs:
                change.blob_id = blobs[change.blob_id]
        element.message = messages.get(element.original_id, element.message)

    def tag(element: Any, metadata: Any) -> None:
        element.message = messages.get(element.original_id, element.message)

    with_expressions = f"/dev/fd/{_fed(wanted['expressions'].encode('latin-1'))}"
    arguments = [*_OPTIONS, "--replace-message", with_expressions, "--refs", *wanted["refs"]]
    filter_repo.RepoFilter(
        filter_repo.FilteringOptions.parse_args(arguments),
        filename_callback=(lambda name: paths.get(name, name)) if paths else None,
        name_callback=(lambda name: people.get(name, name)) if people else None,
        email_callback=(lambda name: people.get(name, name)) if people else None,
        commit_callback=commit,
        tag_callback=tag,
    ).run()


def _fed(data: bytes) -> int:
    """A descriptor to read `data` from."""
    ours, theirs = os.pipe()

    def feed() -> None:
        with os.fdopen(theirs, "wb") as out:
            out.write(data)

    threading.Thread(target=feed, daemon=True).start()
    return ours


if __name__ == "__main__":
    main()
