"""Which Secrets a Kubernetes manifest defines, and which it refers to."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from secretsweep import formats, lazyre
from secretsweep.formats import json, yaml
from secretsweep.model import Unit

HINT = lazyre.compile(
    rb"secretKeyRef|secretRef|secretName|imagePullSecrets|secretGenerator|[\"']?kind[\"']?:[ \t]*[\"']?\w*Secret|"
    rb"\bCertificate\b|[\"']?apiVersion[\"']?:[ \t]*[\"']?(?![\w.-]*k8s\.io/)[\w-]+\.[\w.-]+/"
)
_WANTS = lazyre.compile(
    r"(?:.*\.)?(?:(?P<key>valueFrom\.secretKeyRef)\.name|envFrom\[\d+\]\.secretRef\.name|"
    r"volumes\[\d+\]\.secret\.secretName|volumes\[\d+\]\.projected\.sources\[\d+\]\.secret\.name|"
    r"imagePullSecrets\[\d+\]\.name|spec\.tls\[\d+\]\.secretName)\Z"
)
# kinds whose references the cluster resolves itself; other kinds' operators may create what they name
_WORKLOADS = frozenset(
    "Pod Deployment StatefulSet DaemonSet ReplicaSet ReplicationController Job CronJob ServiceAccount Ingress".split()
)
_CORE = _WORKLOADS | frozenset(
    "Service ConfigMap Namespace Role ClusterRole RoleBinding ClusterRoleBinding PersistentVolumeClaim "
    "PersistentVolume NetworkPolicy HorizontalPodAutoscaler PodDisruptionBudget StorageClass LimitRange "
    "ResourceQuota PriorityClass IngressClass Endpoints CustomResourceDefinition".split()
)
_MAKERS = frozenset(  # install charts, whose templates make Secrets of any name
    "HelmRelease HelmChart HelmChartConfig HelmChartInflationGenerator Application ApplicationSet".split()
)
_ITEM = lazyre.compile(r"(items\[\d+\]\.)?(.*)\Z", re.DOTALL)
_ENTRY = lazyre.compile(r'(?:data|stringData)\.("(?:[^"\\]|\\.)*"|[^."\[]+)\Z')
_GENERATED = lazyre.compile(r"secretGenerator\[\d+\]\.name\Z")
_ISSUED = lazyre.compile(r"metadata\.annotations\..*(?:cert-manager\.io|acme|certificates?)")
_EMPTY = lazyre.compile(rb"\{\{.*\}\}|<.*>|\$\{.*\}|")


class Wanted(NamedTuple):
    """A reference: to which Secret, to which of its keys ("" for all), and where it stands."""

    name: str
    namespace: str
    entry: str
    unit: Unit


class Object(NamedTuple):
    """What an object tells of Secrets."""

    kind: str
    name: str
    namespace: str
    wants: tuple[Wanted, ...]
    creates: frozenset[str]  # names that exist because of it
    makes: bool  # Secrets are what it is for
    entries: frozenset[str]  # of a plain Secret
    clear: Unit | None  # the name of a Secret that holds values in clear text


def objects(data: bytes) -> Iterator[Object]:
    """The objects of a file; nothing of one that does not parse."""
    try:
        documents = [list(json.units(data))] if data.lstrip()[:1] == b"{" else yaml.documents(data)
    except formats.Unparsed:
        return
    for document in documents:
        items: dict[str, list[Unit]] = {}
        for unit in document:
            prefix, key = _ITEM.match(unit.key).groups("")  # type: ignore[union-attr]
            items.setdefault(prefix, []).append(unit._replace(key=key))
        for prefix, units in items.items():
            if prefix or len(items) == 1:
                yield _object(units, prefix)


def _object(units: list[Unit], prefix: str) -> Object:
    said = {unit.key: unit.value.decode("utf-8", "replace") for unit in units}
    kind, name = said.get("kind", ""), said.get("metadata.name", "")
    namespace = said.get("metadata.namespace", "")
    generated = {value for key, value in said.items() if _GENERATED.match(key)}
    creates = set(generated)
    entries: frozenset[str] = frozenset()
    clear = None
    if kind == "Secret":
        creates.add(name)
        values = [unit for unit in units if _ENTRY.match(unit.key)]
        entries = frozenset(_ENTRY.match(unit.key)[1].strip('"') for unit in values)  # type: ignore[index]
        if any(not _EMPTY.fullmatch(u.value) and not u.value.startswith(b"ENC[") for u in values):
            clear = next((unit for unit in units if unit.key == "metadata.name"), None)
    elif kind and kind not in _CORE:  # an operator's: whatever it names may be what it makes
        creates.update(said.values())
    return Object(
        kind,
        name,
        namespace,
        tuple(_wanted(units, said, namespace, prefix)) if kind in _WORKLOADS and not _issued(kind, said) else (),
        frozenset(creates),
        bool(re.search("Secret(?!Store|Provider)", kind) or kind == "Certificate" or generated),
        entries,
        clear._replace(key=prefix + clear.key) if clear else None,
    )


def _wanted(units: list[Unit], said: dict[str, str], namespace: str, prefix: str) -> Iterator[Wanted]:
    for unit in units:
        if (found := _WANTS.match(unit.key)) and not re.search(rb"[{}$<>]", unit.value):
            beside = unit.key.rpartition(".")[0]
            if said.get(f"{beside}.optional", "").lower() != "true":
                entry = said.get(f"{beside}.key", "") if found["key"] else ""
                yield Wanted(said[unit.key], namespace, entry, unit._replace(key=prefix + unit.key))


def _issued(kind: str, said: dict[str, str]) -> bool:
    """Whether a controller makes the certificate that an Ingress names."""
    return kind == "Ingress" and any(_ISSUED.match(key) for key in said)


def makes_anything(found: Object) -> bool:
    """Whether an object installs what may define Secrets of any name."""
    return found.kind in _MAKERS


def core(found: Object) -> bool:
    """Whether an object's names are no names of Secrets that it makes."""
    return found.kind in _CORE
