"""GitHub, GitLab and Jira as far as trackers need them, and the people who work there."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from described import GITLAB, github, jira
from serving import TOKEN, Answer, Asked, Served

from secretsweep import trackers
from secretsweep.trackers import Options, Tracker

WHEN = "2026-03-01T12:00:00Z"


@dataclass
class Desk:
    """A place with issues. `issues` is what the service keeps; the rest is what people do there."""

    tracker: str
    served: Served
    where: str
    environ: dict[str, str]
    issues: dict[str, dict[str, Any]]
    options: dict[str, Any] = field(default_factory=dict)

    def connected(self, **options: Any) -> Tracker:
        asked = {"where": self.where, "url": self.served.url, **self.options, **options}
        return trackers.named(self.tracker).connected(Options(**asked), self.environ)

    def texts(self) -> dict[str, str]:
        """Descriptions by the issues' numbers, as text in which the marker can be found."""
        return {number: str(one["body"]) for number, one in self.issues.items()}

    def numbers(self, name: str) -> list[str]:
        """The issues of an entry."""
        return [number for number, text in self.texts().items() if f"secretsweep:fp={name}" in text]

    def tick(self, number: str, step: str, evidence: str = "") -> None:
        """A person ticks a step in a browser, whose lines end with CR LF."""
        text = self.issues[number]["body"].replace(f"- [ ] **{step}**", f"- [x] **{step}**")
        if evidence:
            text = re.sub(rf"(- \[x\] \*\*{step}\*\*[^\r\n]*)", rf"\1\n  - evidence: {evidence}", text)
        self.issues[number]["body"] = re.sub(r"\r?\n", "\r\n", text)

    def write(self, number: str, above: str, below: str) -> None:
        """A person writes above and below our part."""
        self.issues[number]["body"] = f"{above}\n\n{self.issues[number]['body']}\n\n{below}"

    def wipe(self, number: str) -> None:
        """A person takes the end of our part away."""
        self.issues[number]["body"] = self.issues[number]["body"].replace("<!-- secretsweep:end -->", "")

    def unlabel(self, number: str) -> None:
        self.issues[number]["labels"] = []

    def set_closed(self, number: str, closed: bool) -> None:
        self.issues[number]["state"] = "closed" if closed else "open"

    def is_closed(self, number: str) -> bool:
        return bool(self.issues[number]["state"] == "closed")

    def comments(self, number: str) -> list[str]:
        return list(self.issues[number]["comments"])


def _slice(asked: Asked, found: list[Any], size: int) -> tuple[list[Any], int | None]:
    """A page of a list, and the number of the next one."""
    page = int(asked.query.get("page", 1))
    part = found[(page - 1) * size : page * size]
    return part, page + 1 if page * size < len(found) else None


