"""A history that holds credentials in every place that a git history has, and the same places without."""

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from repositories import Repo, password, token

NAMES = (
    "text", "deleted", "base64", "longer base64", "wrapped base64", "gzip in base64", "zip", "nested", "gzip", "bzip2",
    "xz", "tar", "commit", "tag", "note", "state", "utf-16", "file name", "branch", "ref", "author", "merge", "octopus",
    "symlink", "binary", "json", "percent", "prose", "stash", "pull", "blob ref", "tree ref", "nested tag", "light",
    "private tag",
)  # fmt: skip


def line(name: str) -> str:
    return f"token: {token(name)}\n"


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def taped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def state(*values: str) -> str:
    resources = [
        {
            "mode": "managed", "type": "aws_db_instance", "name": f"db{n}", "provider": "aws",
            "instances": [{"attributes": {"id": f"db-{n}", "password": value}}],
        }
        for n, value in enumerate(values)
    ]  # fmt: skip
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "serial": 1, "resources": resources}, indent=2)


@dataclass
class Everything:
    repo: Repo
    values: dict[str, str] = field(default_factory=dict)
    before: str = ""  # the last commit without any credential


def everything(folder: Path) -> Everything:
    """The repository."""
    repo = Repo(folder)
    made = Everything(repo, {name: token(name) for name in NAMES})
    made.values["state"] = password("state")
    t = made.values
    repo.commit({"readme.txt": "hello\n", "old.txt": "old\n"}, "first")
    repo.run("commit", "-q", "--allow-empty", "-m", "nothing")
    made.before = repo.commit({"bin/run": "#!/bin/sh\n", "data.bin": bytes(range(256))}, "clean")
    repo.run("tag", "-a", "v0", "-m", "a clean release", made.before)
    one = repo.commit({"text.yml": line("text"), "gone.yml": line("deleted")})
    repo.commit({"gone.yml": None})
    user_data = "#!/bin/sh\nset -e\nexport A=1\n" + line("longer base64") + "echo done\n"
    repo.commit(
        {
            "secret.yml": f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  token: {b64(t['base64'])}\n",
            "main.tf": f'resource "x" "y" {{\n  user_data = "{b64(user_data)}"\n}}\n',
            "wrapped.txt": base64.encodebytes(("x" * 61 + "\n" + line("wrapped base64") + "y" * 80).encode()),
            "cloud.yml": f"user_data: {b64(gzip.compress(line('gzip in base64').encode() * 3, mtime=0))}\n",
            "terraform.tfstate": state(t["state"]),
            "windows.reg": ("\ufeff" + line("utf-16")).encode("utf-16-le"),
            "image.bin": b"\x7fELF\0\0" + f"token={t['binary']}".encode() + b"\0\0",
            "nested.json": json.dumps({"a": json.dumps({"token": t["json"]})}),
            "url.txt": "https://x.example.org/?next=" + "%3A%2F%2Fu%3A" + t["percent"] + "%40host\n",
            "notes.md": f"In the old days we used {t['prose']} for it, and {b64('key ' + t['prose'])} too.\n",
        },
        "encodings",
    )
    repo.commit(
        {
            "app.zip": packed({"app/conf.yml": line("zip").encode(), "app/other": b"other"}),
            "nested.tgz": gzip.compress(taped({"x.zip": packed({"c.yml": line("nested").encode()})}), mtime=0),
            "app.yml.gz": gzip.compress(line("gzip").encode(), mtime=0),
            "app.yml.bz2": bz2.compress(line("bzip2").encode()),
            "app.yml.xz": lzma.compress(line("xz").encode()),
            "files.tar": taped({"conf.yml": line("tar").encode(), "b": b"b"}),
            "clean.zip": packed({"a": b"nothing"}),
        },
        "archives",
    )
    repo.commit({"a.txt": "a\n"}, f"deploy with {t['commit']}\n\nand more\n")
    repo.commit({f"keys/{t['file name']}.txt": line("file name"), "keys/other": "y\n"}, "names")
    repo.commit({f"keys/{t['file name']}.txt": None}, "names go")
    repo.commit({"b.txt": "b\n", "who.yml": line("author")}, "by a token", author=f"bot <{t['author']}@example.org>")
    repo.commit({"c.txt": "c\n"}, f"see {one[:10]} and {made.before[:10]}")
    (repo.path / "link").symlink_to(f"https://x:{t['symlink']}@host/")
    repo.write("link.yml", line("symlink"))
    repo.commit({}, "link")
    _merges(repo)
    _refs(repo, t)
    return made


def _merges(repo: Repo) -> None:
    head = repo.text("rev-parse", "HEAD")
    base = {"merge.yml": "a: 1\n"}
    sides = [repo.snapshot(base | {f"side-{n}": f"{n}\n"}, [head]) for n in range(4)]
    two = repo.snapshot(base | {"merge.yml": line("merge")}, sides[:2], ref="refs/heads/merged")
    repo.snapshot(base | {"octopus.yml": line("octopus")}, [two, *sides[2:]], ref="refs/heads/octopus")


def _refs(repo: Repo, t: dict[str, str]) -> None:
    head = repo.text("rev-parse", "HEAD")
    repo.run("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendor/module")
    repo.write(".gitmodules", '[submodule "m"]\n\tpath = vendor/module\n\turl = https://example.org/m.git\n')
    repo.run("add", ".gitmodules")
    repo.run("commit", "-q", "-m", "submodule")
    repo.snapshot({"branch.yml": line("branch")}, [head], ref="refs/heads/feature")
    repo.snapshot({"ref.yml": line("ref")}, [head], ref=f"refs/heads/leak-{t['ref']}")
    repo.snapshot({"pull.yml": line("pull")}, [head], ref="refs/pull/7/head")
    repo.snapshot({"light.yml": line("light")}, [head], ref="refs/tags/light")
    repo.run("tag", "-a", "v1", "-m", f"Release\n\nwith {t['tag']}\n", head)
    inner = repo.text("rev-parse", "refs/tags/v1")
    repo.run("tag", "-a", "outer", "-m", f"about {t['nested tag']}\n", inner)
    repo.run("update-ref", "refs/blobs/one", repo.blob(line("blob ref")))
    repo.run("update-ref", "refs/trees/one", repo.tree({"d/tree.yml": line("tree ref"), "clean": "clean\n"}))
    repo.run("tag", "-a", "moved", "-m", f"old {t['private tag']}\n", head)
    repo.run("update-ref", "refs/pull/8/tag", repo.text("rev-parse", "refs/tags/moved"))
    repo.run("tag", "-d", "moved")
    for target in (head, repo.text("rev-parse", "HEAD~3"), "refs/tags/v0^{commit}"):
        repo.run("notes", "add", "-f", "-m", f"checked {t['note']}\n", target)
    repo.write("text.yml", line("stash"))
    repo.run("stash", "push", "-q")
