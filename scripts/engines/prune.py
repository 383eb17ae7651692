"""Take what tests validate requests with out of the vendors' packages: GitHub's description of its REST API, cut down
to the operations that are used, and Atlassian's schema of its documents. Usage: prune.py FOLDER, which has `packs`."""

import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

_OPERATIONS = (
    "GET /user",
    "GET /repos/{owner}/{repo}",
    "GET /repos/{owner}/{repo}/issues",
    "POST /repos/{owner}/{repo}/issues",
    "GET /repos/{owner}/{repo}/issues/{issue_number}",
    "PATCH /repos/{owner}/{repo}/issues/{issue_number}",
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
)
_PARAMETER = ("in", "name", "required", "schema")
_PROSE = ("description", "summary", "example", "examples", "externalDocs", "title", "deprecated")


def main(home: Path) -> None:
    """Write `openapi/github.json` and `openapi/adf.json`; the packages are not needed any more."""
    into = home / "openapi"
    into.mkdir(exist_ok=True)
    whole = _member(home / "packs", "octokit-openapi", "package/generated/api.github.com.json")
    (into / "github.json").write_text(json.dumps(pruned(whole), sort_keys=True))
    documents = _member(home / "packs", "atlaskit-adf-schema", "package/dist/json-schema/v1/full.json")
    (into / "adf.json").write_text(json.dumps(documents))


def pruned(whole: dict[str, Any]) -> dict[str, Any]:
    """The operations with their parameters, the schema of their body and of their answer; what these refer to."""
    operations = {}
    for name in _OPERATIONS:
        method, path = name.split(" ")
        operation = whole["paths"][path][method.lower()]
        given = [_resolved(one, whole) for one in operation.get("parameters", [])]
        answer = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        operations[name] = {
            "parameters": [_plain({key: one[key] for key in _PARAMETER if key in one}) for one in given],
            "body": _plain(_json(operation["requestBody"])) if "requestBody" in operation else None,
            "answer": _plain(_json(_resolved(answer, whole))),
        }
    wanted, kept = _named(operations), dict[str, Any]()
    while wanted:
        name = wanted.pop()
        kept[name] = _plain(whole["components"]["schemas"][name])
        wanted |= _named(kept[name]) - kept.keys()
    return {"version": whole["info"]["version"], "operations": operations, "definitions": kept}


def _member(packs: Path, package: str, name: str) -> Any:
    [pack] = packs.glob(f"{package}-[0-9]*.tgz")
    with tarfile.open(pack) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return json.load(file)


def _json(holder: dict[str, Any]) -> Any:
    return holder["content"]["application/json"]["schema"]


def _resolved(node: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    for part in node["$ref"].split("/")[1:] if "$ref" in node else ():
        whole = whole[part]
    return whole if "$ref" in node else node


def _plain(node: Any, named: bool = False) -> Any:
    """JSON Schema of OpenAPI 3.0's: without prose, and with null where it is `nullable`. `named`: keys are names."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node.replace("#/components/schemas/", "#/definitions/") if isinstance(node, str) else node
    kept = node if named else node.keys() - {*_PROSE, "nullable"}
    found = {key: _plain(value, key == "properties") for key, value in node.items() if key in kept}
    if not named and node.get("nullable"):
        return {"anyOf": [found, {"type": "null"}]}
    return found


def _named(node: Any) -> set[str]:
    return set(re.findall(r'"#/definitions/([^"]+)"', json.dumps(node)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
