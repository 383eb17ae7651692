"""What operators take: schemas of the objects that writers make, strict, from the documentation of their definitions.

external-secrets.io/latest/api/spec (ExternalSecret, v1), developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/
api-reference (VaultStaticSecret, v1beta1), fluxcd.io/flux/components/helm/api/v2 (HelmRelease, `valuesFrom`),
github.com/bitnami-labs/sealed-secrets (SealedSecret, v1alpha1), and
secrets-store-csi-driver.sigs.k8s.io (SecretProviderClass, v1) with what its providers document of `parameters`.
"""

from collections.abc import Iterator
from typing import Any

import yaml
from jsonschema import Draft202012Validator

_NAME = {"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"}
_KEY = {"type": "string", "pattern": r"^[-._a-zA-Z0-9]+$", "maxLength": 253}
_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


def _strict(required: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


_METADATA = _strict("name", name=_NAME, namespace=_NAME, labels=_TEXTS, annotations=_TEXTS)


def _object(version: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return _strict(
        "apiVersion kind metadata spec",
        apiVersion={"const": version},
        kind={"const": kind},
        metadata=_METADATA,
        spec=spec,
    )


_SCHEMAS = {
    ("external-secrets.io/v1", "ExternalSecret"): _strict(
        "secretStoreRef target data",
        refreshInterval={"type": "string", "pattern": r"^\d+[smh]$"},
        secretStoreRef=_strict("name kind", name=_NAME, kind={"enum": ["SecretStore", "ClusterSecretStore"]}),
        target=_strict(
            "name creationPolicy",
            name=_NAME,
            creationPolicy={"enum": ["Owner", "Orphan", "Merge", "None"]},
            immutable={"type": "boolean"},
            template=_strict(
                "",
                type=_TEXT,
                metadata=_strict("", labels=_TEXTS, annotations=_TEXTS),
                mergePolicy={"enum": ["Replace", "Merge"]},
                data=_TEXTS,
            ),
        ),
        data={
            "type": "array",
            "minItems": 1,
            "items": _strict(
                "secretKey remoteRef", secretKey=_KEY, remoteRef=_strict("key", key=_TEXT, property=_TEXT)
            ),
        },
    ),
    ("secrets.hashicorp.com/v1beta1", "VaultStaticSecret"): _strict(
        "mount path type destination",
        vaultAuthRef={"type": "string", "pattern": r"^([a-z0-9-]+/)?[a-z0-9.-]+$"},
        mount=_TEXT,
        path=_TEXT,
        type={"enum": ["kv-v1", "kv-v2"]},
        refreshAfter={"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(s|m|h))$"},
        destination=_strict(
            "name create",
            name=_NAME,
            create={"const": True},
            type=_TEXT,
            labels=_TEXTS,
            annotations=_TEXTS,
            transformation=_strict(
                "",
                excludeRaw={"type": "boolean"},
                excludes={"type": "array", "items": _TEXT},
                templates={"type": "object", "additionalProperties": _strict("text", name=_TEXT, text=_TEXT)},
            ),
        ),
    ),
    ("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass"): _strict(
        "provider parameters",
        provider={"enum": ["vault", "aws", "azure", "gcp"]},
        parameters={**_TEXTS, "minProperties": 1},
        secretObjects={
            "type": "array",
            "minItems": 1,
            "items": _strict(
                "secretName type data",
                secretName=_NAME,
                type=_TEXT,
                labels=_TEXTS,
                annotations=_TEXTS,
                data={"type": "array", "minItems": 1, "items": _strict("objectName key", objectName=_TEXT, key=_KEY)},
            ),
        },
    ),
    ("bitnami.com/v1alpha1", "SealedSecret"): _strict(
        "encryptedData",
        encryptedData={"type": "object", "propertyNames": _KEY, "additionalProperties": _TEXT, "minProperties": 1},
        template=_strict(
            "",
            metadata=_strict("", labels=_TEXTS, annotations=_TEXTS),
            type=_TEXT,
            immutable={"type": "boolean"},
        ),
    ),
    ("helm.toolkit.fluxcd.io/v2", "HelmRelease"): {
        "type": "object",
        "properties": {
            "valuesFrom": {
                "type": "array",
                "items": _strict(
                    "kind name",
                    kind={"enum": ["Secret", "ConfigMap"]},
                    name=_NAME,
                    valuesKey=_KEY,
                    targetPath={"type": "string", "pattern": r"^([a-zA-Z0-9_\-.\\/]|\[[0-9]{1,5}\])+$"},
                    optional={"type": "boolean"},
                ),
            },
            "values": {"type": "object"},
        },
    },
}


def complaints(manifest: dict[str, Any]) -> Iterator[str] | None:
    """What its operator would refuse; None for what no operator here is asked about."""
    version, kind = manifest.get("apiVersion", ""), manifest.get("kind", "")
    spec = _SCHEMAS.get((version, kind))
    if spec is None:
        return None
    if kind == "SecretProviderClass" and not fetched(manifest):
        return iter(["its parameters list nothing that a provider understands"])
    errors = Draft202012Validator(_object(version, kind, spec)).iter_errors(manifest)
    return (f"{error.json_path}: {error.message}" for error in errors)


def made(manifest: dict[str, Any]) -> tuple[str, set[str], bool]:
    """(name, keys, whether it has all of its keys from there) of the Secret that an operator makes."""
    spec = manifest["spec"]
    if manifest["kind"] == "SecretProviderClass":
        secret = spec.get("secretObjects", [{"secretName": f"none of {manifest['metadata']['name']}", "data": []}])[0]
        return secret["secretName"], {element["key"] for element in secret["data"]}, True
    if manifest["kind"] == "VaultStaticSecret":
        return spec["destination"]["name"], set(spec["destination"]["transformation"]["templates"]), True
    if manifest["kind"] == "SealedSecret":
        return manifest["metadata"]["name"], set(spec["encryptedData"]), True
    keys = {element["secretKey"] for element in spec["data"]} | set(spec["target"].get("template", {}).get("data", {}))
    return spec["target"]["name"], keys, spec["target"]["creationPolicy"] == "Owner"


_FETCHED = {  # what a provider must be told of each thing, and which of it names the file
    "vault": (_strict("objectName secretPath secretKey", objectName=_TEXT, secretPath=_TEXT, secretKey=_TEXT), ""),
    "aws": (
        _strict(
            "objectName objectType",
            objectName=_TEXT,
            objectType={"enum": ["secretsmanager", "ssmparameter"]},
            objectAlias=_TEXT,
        ),
        "objectAlias",
    ),
    "azure": (
        _strict("objectName objectType", objectName=_TEXT, objectType={"enum": ["secret"]}, objectAlias=_TEXT),
        "objectAlias",
    ),
    "gcp": (
        _strict(
            "resourceName path",
            resourceName={"type": "string", "pattern": "^projects/[^/]+/secrets/[^/]+/versions/"} | {"minLength": 1},
            path=_TEXT,
        ),
        "path",
    ),
}


def fetched(manifest: dict[str, Any]) -> set[str]:
    """The files that a SecretProviderClass puts into a volume; none when its provider does not understand it."""
    spec = manifest["spec"]
    schema, named = _FETCHED[spec["provider"]]
    text = spec["parameters"].get("secrets" if spec["provider"] == "gcp" else "objects", "")
    listed = yaml.safe_load(text)
    if spec["provider"] == "azure":
        listed = [yaml.safe_load(item) for item in listed["array"]]
    if any(True for item in listed for _ in Draft202012Validator(schema).iter_errors(item)):
        return set()
    return {item.get(named) or item["objectName"] for item in listed}