class GitHubServed(Served):
    """One repository, private unless `public`; the token's user is `robot`."""

    public = has_issues = False
    archived = False
    labels_dropped = False
    app = False  # an installation's token, which has no user
    page = 100

    def __init__(self) -> None:
        super().__init__(github(), base="/api/v3")
        self.issues: dict[str, dict[str, Any]] = {}
        self.has_issues = True

    def authorised(self, asked: Asked) -> bool:
        assert asked.headers["accept"] == "application/vnd.github+json"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", asked.headers["x-github-api-version"])
        return asked.headers.get("authorization") == f"Bearer {TOKEN}"

    def opened(self, body: str, user: str = "robot", association: str = "NONE", **more: Any) -> dict[str, Any]:
        """An issue, by anybody."""
        number = str(len(self.issues) + 1)
        self.issues[number] = {
            "title": "an issue", "body": body, "state": "open", "state_reason": None, "labels": ["secretsweep"],
            "user": user, "association": association, "comments": [], "assignees": [], "pull": False, **more,
        }  # fmt: skip
        return self.issues[number]

    def answered(self, asked: Asked, name: str, path: Mapping[str, str]) -> Answer:
        if name == "GET /user":
            refused = {"message": "Resource not accessible by integration"}
            return (403, {}, refused) if self.app else (200, {}, _user("robot"))
        if path["owner"] + "/" + path["repo"] != "shop/infra":
            return 404, {}, {"message": "Not Found"}
        if name == "GET /repos/{owner}/{repo}":
            return 200, {}, {"private": not self.public, "has_issues": self.has_issues, "archived": self.archived}
        if not self.has_issues:
            return 410, {}, {"message": "Issues has been disabled in this repository."}
        if number := path.get("issue_number"):
            return self._one(asked, number)
        if asked.method == "POST":
            return self._created(asked.data)
        return self._listed(asked)

    def _created(self, data: dict[str, Any]) -> Answer:
        if len(data.get("body", "")) > 65_536:
            return 422, {}, {"message": "Validation Failed", "errors": ["body is too long"]}
        labels = [] if self.labels_dropped else data.get("labels", [])
        user = "robot[bot]" if self.app else "robot"
        self.opened(data["body"], user, title=data["title"], labels=labels, assignees=data.get("assignees", []))
        return 201, {}, self.shown(str(len(self.issues)))

    def _listed(self, asked: Asked) -> Answer:
        wanted = set(asked.query["labels"].split(",")) if "labels" in asked.query else set()
        state = asked.query.get("state", "open")
        fitting = (n for n, one in self.issues.items() if state in (one["state"], "all"))
        numbers = [number for number in fitting if wanted <= set(self.issues[number]["labels"])]
        if asked.query.get("direction", "desc") == "desc":
            numbers.reverse()
        found, following = _slice(asked, numbers, min(self.page, int(asked.query.get("per_page", 30))))
        query = urlencode({**asked.query, "page": following})
        link = {"Link": f'<https://elsewhere.example/x?{query}>; rel="next", <https://a.b/?page=9>; rel="last"'}
        return 200, link if following else {}, [self.shown(number) for number in found]

    def _one(self, asked: Asked, number: str) -> Answer:
        if number not in self.issues:
            return 404, {}, {"message": "Not Found"}
        issue = self.issues[number]
        if asked.path.endswith("/comments"):
            issue["comments"].append(asked.data["body"])
            return 201, {}, {"id": 1, "body": asked.data["body"]}
        if asked.method == "PATCH":
            issue.update({key: value for key, value in asked.data.items() if key != "body" or len(value) <= 65_536})
        return 200, {}, self.shown(number)

    def shown(self, number: str) -> dict[str, Any]:
        """As the API gives it: checked with the vendor's description of an issue."""
        issue, api = self.issues[number], "https://api.github.com/repos/shop/infra"
        data = {
            "id": int(number) + 1000, "node_id": "x", "number": int(number), "title": issue["title"],
            "body": issue["body"], "state": issue["state"], "state_reason": issue["state_reason"],
            "user": _user(issue["user"]), "author_association": issue["association"],
            "labels": [{"id": 1, "name": name, "color": "ededed", "default": False} for name in issue["labels"]],
            "assignee": None, "assignees": [], "milestone": None, "locked": False, "comments": len(issue["comments"]),
            "closed_at": None, "created_at": WHEN, "updated_at": WHEN, "url": f"{api}/issues/{number}",
            "repository_url": api, "labels_url": f"{api}/issues/{number}/labels{{/name}}",
            "comments_url": f"{api}/issues/{number}/comments", "events_url": f"{api}/issues/{number}/events",
            "html_url": f"http://127.0.0.1/shop/infra/issues/{number}",
        }  # fmt: skip
        if issue["pull"]:
            data["pull_request"] = {"url": api, "html_url": api, "diff_url": api, "patch_url": api}
        problem = self._against({"$ref": "#/definitions/issue"}, data)
        assert not problem, problem
        return data


def _user(login: str) -> dict[str, Any]:
    urls = ("avatar", "followers", "following", "gists", "html", "organizations", "received_events", "repos", "starred",
            "subscriptions", "events")  # fmt: skip
    return {
        "login": login, "id": len(login), "node_id": "u", "gravatar_id": "", "site_admin": False,
        "type": "Bot" if login.endswith("[bot]") else "User", "url": f"https://api.github.com/users/{login}",
        **{f"{name}_url": f"https://api.github.com/{name}" for name in urls},
    }  # fmt: skip


