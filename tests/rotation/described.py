"""What may be asked of GitLab and Jira, as far as it is used: written by hand from the vendors' documentation, since no
package has their descriptions. A request with anything else in it is a mistake. GitHub's is the vendor's own.

https://docs.gitlab.com/api/issues/, /members/, /notes/, /users/, /projects/
https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and …/server/jira/platform/rest/
"""

import json
from typing import Any

from engines import ENGINES

TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_PAGE = {"page": NUMBER, "per_page": {"type": "integer", "minimum": 1, "maximum": 100}}


def _one_of(*words: str) -> dict[str, Any]:
    return {"enum": list(words)}


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
        "minProperties": 1,
    }


def _operation(path: dict[str, Any], query: dict[str, Any] | None = None, body: Any = None) -> dict[str, Any]:
    given = [{"in": "path", "name": name, "required": True, "schema": schema} for name, schema in path.items()]
    given += [{"in": "query", "name": name, "schema": schema} for name, schema in (query or {}).items()]
    return {"parameters": given, "body": body}


def github() -> dict[str, Any]:
    """From `@octokit/openapi`, cut down by scripts/engines/prune.py."""
    found: dict[str, Any] = json.loads((ENGINES / "openapi" / "github.json").read_text())
    for operation in found["operations"].values():
        if operation["body"]:
            operation["body"]["additionalProperties"] = False
    return found


_PROJECT = {"id": {"type": "string", "pattern": r"^[\w.-]+(/[\w.-]+)+$"}}
_ISSUE = {**_PROJECT, "issue_iid": NUMBER}
_CHANGES = {
    "description": {"type": "string", "maxLength": 1_048_576},
    "assignee_ids": {"type": "array", "items": NUMBER},
    "confidential": FLAG,
    "labels": TEXT,
    "due_date": TEXT,
    "milestone_id": NUMBER,
    "issue_type": _one_of("issue", "incident", "test_case", "task"),
}
GITLAB = {
    "operations": {
        "GET /user": _operation({}),
        "GET /users": _operation({}, {"username": TEXT, **_PAGE}),
        "GET /projects/{id}": _operation(_PROJECT),
        "GET /projects/{id}/members/all/{user_id}": _operation({**_PROJECT, "user_id": NUMBER}),
        "GET /projects/{id}/issues": _operation(
            _PROJECT,
            {
                "labels": TEXT,
                "state": _one_of("opened", "closed", "all"),
                "scope": _one_of("created_by_me", "assigned_to_me", "all"),
                "order_by": _one_of("created_at", "updated_at", "title", "priority", "due_date"),
                "sort": _one_of("asc", "desc"),
                "confidential": FLAG,
                **_PAGE,
            },
        ),
        "POST /projects/{id}/issues": _operation(
            _PROJECT, body=_object("title", title={"type": "string", "maxLength": 255}, created_at=TEXT, **_CHANGES)
        ),
        "GET /projects/{id}/issues/{issue_iid}": _operation(_ISSUE),
        "PUT /projects/{id}/issues/{issue_iid}": _operation(
            _ISSUE,
            body=_object(
                title={"type": "string", "maxLength": 255},
                add_labels=TEXT,
                remove_labels=TEXT,
                state_event=_one_of("close", "reopen"),
                **_CHANGES,
            ),
        ),
        "POST /projects/{id}/issues/{issue_iid}/notes": _operation(
            _ISSUE, body=_object("body", body={"type": "string", "maxLength": 1_000_000}, internal=FLAG)
        ),
    },
    "definitions": {},
}


def jira(cloud: bool) -> dict[str, Any]:
    """Cloud's descriptions and comments are documents, validated with Atlassian's own schema of them."""
    schema: dict[str, Any] = json.loads((ENGINES / "openapi" / "adf.json").read_text())
    long: dict[str, Any] = {"$ref": schema["$ref"]} if cloud else {"type": "string", "maxLength": 32_767}
    key = {"issueIdOrKey": {"type": "string", "pattern": r"^[A-Z][A-Z0-9_]*-\d+$"}}
    project = {"projectIdOrKey": {"type": "string", "pattern": r"^[A-Z][A-Z0-9_]*$"}}
    fields = {
        "project": _object("key", key=TEXT),
        "issuetype": _object(id=TEXT, name=TEXT),
        "summary": {"type": "string", "maxLength": 255, "pattern": r"^[^\n]+$"},
        "description": long,
        "labels": {"type": "array", "items": {"type": "string", "pattern": r"^\S{1,255}$"}},
        "assignee": _object(accountId=TEXT) if cloud else _object(name=TEXT),
    }
    paging = {"nextPageToken": TEXT} if cloud else {"startAt": NUMBER}
    api = f"/rest/api/{3 if cloud else 2}"
    add = {"type": "array", "items": _object(add=TEXT, remove=TEXT, set=TEXT)}
    operations = {
        f"GET {api}/project/{{projectIdOrKey}}": _operation(project),
        f"GET {api}/search{'/jql' if cloud else ''}": _operation(
            {}, {"jql": TEXT, "fields": TEXT, "maxResults": {"type": "integer", "maximum": 5000}, **paging}
        ),
        f"POST {api}/issue": _operation(
            {}, body=_object("fields", fields=_object("project issuetype summary", **fields))
        ),
        f"GET {api}/issue/{{issueIdOrKey}}": _operation(key, {"fields": TEXT}),
        f"PUT {api}/issue/{{issueIdOrKey}}": _operation(
            key, body=_object(fields=_object(**fields), update=_object(labels=add))
        ),
        f"GET {api}/issue/{{issueIdOrKey}}/transitions": _operation(key),
        f"POST {api}/issue/{{issueIdOrKey}}/transitions": _operation(
            key, body=_object("transition", transition=_object("id", id=TEXT))
        ),
        f"POST {api}/issue/{{issueIdOrKey}}/comment": _operation(key, body=_object("body", body=long)),
    }
    if cloud:
        asked = {"project": TEXT, "query": TEXT}
        operations[f"GET {api}/user/assignable/search"] = _operation({}, asked)
    return {"operations": operations, "definitions": schema["definitions"]}
