"""What Kubernetes' writers ask of the world outside, and which of the tree's own things they take."""

from pathlib import Path

import pytest

from secretsweep.formats import owner
from secretsweep.model import Change, Edit, Reference, Refusal, Span, Spot
from secretsweep.writers import File, helm, kubernetes
from secretsweep.writers._manifests import Sheet
from secretsweep.writers._nodes import documents, walk
from secretsweep.writers._vals import uri

VAULT = Reference("vault", "iac/shop", "value", "secret", 2)
SSM = Reference("aws-ssm", "/iac/shop", scope="eu-west-1")
POD = b"""\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: shop
      image: shop:1
      env:
        - name: DB_PASSWORD
          value: hunter2-hunter2
"""
STORE = """\
apiVersion: external-secrets.io/{version}
kind: {kind}
metadata: {{name: {name}, namespace: mail}}
spec:
  provider: {{{provider}}}
"""


class Files:
    """A tree of bytes."""

    def __init__(self, **files: bytes) -> None:
        self.files = {name.replace("_", "."): data for name, data in files.items()}

    def paths(self) -> list[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def spot(data: bytes, text: bytes, reference: Reference = VAULT, form: str = "plain", path: str = "shop.yaml") -> Spot:
    at = data.index(text)
    span = Span(at, at + len(text))
    fmt = owner(path, data).NAME
    return Spot("", path, span, span, form, "", (fmt,), (), "rule", "password", "high", True, 1, reference)


def only(data: bytes, text: bytes, tree: Files, reference: Reference = VAULT) -> Change | Refusal:
    tree.files["shop.yaml"] = data
    (result,) = kubernetes.rewrite([spot(data, text, reference)], File("shop.yaml", data), tree)
    return result


def written(change: Change | Refusal) -> str:
    assert isinstance(change, Change)
    return "".join(edit.text.decode() for _, edit in change.edits) + "".join(a.text for a in change.additions)


def store(kind: str, name: str, provider: str, version: str = "v1") -> bytes:
    return STORE.format(kind=kind, name=name, provider=provider, version=version).encode()


def test_without_an_operator_in_the_tree_the_operator_and_the_store_are_asked_for() -> None:
    change = only(POD, b"hunter2-hunter2", Files(), SSM)
    assert isinstance(change, Change)
    assert change.disposition == "review"
    assert change.needs == (
        "install the External Secrets Operator: nothing in this tree says that the cluster has it",
        "create the ClusterSecretStore aws-parameter-store (external-secrets.io/v1): provider aws with service "
        "ParameterStore, region eu-west-1",
    )


def test_a_store_that_serves_the_reference_is_taken_and_nothing_is_asked_for() -> None:
    tree = Files(a_yaml=store("ClusterSecretStore", "bao", "vault: {path: secret, server: 'https://bao'}"))
    change = only(POD, b"hunter2-hunter2", tree)
    assert isinstance(change, Change)
    assert change.needs == ()
    assert "    name: bao\n    kind: ClusterSecretStore\n" in written(change)
    assert "        key: iac/shop\n        property: value\n" in written(change)


def test_a_store_without_a_mount_gets_it_in_the_key() -> None:
    tree = Files(a_yaml=store("ClusterSecretStore", "bao", "vault: {server: 'https://bao'}"))
    assert "        key: secret/iac/shop\n" in written(only(POD, b"hunter2-hunter2", tree))


@pytest.mark.parametrize(
    ("kind", "provider"),
    [
        ("ClusterSecretStore", "vault: {path: other}"),
        ("ClusterSecretStore", "aws: {service: SecretsManager, region: eu-west-1}"),
        ("ClusterSecretStore", "aws: {service: ParameterStore, region: us-east-1}"),
    ],
)
def test_a_store_that_reads_elsewhere_is_not_taken(kind: str, provider: str) -> None:
    reference = VAULT if "vault" in provider else SSM
    change = only(POD, b"hunter2-hunter2", Files(a_yaml=store(kind, "other", provider)), reference)
    assert isinstance(change, Change)
    assert any(need.startswith("create the ClusterSecretStore") for need in change.needs)
    assert "name: other" not in written(change)


def test_a_store_of_another_namespace_is_not_taken() -> None:
    pod = POD.replace(b"{name: shop}", b"{name: shop, namespace: web}")
    tree = Files(a_yaml=store("SecretStore", "bao", "vault: {path: secret}"))
    assert "name: bao" not in written(only(pod, b"hunter2-hunter2", tree))
    same = POD.replace(b"{name: shop}", b"{name: shop, namespace: mail}")
    assert "name: bao\n    kind: SecretStore" in written(only(same, b"hunter2-hunter2", tree))


def test_a_tree_with_old_versions_is_told_which_operator_it_takes() -> None:
    tree = Files(a_yaml=store("ClusterSecretStore", "bao", "vault: {path: secret}", "v1beta1"))
    change = only(POD, b"hunter2-hunter2", tree)
    assert isinstance(change, Change)
    assert change.needs == ("External Secrets Operator 0.16 or later: this tree has older versions of its objects",)
    assert "v1beta1" not in written(change)


def test_a_name_that_a_secret_has_is_not_taken_again() -> None:
    taken = b"apiVersion: v1\nkind: Secret\nmetadata: {name: shop-pod-secrets}\n"
    assert "name: shop-pod-secrets-2\n" in written(only(POD, b"hunter2-hunter2", Files(a_yaml=taken)))


def test_a_store_that_no_operator_reads_is_refused() -> None:
    refusal = only(POD, b"hunter2-hunter2", Files(), Reference("pigeon", "iac/shop"))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "no operator is known that reads pigeon"


def test_a_literal_of_another_document_inside_is_refused() -> None:
    inside = spot(POD, b"hunter2-hunter2")._replace(formats=("terraform", "kubernetes"))
    (refusal,) = kubernetes.rewrite([inside], File("main.tf", POD), Files())
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "inside a document of terraform"


def test_what_does_not_parse_is_refused_as_a_whole() -> None:
    data = b"kind: Secret\n\tstringData: [\n  password: hunter2-hunter2\n"
    (refusal,) = kubernetes.rewrite([spot(data, b"hunter2-hunter2")], File("shop.yaml", data), Files())
    assert isinstance(refusal, Refusal)
    assert "does not parse" in refusal.reason


def test_a_plugin_of_argo_is_used_where_the_tree_uses_it() -> None:
    data = b"db:\n  password: hunter2-hunter2\n"
    tree = Files(values_yaml=data, other_yaml=b"password: <path:secret/data/other#password>\n")
    place = spot(data, b"hunter2-hunter2", path="values.yaml")
    (change,) = helm.rewrite([place], File("values.yaml", data), tree)
    assert isinstance(change, Change)
    assert written(change) == '"<path:secret/data/iac/shop#value>"'
    (refusal,) = helm.rewrite([place], File("values.yaml", data), Files(values_yaml=data))
    assert isinstance(refusal, Refusal)


def test_values_that_override_the_chart_s_are_named_when_only_the_defaults_move() -> None:
    values = b"auth:\n  existingSecret: ''\n  password: hunter2-hunter2\n"
    secret = b"kind: Secret\ndata:\n  password: {{ .Values.auth.password | b64enc }}\n"
    tree = Files(values_yaml=values)
    tree.files |= {
        "Chart.yaml": b"name: shop\n",
        "values-prod.yaml": b"auth:\n  password: other\n",
        "templates/secret.yaml": b"{{- if not .Values.auth.existingSecret }}\n" + secret + b"{{- end }}\n",
    }
    (change,) = helm.rewrite([spot(values, b"hunter2-hunter2", path="values.yaml")], File("values.yaml", values), tree)
    assert isinstance(change, Change)
    said = "values-prod.yaml has values of its own, which nothing reads until it sets auth.existingSecret"
    assert change.warnings == (said,)


def test_a_chart_whose_secret_holds_more_than_the_values_is_refused() -> None:
    values = b"auth:\n  existingSecret: ''\n  password: hunter2-hunter2\n"
    secret = b"kind: Secret\ndata:\n  password: {{ .Values.auth.password | b64enc }}\n  salt: {{ randAlphaNum 8 }}\n"
    tree = Files(values_yaml=values)
    tree.files |= {
        "Chart.yaml": b"name: shop\n",
        "templates/secret.yaml": b"{{- if not .Values.auth.existingSecret }}\n" + secret + b"{{- end }}\n",
    }
    (told,) = helm.rewrite([spot(values, b"hunter2-hunter2", path="values.yaml")], File("values.yaml", values), tree)
    assert isinstance(told, Refusal)
    assert told.reason == "the chart's Secret also has the key salt, whose value is not in these values"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (VAULT, "ref+vault://secret/iac/shop#/value"),
        (SSM, "ref+awsssm://iac/shop?region=eu-west-1"),
        (Reference("aws-ssm", "shop"), ""),  # vals would put a slash before it
        (Reference("aws-secretsmanager", "iac/shop"), "ref+awssecrets://iac/shop"),
        (Reference("azure-keyvault", "iac-shop", scope="https://v.vault.azure.net/"), "ref+azurekeyvault://v/iac-shop"),
        (Reference("gcp-secretmanager", "iac-shop", scope="p"), "ref+gcpsecrets://p/iac-shop"),
        (Reference("memory", "iac/shop"), ""),
    ],
)
def test_vals_reads(reference: Reference, expected: str) -> None:
    assert uri(reference) == expected


