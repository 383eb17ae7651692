import pytest
from format_laws import SAMPLES, values

from secretsweep import formats
from secretsweep.formats import helm


def test_values_are_yaml_with_templates_kept() -> None:
    assert values(*SAMPLES["helm"]) == {
        "auth.password": b"Tr0ub4dor&3-x",
        "auth.user": b"{{ .Values.user | quote }}",
        "auth.more": b"a-{{ .Values.more }}",
    }


def test_a_template_that_is_a_secret_is_decoded() -> None:
    data = b"{{- if .on }}\napiVersion: v1\nkind: Secret\ndata:\n  a: VHIwdWI0\n  b: {{ .x | b64enc }}\n{{- end }}\n"
    found = {k: v for k, v in values("templates/secret.yaml", data).items() if k.startswith("data")}
    assert found == {"data.a": b"Tr0ub4", "data.b": b"{{ .x | b64enc }}"}


@pytest.mark.parametrize("path", ["values.yaml", "a/values-prod.yaml", "c/Chart.yaml", "c/templates/x/y.yaml"])
def test_names_it_owns(path: str) -> None:
    assert formats.owner(path, b"a: b\n").NAME == "helm"


@pytest.mark.parametrize("path", ["a.yaml", "templates/x.sh", "values.json", "mytemplates/a.yaml"])
def test_names_it_does_not_own(path: str) -> None:
    assert not helm.owns(path, b"{{ a }}")


def test_a_terraform_template_is_no_chart() -> None:
    assert not helm.owns("templates/user_data.tpl", b"#!/bin/sh\n${x}\n")