class GitLabServed(Served):
    """One project; the token's user is 1, 2 is a maintainer, 3 a guest, others no members."""

    openly = False  # whether `confidential` is not heeded
    page = 50

    def __init__(self) -> None:
        super().__init__(GITLAB, base="/api/v4")
        self.issues: dict[str, dict[str, Any]] = {}

    def authorised(self, asked: Asked) -> bool:
        return asked.headers.get("private-token") == TOKEN

    def opened(self, body: str, author: int = 1, **more: Any) -> dict[str, Any]:
        number = str(len(self.issues) + 1)
        self.issues[number] = {
            "title": "an issue", "body": body, "state": "opened", "labels": ["secretsweep"], "author": author,
            "confidential": True, "comments": [], "assignees": [], **more,
        }  # fmt: skip
        return self.issues[number]

    def answered(self, asked: Asked, name: str, path: Mapping[str, str]) -> Answer:
        if name == "GET /user":
            return 200, {}, {"id": 1, "username": "robot"}
        if name == "GET /users":
            return 200, {}, [{"id": 2, "username": "ada"}] if asked.query["username"] == "ada" else []
        if path["id"] != "shop/platform/infra":
            return 404, {}, {"message": "404 Project Not Found"}
        if name == "GET /projects/{id}":
            return 200, {}, {"id": 7, "visibility": "public"}
        if user := path.get("user_id"):
            level = {"2": 40, "3": 10}.get(user)
            missing = 404, {}, {"message": "404 Not found"}
            return (200, {}, {"id": int(user), "access_level": level}) if level else missing
        if number := path.get("issue_iid"):
            return self._one(asked, number)
        if asked.method == "POST":
            data = asked.data
            self.opened(
                data["description"], title=data["title"], labels=data["labels"].split(","),
                confidential=data.get("confidential", False) and not self.openly,
                assignees=data.get("assignee_ids", []),
            )  # fmt: skip
            return 201, {}, self.shown(str(len(self.issues)))
        wanted = set(asked.query["labels"].split(",")) if "labels" in asked.query else set()
        numbers = [n for n, one in self.issues.items() if wanted <= set(one["labels"])]
        if asked.query.get("sort", "desc") == "desc":
            numbers.reverse()
        found, following = _slice(asked, numbers, min(self.page, int(asked.query["per_page"])))
        return 200, {"X-Next-Page": str(following or "")}, [self.shown(number) for number in found]

    def _one(self, asked: Asked, number: str) -> Answer:
        if number not in self.issues:
            return 404, {}, {"message": "404 Not found"}
        issue = self.issues[number]
        if asked.path.endswith("/notes"):
            issue["comments"].append(asked.data["body"])
            return 201, {}, {"id": 1, "body": asked.data["body"]}
        if asked.method == "PUT":
            data = asked.data
            if "description" in data:
                issue["body"] = data["description"]
            if "state_event" in data:
                issue["state"] = "closed" if data["state_event"] == "close" else "opened"
            issue["labels"] += [one for one in data.get("add_labels", "").split(",") if one]
            issue["confidential"] = data.get("confidential", issue["confidential"])
            issue["title"] = data.get("title", issue["title"])
        return 200, {}, self.shown(number)

    def shown(self, number: str) -> dict[str, Any]:
        issue = self.issues[number]
        return {
            "id": int(number) + 1000, "iid": int(number), "title": issue["title"], "description": issue["body"],
            "state": issue["state"], "labels": issue["labels"], "confidential": issue["confidential"],
            "author": {"id": issue["author"], "username": "someone"},
            "web_url": f"http://127.0.0.1/shop/platform/infra/-/issues/{number}",
        }  # fmt: skip