@pytest.mark.parametrize(
    "data", [POD, b"\xef\xbb\xbf" + POD, POD.replace(b"\n", b"\r\n"), b"# \xf0\x9f\x98\x80\n" + POD]
)
def test_nodes_stand_where_they_say(data: bytes) -> None:
    (root,) = documents(data)
    found = {
        b: data[step.node.span.start : step.node.span.end]
        for way in walk(root)
        for step in way[-1:]
        for b in [step.name]
    }
    assert found["value"] == b"hunter2-hunter2"
    assert found["metadata"] == b"{name: shop}"
    assert Sheet(File("shop.yaml", data)).raw(root.get("metadata", "name")) == "shop"


def test_every_fixture_of_a_repository_s_own_manifests_is_read(tmp_path: Path) -> None:
    files = sorted((Path(__file__).parents[2] / "fixtures" / "rewrite").glob("kubernetes_*/*/before/**/*.y*ml"))
    assert files
    for file in files:
        data = file.read_bytes()
        for root in documents(data):
            for way in walk(root):
                node = way[-1].node
                written = data[node.span.start : node.span.end]
                if node.kind == "scalar" and node.value and not node.block and b"\\" not in node.value:
                    assert b" ".join(node.value.split()) in b" ".join(written.split())


ARGUMENTS = b"""\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: shop
      image: shop:1
      %s
"""


