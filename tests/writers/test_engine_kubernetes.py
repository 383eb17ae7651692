"""What was written for Kubernetes is what Helm, kustomize, the API and the operators take, and nothing else moved."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import kubernetes_validate
import pytest
import yaml
from engines import tool
from operators import complaints, fetched, made
from rewrites import Case, cases

_API = "1.34"
_MAKERS = ("ExternalSecret", "SecretProviderClass")
_CORE = ("v1", "apps/v1", "batch/v1", "networking.k8s.io/v1")
_PLAIN = [case for case in cases("kubernetes") if (case.folder / "review").exists()]
_CHARTS = [
    (case, chart.parent.relative_to(case.folder / "before"))
    for case in cases("helm")
    for chart in sorted((case.folder / "before").rglob("Chart.yaml"))
]


def documents(text: str) -> list[dict[str, Any]]:
    """All manifests, those in lists too."""
    found = [document for document in yaml.safe_load_all(text) if document]
    return [item for document in found for item in (document["items"] if document["kind"] == "List" else [document])]


def manifests(folder: Path) -> list[dict[str, Any]]:
    files = sorted(p for p in folder.rglob("*.y*ml*") if p.name not in ("kustomization.yaml", "helmfile.yaml"))
    return [manifest for file in files for manifest in documents(_rendered(file))]


def _rendered(file: Path) -> str:
    """As Ansible puts it out, if it is a template."""
    text = file.read_text("utf-8-sig")
    if file.suffix != ".j2":
        return text
    return jinja2.Template(text, undefined=jinja2.StrictUndefined).render(app="shop", namespace="web", user="shop")


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(manifest: dict[str, Any]) -> list[str]:
    """What the API or an operator has against a manifest."""
    told = complaints(manifest)
    if told is not None:
        return list(told)
    if manifest["apiVersion"] in _CORE:
        try:
            kubernetes_validate.validate(manifest, _API, strict=True)
        except kubernetes_validate.ValidationError as error:
            return [str(error.message)]
    return []


def leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every scalar with the way to it; elements of lists by their names, where they have any."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from leaves(item, f"{path}/{item.get('name', index) if isinstance(item, dict) else index}")
    else:
        yield path, node


def by_name(found: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, object]]:
    return {(d["kind"], d["metadata"]["name"]): dict(leaves(d)) for d in found}


def unexpected(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    """What differs, other than that values come from Secrets which an operator makes."""
    old, new = by_name(before), by_name(after)
    told = [f"{kind} {name} is new" for kind, name in new.keys() - old.keys() if kind not in _MAKERS]
    told += [f"{kind} {name} is gone" for kind, name in old.keys() - new.keys() if kind != "Secret"]
    agents = {key for key, own in new.items() if any("agent-inject-template" in path for path in own)}
    for key in old.keys() & new.keys():
        for path in old[key].keys() | new[key].keys():
            if old[key].get(path) == new[key].get(path):
                continue
            came = "/secretKeyRef/" in path or "/secretRef/" in path
            went = path.endswith("/value") and path not in new[key]
            merged = key[0] == "Secret" and path.startswith(("/data/", "/stringData/")) and path not in new[key]
            named = "/env/" in path and path.endswith("/name") and path not in old[key]
            argument = str(new[key].get(path)).startswith("$(")
            mounted = path not in old[key] and ("/volumes/" in path or "/volumeMounts/" in path)
            told_agent = path not in old[key] and "/annotations/vault.hashicorp.com/" in path
            sourced = str(new[key].get(path)) == f". /vault/secrets/shop-env || exit 1; {old[key].get(path)}"
            gone = re.search(r"/env/[A-Z_]+/(?:name|value)$", path) and path not in new[key] and key in agents
            if not (came or went or merged or named or argument or mounted or told_agent or sourced or gone):
                told.append(f"{key}: {path}: {old[key].get(path)} became {new[key].get(path)}")
    return told


def dangling(found: list[dict[str, Any]]) -> list[str]:
    """References to keys that the Secret of that name, made by an operator, would not have."""
    keys: dict[str, set[str]] = {}
    for manifest in found:
        if complaints(manifest) is not None and manifest["kind"] != "HelmRelease":
            name, own, whole = made(manifest)
            assert name not in keys or not whole, f"two make the Secret {name}"
            keys.setdefault(name, set()).update(own)
    for manifest in found:
        if manifest["kind"] == "Secret" and manifest["metadata"]["name"] in keys:
            own = {*manifest.get("data", {}), *manifest.get("stringData", {})}
            keys[manifest["metadata"]["name"]] |= own
    return [
        f"{ref['name']} has no {ref['key']}"
        for manifest in found
        for ref in references(manifest)
        if ref["name"] in keys and ref["key"] not in keys[ref["name"]]
    ]


def unmounted(found: list[dict[str, Any]]) -> list[str]:
    """Pods that read a Secret which the CSI driver makes for those that mount it, and do not; and what it lacks."""
    classes = {m["metadata"]["name"]: m for m in found if m["kind"] == "SecretProviderClass"}
    told = []
    for name, manifest in classes.items():
        files = {e["objectName"] for secret in manifest["spec"].get("secretObjects", ()) for e in secret["data"]}
        told += [f"{name} fetches no {file}" for file in files - fetched(manifest)]
    made_by = {made(m)[0]: name for name, m in classes.items()}
    for manifest in found:
        pod = next((p for p in pods(manifest)), None)
        if pod is None:
            continue
        volumes = {
            v["name"]: v["csi"]["volumeAttributes"]["secretProviderClass"] for v in pod.get("volumes", ()) if "csi" in v
        }
        mounts = {m["name"] for c in every(pod) for m in c.get("volumeMounts", ())}
        mounted = {volumes[name] for name in mounts & volumes.keys()}
        read = {str(value) for path, value in leaves(pod) if path.endswith(("Ref/name", "/secretName"))}
        told += [
            f"{manifest['metadata']['name']} reads {s}"
            for s in sorted(read & made_by.keys())
            if made_by[s] not in mounted
        ]
        names = [v["name"] for v in pod.get("volumes", ())]
        told += [f"{name} is there twice" for name in names if names.count(name) > 1]
        told += [f"no volume {name}" for name in mounts - set(names)]
    return told


def pods(node: object) -> Iterator[dict[str, Any]]:
    """Specifications of pods."""
    if isinstance(node, dict):
        if "containers" in node:
            yield node
        for value in node.values():
            yield from pods(value)


def every(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod["containers"], *pod.get("initContainers", ())]


def references(node: object) -> Iterator[dict[str, str]]:
    if isinstance(node, dict):
        if isinstance(ref := node.get("secretKeyRef"), dict) and "name" in ref:
            yield ref
        if node.get("kind") == "Secret" and "valuesKey" in node:
            yield {"name": node["name"], "key": node["valuesKey"]}
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


@pytest.mark.parametrize("case", _PLAIN, ids=lambda case: case.name)
def test_the_api_and_the_operators_take_what_was_written(case: Case) -> None:
    found = manifests(case.folder / "after")
    assert [(m["metadata"]["name"], why) for m in found for why in refused(m)] == []
    assert dangling(found) == []
    assert unmounted(found) == []
    assert {m["kind"] for m in found} & {*_MAKERS, "VaultStaticSecret", "SealedSecret"} or any(
        "agent-inject" in file.read_text() for file in (case.folder / "after").rglob("*.yaml")
    )


@pytest.mark.parametrize(("case", "chart"), _CHARTS, ids=lambda item: getattr(item, "name", str(item)))
def test_helm_renders_the_same_but_for_the_references(case: Case, chart: Path) -> None:
    helm = tool("helm")
    files = [p.name for p in sorted((case.folder / "after" / chart).glob("values-*.yaml"))]
    for values in ([], *([name] for name in files)):
        rendered = []
        for state in ("before", "after"):
            folder = case.folder / state / chart
            given = [part for name in values for part in ("--values", str(folder / name))]
            assert "0 chart(s) failed" in run(helm, "lint", "--strict", str(folder), *given)
            text = run(helm, "template", "release", str(folder), *given)
            rendered.append(documents(text.replace("${", "$").replace("Tr0ub4dor-and-7", "same")))
        before, after = rendered
        assert unexpected(before, after) == []
        assert [(m["metadata"]["name"], why) for m in after for why in refused(m)] == []
        assert dangling(after) == []
        assert unmounted(after) == []
        assert sum(1 for m in after if m["kind"] == "ExternalSecret") == sum(1 for n in _operated(after))


def _operated(found: list[dict[str, Any]]) -> set[str]:
    return {made(m)[0] for m in found if m["kind"] == "ExternalSecret"}


def test_kustomize_builds_the_same_but_for_the_references() -> None:
    case = next(c for c in _PLAIN if c.name == "kubernetes_vault/generator")
    built = [documents(run(tool("kubectl"), "kustomize", str(case.folder / s / "base"))) for s in ("before", "after")]
    before, after = built
    assert unexpected(before, after) == []
    assert [why for m in after for why in refused(m)] == []
    assert dangling(after) == []
    assert {m["metadata"]["name"] for m in after if m["kind"] == "ExternalSecret"} == {"shop-db", "shop-mail"}
    assert {name.rpartition("-")[0] for kind, name in by_name(after) if kind == "Secret"} == {"shop-files"}
    assert {m["metadata"].get("namespace") for m in after if m["kind"] == "ExternalSecret"} == {"web"}


def test_the_schemas_refuse_what_operators_refuse() -> None:
    good = next(m for case in _PLAIN for m in manifests(case.folder / "after") if m["kind"] == "ExternalSecret")
    assert refused(good) == []
    assert refused({**good, "spec": {**good["spec"], "secretStoreref": {}}}) != []
    assert refused({**good, "spec": {**good["spec"], "data": [{"secretKey": "a b", "remoteRef": {"key": "x"}}]}}) != []