class JiraServed(Served):
    """One project, whose workflow goes to do → in progress → done, and back to to do."""

    page = 100
    stuck = False  # no transitions at all
    screen = False  # the transition wants a field

    def __init__(self, cloud: bool) -> None:
        super().__init__(jira(cloud))
        self.cloud = cloud
        self.issues: dict[str, dict[str, Any]] = {}

    def authorised(self, asked: Asked) -> bool:
        basic = base64.b64encode(f"ada@example.org:{TOKEN}".encode()).decode()
        return asked.headers.get("authorization") == (f"Basic {basic}" if self.cloud else f"Bearer {TOKEN}")

    def opened(self, body: Any, **more: Any) -> dict[str, Any]:
        key = f"OPS-{len(self.issues) + 1}"
        self.issues[key] = {"title": "an issue", "body": body, "state": "new", "labels": ["secretsweep"],
                            "comments": [], "assignee": None, **more}  # fmt: skip
        return self.issues[key]

    def answered(self, asked: Asked, name: str, path: Mapping[str, str]) -> Answer:
        if project := path.get("projectIdOrKey"):
            return (200, {}, {"key": project}) if project == "OPS" else (404, {}, {"errorMessages": ["No project"]})
        if "assignable" in name:
            return 200, {}, [{"accountId": "5b10"}] if asked.query["query"] == "ada@example.org" else []
        if "/search" in name:
            return self._listed(asked)
        if key := path.get("issueIdOrKey"):
            return self._one(asked, name, key)
        fields = asked.data["fields"]
        if fields["issuetype"]["name"] not in ("Task", "Bug"):
            return 400, {}, {"errorMessages": [], "errors": {"issuetype": "Specify a valid issue type"}}
        more = {"labels": fields["labels"], "assignee": fields.get("assignee")}
        self.opened(fields["description"], title=fields["summary"], **more)
        return 201, {}, {"id": "10000", "key": f"OPS-{len(self.issues)}", "self": "…"}

    def _listed(self, asked: Asked) -> Answer:
        assert asked.query["jql"] == 'project = "OPS" AND labels = "secretsweep" ORDER BY created ASC'
        keys = [key for key, one in self.issues.items() if "secretsweep" in one["labels"]]
        start = int(asked.query.get("nextPageToken") or asked.query.get("startAt") or 0)
        part = keys[start : start + self.page]
        data: dict[str, Any] = {"issues": [self.shown(key) for key in part]}
        if not self.cloud:
            data |= {"startAt": start, "maxResults": self.page, "total": len(keys)}
        elif start + self.page < len(keys):
            data["nextPageToken"] = str(start + self.page)
        return 200, {}, data

    def _one(self, asked: Asked, name: str, key: str) -> Answer:
        if key not in self.issues:
            return 404, {}, {"errorMessages": ["Issue does not exist or you do not have permission to see it."]}
        issue = self.issues[key]
        if name.endswith("/comment"):
            issue["comments"].append(json.dumps(asked.data["body"], ensure_ascii=False))
            return 201, {}, {"id": "1"}
        if name.endswith("/transitions"):
            ways = {"21": "indeterminate", "31": "done"} if issue["state"] != "done" else {"11": "new"}
            ways = {} if self.stuck else ways
            if asked.method == "GET":
                return 200, {}, {"transitions": [
                    {"id": i, "name": "Go", "to": {"name": "x", "statusCategory": {"key": c}}} for i, c in ways.items()
                ]}  # fmt: skip
            if self.screen:
                return 400, {}, {"errorMessages": [], "errors": {"resolution": "Resolution is required."}}
            issue["state"] = ways[asked.data["transition"]["id"]]
            return 204, {}, None
        if asked.method == "PUT":
            issue["body"] = asked.data.get("fields", {}).get("description", issue["body"])
            issue["labels"] += [one["add"] for one in asked.data.get("update", {}).get("labels", [])]
            return 204, {}, None
        return 200, {}, self.shown(key)

    def shown(self, key: str) -> dict[str, Any]:
        issue = self.issues[key]
        status = {"statusCategory": {"key": issue["state"]}}
        fields = {"description": issue["body"], "labels": issue["labels"], "status": status}
        return {"id": "10000", "key": key, "fields": fields}


class GitLabDesk(Desk):
    def set_closed(self, number: str, closed: bool) -> None:
        self.issues[number]["state"] = "closed" if closed else "opened"


class JiraDesk(Desk):
    def set_closed(self, number: str, closed: bool) -> None:
        self.issues[number]["state"] = "done" if closed else "new"

    def is_closed(self, number: str) -> bool:
        return bool(self.issues[number]["state"] == "done")


