"""The services of the tests refuse what a vendor's description does not allow, so that a tracker's mistake is seen."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from desks import service
from serving import TOKEN, Served, serving

HEADERS = {
    "github": {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28",
               "Authorization": f"Bearer {TOKEN}"},
    "gitlab": {"PRIVATE-TOKEN": TOKEN},
    "jira-cloud": {"Authorization": "Basic YWRhQGV4YW1wbGUub3JnOnQwa2VuLW9mLXRoZS10ZXN0cw=="},
    "jira-server": {"Authorization": f"Bearer {TOKEN}"},
}  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, Served]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield {kind: stack.enter_context(serving(service(kind))) for kind in HEADERS}


def asked(served: Served, kind: str, method: str, path: str, data: Any, **headers: str) -> int:
    content = {} if data is None else {"Content-Type": "application/json"}
    body = None if data is None else json.dumps(data).encode()
    headers = {**HEADERS[kind], **content, **headers}
    request = urllib.request.Request(served.url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


ISSUES = "/repos/shop/infra/issues"
PROJECT = "/projects/shop%2Fplatform%2Finfra/issues"
TASK = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "summary": "x", "labels": []}
EMPTY = {"type": "paragraph", "content": [{"type": "text", "text": ""}]}
ITEM = {"type": "taskItem", "attrs": {"localId": "a", "state": "TODO"}, "content": [{"type": "text", "text": "x"}]}


def document(*nodes: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(nodes)}


@pytest.mark.parametrize(
    ("kind", "method", "path", "data"),
    [
        ("github", "POST", ISSUES, {"body": "x"}),
        ("github", "POST", ISSUES, {"title": "x", "labels": "x"}),
        ("github", "POST", ISSUES, {"title": "x", "confidential": True}),
        ("github", "GET", f"{ISSUES}?state=every", None),
        ("github", "GET", f"{ISSUES}?label=x", None),
        ("github", "PUT", f"{ISSUES}/1", {"title": "x"}),
        ("github", "PATCH", f"{ISSUES}/one", {"title": "x"}),
        ("github", "PATCH", f"{ISSUES}/1", {"state": "done"}),
        ("github", "GET", "/search/issues?q=x", None),
        ("gitlab", "POST", PROJECT, {"title": "x", "labels": ["a"]}),
        ("gitlab", "POST", PROJECT, {"title": "x", "body": "x"}),
        ("gitlab", "GET", f"{PROJECT}?per_page=500", None),
        ("gitlab", "PUT", f"{PROJECT}/1", {"state": "closed"}),
        ("gitlab", "PUT", f"{PROJECT}/1", {}),
        ("jira-cloud", "POST", "/rest/api/3/issue", {"fields": {**TASK, "description": "text"}}),
        ("jira-cloud", "POST", "/rest/api/3/issue", {"fields": {**TASK, "labels": ["two words"]}}),
        ("jira-cloud", "POST", "/rest/api/3/issue", {"fields": {**TASK, "description": document(ITEM)}}),
        ("jira-cloud", "POST", "/rest/api/3/issue", {"fields": {**TASK, "description": document(EMPTY)}}),
        ("jira-cloud", "POST", "/rest/api/3/issue",
         {"fields": {**TASK, "description": document({"type": "taskList", "attrs": {"localId": "a"}, "content": [
             {**ITEM, "content": [{"type": "paragraph", "content": []}]}]})}}),
        ("jira-cloud", "GET", "/rest/api/3/search?jql=x", None),
        ("jira-server", "POST", "/rest/api/2/issue", {"fields": {**TASK, "description": document()}}),
        ("jira-server", "GET", "/rest/api/2/search/jql?jql=x", None),
    ],
)  # fmt: skip
def test_what_is_not_described_is_refused(
    running: dict[str, Served], kind: str, method: str, path: str, data: Any
) -> None:
    served = running[kind]
    assert asked(served, kind, method, path, data) == 400
    assert served.wrong and served.issues == {}  # type: ignore[attr-defined]
    served.wrong.clear()


@pytest.mark.parametrize("kind", HEADERS)
def test_a_wrong_token_is_refused(running: dict[str, Served], kind: str) -> None:
    path = {"github": ISSUES, "gitlab": PROJECT}.get(kind, "/rest/api/2/project/OPS")
    wrong = {name: "wrong" for name in HEADERS[kind] if "TOKEN" in name or name == "Authorization"}
    assert asked(running[kind], kind, "GET", path, None, **wrong) == 401


def test_a_task_list_is_a_document(running: dict[str, Served]) -> None:
    nodes = document({"type": "taskList", "attrs": {"localId": "a"}, "content": [ITEM]})
    served = running["jira-cloud"]
    assert asked(served, "jira-cloud", "POST", "/rest/api/3/issue", {"fields": {**TASK, "description": nodes}}) == 201
    served.issues.clear()  # type: ignore[attr-defined]