@pytest.mark.parametrize(
    ("written", "literal", "hosted"),
    [
        (b"args: ['--password=hunter2-hunter2']", b"hunter2-hunter2", True),
        (b"command: [app, -phunter2-hunter2]", b"hunter2-hunter2", True),
        (b"args:\n        - --password=hunter2-hunter2", b"hunter2-hunter2", True),
        (b'args: ["--password=\\"hunter2-hunter2\\""]', b"hunter2-hunter2", False),  # written with escapes
        (b"args: ['app --password=hunter2-hunter2']", b"hunter2-hunter2", False),  # an entry point may be a shell
        (b"command: [sh, -ec, PASSWORD=hunter2-hunter2]", b"hunter2-hunter2", False),
        (b"command: [sh, -c]\n      args: [PASSWORD=hunter2-hunter2]", b"hunter2-hunter2", False),
        (b"args: [--password, hunter2-hunter2]", b"hunter2-hunter2", False),  # a whole argument
        (b"args:\n        - |\n          set -e\n          run --password=hunter2-hunter2", b"hunter2-hunter2", False),
    ],
)
def test_a_value_in_an_argument_is_no_script(written: bytes, literal: bytes, hosted: bool) -> None:
    data = ARGUMENTS % written
    place = spot(data, literal)._replace(key="spec.containers[0].args[0] › password", formats=("kubernetes", "shell"))
    assert kubernetes.hosts(place, data) is hosted
    assert helm.hosts(place._replace(path="chart/templates/pod.yaml"), data) is hosted
    assert helm.hosts(place._replace(path="chart/values.yaml"), data) is False


@pytest.mark.parametrize(
    ("written", "variable"),
    [
        (b"--db-password=hunter2-hunter2", b"DB_PASSWORD"),
        (b"-Ddb.password=hunter2-hunter2", b"DB_PASSWORD"),
        (b"PGPASSWORD=hunter2-hunter2", b"PGPASSWORD"),
        (b"-phunter2-hunter2", b"PASSWORD"),
        (b"shop:hunter2-hunter2", b"SHOP"),
    ],
)
def test_the_variable_of_an_argument_is_called_as_it(written: bytes, variable: bytes) -> None:
    data = ARGUMENTS % (b"args: [%s]" % written)
    place = spot(data, b"hunter2-hunter2")._replace(key="spec.containers[0].args[0]", formats=("kubernetes", "shell"))
    (result,) = kubernetes.rewrite([place], File("shop.yaml", data), Files(shop_yaml=data))
    assert isinstance(result, Change)
    assert result.edits[0].edit == Edit(place.literal, b"$(%s)" % variable)


@pytest.mark.parametrize(
    "name", ['"x: {{ y }}"', '"123"', '"true"', '"1e5"', '"a\\n---\\nkind: Evil"', '"a\n    b: c"', "'a #b'"]
)
@pytest.mark.parametrize("at", ["name", "namespace"])
def test_a_name_that_needs_its_quotes_is_not_written_without(name: str, at: str) -> None:
    own = f"{{name: shop, {at}: {name}}}" if at != "name" else f"{{name: {name}}}"
    secret = b"apiVersion: v1\nkind: Secret\nmetadata: {name: shop}\nstringData:\n  password: hunter2-hunter2\n"
    for data in (POD, secret):
        data = data.replace(b"{name: shop}", own.encode(), 1)
        [result] = kubernetes.rewrite([spot(data, b"hunter2-hunter2")], File("shop.yaml", data), Files())
        assert isinstance(result, Refusal)
        assert "Kubernetes takes" in result.reason