class WikiDesk(JiraDesk):
    def tick(self, number: str, step: str, evidence: str = "") -> None:
        text = self.issues[number]["body"].replace(f"* (x) *{step}*", f"* (/) *{step}*")
        if evidence:
            text = re.sub(rf"(\* \(/\) \*{step}\*[^\r\n]*)", rf"\1\n** evidence: {evidence}", text)
        self.issues[number]["body"] = re.sub(r"\r?\n", "\r\n", text)

    def wipe(self, number: str) -> None:
        self.issues[number]["body"] = self.issues[number]["body"].replace("(secretsweep:end)", "")


class AdfDesk(JiraDesk):
    """Documents, as an editor changes them: ids are made anew."""

    def texts(self) -> dict[str, str]:
        return {number: json.dumps(one["body"], ensure_ascii=False) for number, one in self.issues.items()}

    def tick(self, number: str, step: str, evidence: str = "") -> None:
        for node in self.issues[number]["body"]["content"]:
            for at, item in enumerate(node["content"] if node["type"] == "taskList" else ()):
                item["attrs"]["localId"] = f"new-{at}"
                if item["content"][0]["text"] == step:
                    item["attrs"]["state"] = "DONE"
                    if evidence:
                        item["content"] += [{"type": "hardBreak"}, {"type": "text", "text": f"evidence: {evidence}"}]

    def write(self, number: str, above: str, below: str) -> None:
        content = self.issues[number]["body"]["content"]
        content.insert(0, _paragraph(above))
        content.append(_paragraph(below))

    def wipe(self, number: str) -> None:
        content = self.issues[number]["body"]["content"]
        content[:] = [node for node in content if "(secretsweep:end)" not in json.dumps(node)]


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


class FileDesk(Desk):
    """The Markdown file: its sections are the issues."""

    @property  # type: ignore[override]
    def issues(self) -> dict[str, dict[str, Any]]:
        file = Path(self.where)
        sections = re.split(r"(?m)^(?=## )", file.read_text() if file.exists() else "")[1:]
        return {str(number): {"body": text} for number, text in enumerate(sections)}

    @issues.setter
    def issues(self, value: object) -> None:
        pass

    def connected(self, **options: Any) -> Tracker:
        return trackers.named("markdown").connected(Options(where=self.where), {})

    def tick(self, number: str, step: str, evidence: str = "") -> None:
        before = self.issues[number]["body"]
        text = before.replace(f"- [ ] **{step}**", f"- [x] **{step}**")
        if evidence:
            text = re.sub(rf"(- \[x\] \*\*{step}\*\*[^\r\n]*)", rf"\1\n  - evidence: {evidence}", text)
        Path(self.where).write_text(Path(self.where).read_text().replace(before, text))

    def write(self, number: str, above: str, below: str) -> None:
        Path(self.where).write_text(f"{above}\n\n{Path(self.where).read_text()}\n\n{below}\n")

    def is_closed(self, number: str) -> bool:
        return ": open" not in self.issues[number]["body"].splitlines()[0]

    def whole(self) -> str:
        return Path(self.where).read_text()


def desk(kind: str, served: Any) -> Desk:
    """A desk at a service that is served."""
    match kind:
        case "github":
            return Desk("github", served, "shop/infra", {"GH_ENTERPRISE_TOKEN": TOKEN}, served.issues)
        case "gitlab":
            return GitLabDesk("gitlab", served, "shop/platform/infra", {"GITLAB_TOKEN": TOKEN}, served.issues)
        case "jira-cloud":
            login = {"JIRA_USER_EMAIL": "ada@example.org", "JIRA_API_TOKEN": TOKEN}
            return AdfDesk("jira", served, "OPS", login, served.issues)
        case _:
            return WikiDesk("jira", served, "OPS", {"JIRA_PAT": TOKEN}, served.issues)


def service(kind: str) -> Served:
    return {
        "github": GitHubServed,
        "gitlab": GitLabServed,
        "jira-cloud": lambda: JiraServed(True),
        "jira-server": lambda: JiraServed(False),
    }[kind]()


SERVICES = ("github", "gitlab", "jira-cloud", "jira-server")
