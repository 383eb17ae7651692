"""Where the values of Secrets and ConfigMaps go."""

import random
import time

from flows import Files, said, way
from pace import grows

from secretsweep.flow import Flow, consumers

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata:\n  password: eA==\n"
API = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    spec:
      imagePullSecrets: [{name: db}]
      containers:
        - name: app
          env:
            - name: PASSWORD
              valueFrom: {secretKeyRef: {name: db, key: password}}
            - name: OTHER
              valueFrom: {secretKeyRef: {name: db, key: other}}
            - name: CONFIG
              valueFrom: {configMapKeyRef: {name: db, key: password}}
          envFrom:
            - secretRef: {name: db}
      volumes:
        - name: files
          projected:
            sources:
              - secret: {name: db, items: [{key: password, path: p}]}
        - name: others
          secret: {secretName: db, items: [{key: other, path: o}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {tls: [{secretName: db}]}
"""
SPEC = "spec.template.spec"


def pod(name: str, secret: str = "db", namespace: str = "") -> str:
    space = f", namespace: {namespace}" if namespace else ""
    taken = f"{{containers: [{{envFrom: [{{secretRef: {{name: {secret}}}}}]}}]}}"
    return f"kind: Pod\nmetadata: {{name: {name}{space}}}\nspec: {taken}\n"


def test_every_way_to_take_a_key_is_seen_and_other_keys_are_not() -> None:
    files: dict[str, str | bytes] = {"secret.yaml": SECRET, "api.yaml": API}
    assert way(files, "kubernetes", "secret.yaml", "data.password", 5) == [
        "api.yaml:1 Deployment/shop/api workload",
        f"  api.yaml:7 {SPEC}.imagePullSecrets[db].name image-pull",
        f"  api.yaml:12 {SPEC}.containers[app].env[PASSWORD].valueFrom.secretKeyRef environment",
        f"  api.yaml:18 {SPEC}.containers[app].envFrom[0].secretRef environment",
        f"  api.yaml:23 {SPEC}.volumes[files].projected.sources[0].secret volume",
        "api.yaml:27 Ingress/web workload",
        "  api.yaml:30 spec.tls[0].secretName tls",
    ]


def test_a_configmap_is_another_thing_than_a_secret_of_its_name() -> None:
    files: dict[str, str | bytes] = {
        "c.yaml": "kind: ConfigMap\nmetadata: {name: db}\ndata: {password: x}\n",
        "api.yaml": API,
    }
    assert way(files, "kubernetes", "c.yaml", "data.password", 3) == [
        "api.yaml:1 Deployment/shop/api workload",
        f"  api.yaml:16 {SPEC}.containers[app].env[CONFIG].valueFrom.configMapKeyRef environment",
    ]


def test_a_literal_in_a_workload_is_used_by_it() -> None:
    use = Flow(Files({"api.yaml": API})).of(("kubernetes",), "api.yaml", "spec.x › y", 9)
    assert [(one.consumer, one.line) for one in consumers(use)] == [("Deployment/shop/api", 1)]


def test_namespaces_and_folders_tell_secrets_of_one_name_apart() -> None:
    files: dict[str, str | bytes] = {
        "a/secret.yaml": SECRET,
        "a/pod.yaml": pod("a"),
        "b/secret.yaml": SECRET,
        "b/deep/pod.yaml": pod("b"),
        "c/secret.yaml": SECRET.replace("name: db", "name: db, namespace: c"),
        "c/pod.yaml": pod("c", namespace="c"),
        "c/other.yaml": pod("d", namespace="d"),
    }
    found = {
        f: [line for line in way(files, "kubernetes", f"{f}/secret.yaml", "data.password", 5) if " Pod" in line]
        for f in "abc"
    }
    assert found == {
        "a": ["a/pod.yaml:1 Pod/a workload", "c/other.yaml:1 Pod/d/d workload"],
        "b": ["b/deep/pod.yaml:1 Pod/b workload", "c/other.yaml:1 Pod/d/d workload"],
        "c": ["c/pod.yaml:1 Pod/c/c workload"],
    }


def test_overlays_share_the_workloads_of_their_base() -> None:
    generator = (
        "namespace: {0}\nsecretGenerator:\n- name: other\n  literals: [a=b]\n- name: db\n  literals:\n  - password=x\n"
    )
    files: dict[str, str | bytes] = {
        "base/pod.yaml": pod("api"),
        **{f"overlays/{name}/kustomization.yaml": generator.format(name) for name in ("dev", "prod")},
    }
    for name in ("dev", "prod"):
        path, address = f"overlays/{name}/kustomization.yaml", "secretGenerator[1].literals.password"
        assert way(files, "kubernetes", path, address, 7)[0] == "base/pod.yaml:1 Pod/api workload"
        assert way(files, "kubernetes", path, "secretGenerator[0].literals.a", 4) == []


def test_objects_of_a_list_are_objects() -> None:
    listed = (
        "kind: List\nitems:\n- kind: Secret\n  metadata: {name: a}\n  data: {x: eA==}\n"
        "- kind: Secret\n  metadata: {name: b}\n  data:\n    x: eA==\n"
    )
    files: dict[str, str | bytes] = {"l.yaml": listed, "p.yaml": pod("one", "a") + "---\n" + pod("two", "b")}
    assert way(files, "kubernetes", "l.yaml", "items[0].data.x", 5)[0] == "p.yaml:1 Pod/one workload"
    assert way(files, "kubernetes", "l.yaml", "items[1].data.x", 9)[0] == "p.yaml:5 Pod/two workload"


def test_files_that_do_not_parse_are_named_where_they_name_it() -> None:
    broken = "kind: Pod\nmetadata: {name: db\na: [\n"
    files: dict[str, str | bytes] = {
        "secret.yaml": SECRET,
        "broken.yaml": broken,
        "else.yaml": broken.replace("db", "dbx"),
    }
    assert way(files, "kubernetes", "secret.yaml", "data.password", 5) == [
        "broken.yaml:1 db unknown (it is named here, but the file does not parse)"
    ]
    assert way(files, "kubernetes", "broken.yaml", "a", 2) == ["broken.yaml:2 a unknown (the file does not parse)"]


def test_aliases_cost_nothing() -> None:
    def bomb(depth: int) -> dict[str, str | bytes]:
        lines = (f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, depth))
        return {"secret.yaml": SECRET, "bomb.yaml": f"kind: Pod\na0: &a0 [x]\n{''.join(lines)}b: *a{depth - 1}\n"}

    def followed(files: dict[str, str | bytes]) -> None:
        assert way(files, "kubernetes", "secret.yaml", "data.password", 5) == []

    grows(bomb, followed, 1000)


def test_brackets_cost_nothing() -> None:
    def followed(text: str) -> None:
        assert way({"deep.yaml": text}, "kubernetes", "deep.yaml", "a", 1) != []

    grows(lambda depth: "kind: Pod\na: " + "[" * depth, followed, 20_000)


def test_ten_times_the_secrets_take_about_ten_times_as_long() -> None:
    def seconds(count: int) -> float:
        secrets = "---\n".join(SECRET.replace("db", f"db{n}") for n in range(count))
        flow = Flow(Files({"s.yaml": secrets, "p.yaml": "---\n".join(pod(f"p{n}", f"db{n}") for n in range(count))}))
        start = time.process_time()
        for n in range(count):
            [use] = flow.of(("kubernetes",), "s.yaml", "data.password", 5 + n * 6).children
            assert use.consumer == f"Pod/p{n}"
        return time.process_time() - start

    assert seconds(5_000) < 40 * max(seconds(500), 0.02)


def test_nothing_raises_on_files_with_mistakes() -> None:
    chance = random.Random(5)
    for _ in range(200):
        mutated: dict[str, str | bytes] = {}
        for path, text in {"s.yaml": SECRET, "a.yaml": API, "p.yaml": pod("x")}.items():
            data = bytearray(text.encode())
            for _ in range(chance.randint(0, 4)):
                at = chance.randrange(len(data) + 1)
                data[at : at + chance.randint(0, 6)] = bytes(
                    chance.choices(b"{}[]&*!:-?|>\n\xff\x00 \t\"'", k=chance.randint(0, 5))
                )
            mutated[path] = bytes(data)
        flow = Flow(Files(mutated))
        for line in (1, 5, 40):
            list(said(flow.of(("kubernetes",), "s.yaml", "data.password", line).children))