@pytest.mark.parametrize("name", ["shop", "shop.v1-2", "${cluster}-shop", "$(CLUSTER)-shop", "1a"])
def test_a_name_with_a_variable_is_one(name: str) -> None:
    data = POD.replace(b"{name: shop}", b"\n  name: " + name.encode(), 1)
    [result] = kubernetes.rewrite([spot(data, b"hunter2-hunter2")], File("shop.yaml", data), Files())
    assert isinstance(result, Change) == ("(" not in name)


CLASS = b"""\
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: mail%s}
spec:
  provider: vault
  parameters: {roleName: %s, objects: ""}
"""
SECRET = b"apiVersion: v1\nkind: Secret\nmetadata: {name: shop-db}\nstringData:\n  password: hunter2-hunter2\n"
READER = POD.replace(b"- name: DB_PASSWORD\n          value: hunter2-hunter2", b"[]").replace(
    b"env:\n        []", b"envFrom:\n        - secretRef: {name: shop-db}"
)


def test_pods_in_other_files_mount_what_makes_their_secret() -> None:
    for newline in (b"\n", b"\r\n"):
        pod = READER.replace(b"\n", newline)
        change = only(SECRET, b"hunter2-hunter2", Files(a_yaml=CLASS % (b"", b"shop"), pod_yaml=pod))
        assert isinstance(change, Change)
        edit = next(edit for path, edit in change.edits if path == "pod.yaml")
        text = pod[: edit.span.start] + edit.text + pod[edit.span.end :]
        assert text.count(newline) == text.count(b"\n")
        assert text.replace(b"\r", b"").endswith(
            b"      volumeMounts:\n        - name: shop-db\n          mountPath: /mnt/secrets-store/shop-db\n"
            b"          readOnly: true\n  volumes:\n    - name: shop-db\n      csi:\n"
            b"        driver: secrets-store.csi.k8s.io\n        readOnly: true\n        volumeAttributes:\n"
            b"          secretProviderClass: shop-db\n"
        )


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"b_yaml": CLASS % (b"-2", b"other")}, "log in differently"),
        ({"a_yaml": CLASS % (b"", b"'{{ .Values.role }}'")}, "parameters that a template makes"),
        ({"b_yaml": b"volumeAttributes: {}\nnodePublishSecretRef: {name: login}\n"}, "nodePublishSecretRef"),
        ({"kustomization_yaml": b"namePrefix: dev-\nresources: [shop.yaml]\n"}, "kustomize gives names"),
        ({"pod_yaml": READER.replace(b"name: shop-db", b"name: other")}, "which pods read the Secret"),
        ({"pod_yaml": b"kind: Pod\n\tname: shop-db\n"}, "does not parse"),
        ({"kustomization_yaml": b"patches: [{path: pod.yaml}]\n"}, "is a patch"),
    ],
)
def test_a_driver_of_which_not_all_is_known_is_not_used(files: dict[str, bytes], reason: str) -> None:
    tree = Files(**{"a_yaml": CLASS % (b"", b"shop"), "pod_yaml": READER, **files})
    refusal = only(SECRET, b"hunter2-hunter2", tree)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"b_yaml": store("ClusterSecretStore", "bao", "vault: {path: secret}")}, "ExternalSecret"),
        (
            {"b_yaml": b"apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultAuth\nmetadata: {name: x}\n"},
            "VaultStaticSecret",
        ),
        ({}, "SecretProviderClass"),
    ],
)
def test_an_operator_goes_before_the_driver(files: dict[str, bytes], kind: str) -> None:
    tree = Files(**{"a_yaml": CLASS % (b"", b"shop"), "pod_yaml": READER, **files})
    assert f"{kind}" in written(only(SECRET, b"hunter2-hunter2", tree))


def test_a_driver_for_another_store_is_none() -> None:
    change = only(SECRET, b"hunter2-hunter2", Files(a_yaml=CLASS % (b"", b"shop"), pod_yaml=READER), SSM)
    assert "ExternalSecret" in written(change)


def test_templates_in_templates_are_not_written() -> None:
    tree = Files(b_yaml=b"apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultAuth\nmetadata: {name: x}\n")
    data = SECRET.replace(b"name: shop-db", b'name: "{{ app }}-db"')
    refusal = only(data, b"hunter2-hunter2", tree)
    assert isinstance(refusal, Refusal)
    assert "has templates of its own, and so has this file" in refusal.reason
