"""Fakes of GitLab's and GitHub's APIs, since neither can be installed here: they keep state, and refuse what the
vendors' documentation does not allow: tokens, paths, fields and their kinds, ends of life."""

import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]


class Refusal(Exception):
    """A status, and what is said with it."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(status, said)
        self.answer: Answer = (status, {"message": said})


@contextmanager
def served(handle: Callable[[str, str, dict[str, list[str]], dict[str, str], Any], Answer]) -> Iterator[str]:
    """A local server around it; its address. Headers have lower-case names."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                body = json.loads(content) if content else None
                answer = handle(self.command, parts.path, parse_qs(parts.query), headers, body)
            except Refusal as refusal:
                answer = refusal.answer
            data = b"" if answer[1] is None else json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = do_PUT = _do

        def log_message(self, *given: Any) -> None:
            """Not on the terminal of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class GitLab:
    """Users, and tokens of persons, projects and groups."""

    SCOPES = frozenset("api read_api read_repository write_repository read_registry self_rotate".split())

    def __init__(self) -> None:
        self.users: dict[int, dict[str, Any]] = {1: {"id": 1, "username": "root", "is_admin": True}}
        self.tokens: list[dict[str, Any]] = []
        self.admin = str(self.add(1, ["api"], "admin")["token"])

    def user(self, name: str) -> int:
        number = max(self.users) + 1
        self.users[number] = {"id": number, "username": name, "is_admin": False}
        return number

    def bot(self, kind: str, owner: int) -> int:
        return self.user(f"{kind}_{owner}_bot_{secrets.token_hex(16)}")

    def add(self, user: int, scopes: list[str], name: str, days: int = 90, **further: Any) -> dict[str, Any]:
        made = {
            "id": len(self.tokens) + 40, "name": name, "scopes": scopes, "user_id": user, "active": True,
            "revoked": False, "token": "glpat-" + secrets.token_hex(10), "last_used_at": None,
            "created_at": datetime.now(UTC).isoformat(),
            "expires_at": (datetime.now(UTC).date() + timedelta(days=days)).isoformat(), "family": None, **further,
        }  # fmt: skip
        self.tokens.append(made)
        return made

    def opens(self, token: str) -> bool:
        return any(t["token"] == token and t["active"] for t in self.tokens)

    def active(self, user: int) -> list[dict[str, Any]]:
        return [t for t in self.tokens if t["user_id"] == user and t["active"]]

    def handle(self, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], body: Any) -> Answer:
        used = next((t for t in self.tokens if t["token"] == headers.get("private-token") and t["active"]), None)
        if used is None:
            raise Refusal(401, "401 Unauthorized")
        used["last_used_at"] = datetime.now(UTC).isoformat()
        me = self.users[used["user_id"]]
        assert path.startswith("/api/v4/"), path
        where = f"{method} {path.removeprefix('/api/v4/')}"
        if where == "GET personal_access_tokens/self":
            return 200, shown(used)
        if where == "GET user":
            if not {"api", "read_api"} & set(used["scopes"]):
                raise Refusal(403, "insufficient_scope")
            return 200, me
        if match := re.fullmatch(r"GET users/(\d+)", where):
            return 200, self.users[int(match[1])]
        if "api" not in used["scopes"]:
            raise Refusal(403, "insufficient_scope")
        if match := re.fullmatch(r"POST users/(\d+)/personal_access_tokens", where):
            if not me["is_admin"]:
                raise Refusal(403, "403 Forbidden")
            return 201, self._made(int(match[1]), body)
        own = r"(personal_access_tokens|(project|group)s/(\d+)/access_tokens)"
        if match := re.fullmatch(rf"GET {own}", where):
            users = [int(u) for u in query.get("user_id", ())] or self._of(match)
            return 200, [shown(t) for t in self.tokens if t["user_id"] in users and t["active"]]
        if match := re.fullmatch(rf"POST {own}", where):
            if match[2] is None:
                raise Refusal(404, "404 Not Found")
            if body.get("access_level") not in (10, 20, 30, 40, 50):
                raise Refusal(400, "access_level does not have a valid value")
            return 201, self._made(self.bot(match[2], int(match[3])), body, access_level=body["access_level"])
        if match := re.fullmatch(rf"(GET|DELETE|POST) {own}/(\d+)(/rotate)?", where):
            return self._one(match[1], int(match[5]), bool(match[6]), body)
        raise Refusal(404, "404 Not Found")

    def _of(self, match: "re.Match[str]") -> list[int]:
        begins = f"{match[2]}_{match[3]}_bot" if match[2] else ""
        return [number for number, user in self.users.items() if user["username"].startswith(begins)]

    def _one(self, method: str, number: int, rotates: bool, body: Any) -> Answer:
        found = next((t for t in self.tokens if t["id"] == number), None)
        if found is None:
            raise Refusal(404, "404 Not Found")
        if method == "GET" and not rotates:
            return 200, shown(found)
        if method == "DELETE" and not rotates:
            found |= {"active": False, "revoked": True}
            return 204, None
        if method == "POST" and rotates:
            if not found["active"]:  # taken for theft: the whole family goes
                for token in self.tokens:
                    if token["family"] == (found["family"] or found["id"]):
                        token |= {"active": False, "revoked": True}
                raise Refusal(401, "401 Unauthorized")
            found |= {"active": False, "revoked": True}
            further = {"access_level": found["access_level"]} if "access_level" in found else {}
            given = {"name": found["name"], "scopes": found["scopes"], **(body or {})}
            return 200, self._made(found["user_id"], given, family=found["family"] or found["id"], **further)
        raise Refusal(405, "405 Method Not Allowed")

    def _made(self, user: int, body: Any, **further: Any) -> dict[str, Any]:
        for name, kind in {"name": str, "scopes": list, "expires_at": str}.items():
            if not isinstance(body.get(name), kind) or not body[name]:
                raise Refusal(400, f"{name} is missing")
        if not set(body["scopes"]) <= self.SCOPES:
            raise Refusal(400, "scopes does not have a valid value")
        days = (date.fromisoformat(body["expires_at"]) - datetime.now(UTC).date()).days
        if not 0 < days <= 365:
            raise Refusal(400, "Expiration date must be before 365 days from now")
        return shown(self.add(user, body["scopes"], body["name"], days, **further), secret=True)


def shown(token: dict[str, Any], secret: bool = False) -> dict[str, Any]:
    """As the API writes one: the value only when it was made."""
    return {name: value for name, value in token.items() if name != "family" and (secret or name != "token")}


class GitHub:
    """Deploy keys of repositories, which go to a file that a real sshd reads, with GitHub's greeting."""

    def __init__(self, keys: Path) -> None:
        self.token = "gho-" + secrets.token_hex(16)
        self.file = keys
        self.keys: dict[str, list[dict[str, Any]]] = {}

    def add(self, repository: str, title: str, key: str, read_only: bool = True) -> dict[str, Any]:
        number = sum(map(len, self.keys.values())) + 1000
        made = {"id": number, "key": key, "title": title, "read_only": read_only, "verified": True, "last_used": None}
        self.keys.setdefault(repository, []).append(made)
        self._write()
        return made

    def _write(self) -> None:
        hi = "Hi {}! You've successfully authenticated, but GitHub does not provide shell access."
        self.file.write_text(
            "".join(
                f'restrict,command="echo \\"{hi.format(repository)}\\" >&2; exit 1" {key["key"]}\n'
                for repository, keys in self.keys.items()
                for key in keys
            )
        )

    def handle(self, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], body: Any) -> Answer:
        if headers.get("authorization") != f"Bearer {self.token}":
            raise Refusal(401, "Bad credentials")
        assert headers.get("x-github-api-version") and headers["accept"] == "application/vnd.github+json"
        match = re.fullmatch(r"/repos/([\w.-]+/[\w.-]+)/keys(?:/(\d+))?", path)
        if match is None or match[1] not in self.keys:
            raise Refusal(404, "Not Found")
        keys = self.keys[match[1]]
        if method == "GET" and not match[2]:
            size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
            return 200, keys[(page - 1) * size : page * size]
        if method == "POST" and not match[2]:
            if not re.fullmatch(r"ssh-\S+ \S+", body.get("key", "")) or not isinstance(body.get("read_only"), bool):
                raise Refusal(422, "Validation Failed")
            if any(key["key"] == body["key"] for each in self.keys.values() for key in each):
                raise Refusal(422, "key is already in use")
            return 201, self.add(match[1], body["title"], body["key"], body["read_only"])
        if method == "DELETE" and match[2]:
            left = [key for key in keys if key["id"] != int(match[2])]
            if len(left) == len(keys):
                raise Refusal(404, "Not Found")
            self.keys[match[1]] = left
            self._write()
            return 204, None
        raise Refusal(404, "Not Found")
