"""cloud-init's own keys: it resolves nothing, so a value can only come from a command that it runs. That is said.

Syntax: docs.cloud-init.io/en/latest/reference/modules.html (set_passwords, users_groups, write_files, runcmd). Scripts
in it are the shell's.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import Change, Refusal, Spot
from secretsweep.writers import File, Tree, _fetch, _sops

FORMATS = ("cloud-init",)
PARTS = True  # nothing is written: the credential itself is what people are told of

_LOGIN = lazyre.compile(r"chpasswd\.(?:list|users\[\d+\])(?:\.([\w.$@+\-]+))?\.password\Z")
_USER = lazyre.compile(r"users\[\d+\]\.(?:plain_text_passwd|hashed_passwd|passwd)\Z")
_WORDS = lazyre.compile(r"(?:runcmd|bootcmd)\[\d+\]")
_FILE = lazyre.compile(r"write_files\b")


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Why not, and what to write."""
    others = yield from _sops.left(
        spots,
        "the machine has neither the file of sops nor a key for it",
        "let it read the value when it starts, from a store of its cloud, with a role",
    )
    for spot in others:
        fetch = _fetch.command(spot.reference) or "the store's command"
        yield Refusal(spot, *_said(spot.key, fetch))


def _said(key: str, fetch: str) -> tuple[str, str]:
    if (login := _LOGIN.search(key)) or _USER.search(key):
        user = (login[1] if login else None) or "USER"
        return (
            "cloud-init sets this password as it is written",
            f'take it out, store it, and set it in runcmd: echo "{user}:$({fetch})" | chpasswd',
        )
    if _WORDS.match(key):
        return "a list of words runs without a shell, so nothing is fetched", "write the command as one string"
    if _FILE.search(key):
        return "cloud-init writes this file as it is", f"store it, and write the file in runcmd, with {fetch}"
    return "cloud-init resolves no references", f"store it, and fetch it in runcmd: {fetch}"
