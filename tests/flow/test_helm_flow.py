"""Where a chart's value goes: templates, helpers, subcharts, and on to what takes the Secret."""

import random

import pytest
from flows import Files, said, way

from secretsweep.flow import Flow, consumers

SECRET = """\
{{- if .Values.db.password }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "shop.fullname" . }}-db
data:
  {{- with .Values.db }}
  user: {{ .user | b64enc }}
  password: {{ .password | b64enc | quote }}
  {{- end }}
{{- end }}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  template:
    spec:
      containers:
        - name: app
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: {{ include "shop.fullname" . }}-db
                  key: password
            {{- include "shop.env" (dict "root" $ "db" .Values.db) | nindent 12 }}
            {{- toYaml .Values.env | nindent 12 }}
            {{- range $name, $one := .Values.users }}
            - name: {{ $name }}
              value: {{ $one.token }}
            {{- end }}
"""
HELPERS = """\
{{- define "shop.fullname" -}}{{ .Release.Name }}-{{ .Values.name }}{{- end }}
{{/* .Values.db.password */}}
{{- define "shop.env" -}}
- name: DSN
  value: postgres://{{ .db.user }}:{{ .db.password }}@{{ .root.Values.host }}
{{- end }}
"""
CHART: dict[str, str | bytes] = {
    "charts/shop/Chart.yaml": "name: shop\n"
    "dependencies:\n- name: redis\n  alias: cache\n  repository: https://charts.example.com\n",
    "charts/shop/values.yaml": "db: {}\n",
    "charts/shop/templates/_helpers.tpl": HELPERS,
    "charts/shop/templates/secret.yaml": SECRET,
    "charts/shop/templates/deployment.yaml": DEPLOYMENT,
    "charts/shop/templates/NOTES.txt": "Password: {{ .Values.db.password }}\n",
    "charts/shop/charts/mail/Chart.yaml": "name: mail\n",
    "charts/shop/charts/mail/templates/pod.yaml": "kind: Pod\nmetadata:\n  name: mail\nspec:\n"
    "  smtp: {{ .Values.smtp.password }}\n  all: {{ .Values.global.key }}\n",
}
DEPLOYED = 'Deployment/{{ include "shop.fullname" . }}'
VALUES = "charts/shop/values.yaml"
TEMPLATES = "charts/shop/templates"


def test_a_value_reaches_the_objects_of_its_templates_and_what_takes_their_secret() -> None:
    assert way(CHART, "helm", VALUES, "db.password") == [
        f"{TEMPLATES}/NOTES.txt:1 .Values.db.password notes (shown to whoever installs the chart)",
        f"{TEMPLATES}/secret.yaml:1 .Values.db.password condition part",
        f'{TEMPLATES}/secret.yaml:9 Secret/{{{{ include "shop.fullname" . }}}}-db template',
        f"  {TEMPLATES}/deployment.yaml:1 {DEPLOYED} workload",
        f"    {TEMPLATES}/deployment.yaml:14 spec.template.spec.containers[app].env[PASSWORD].valueFrom.secretKeyRef"
        " environment",
        f"{TEMPLATES}/deployment.yaml:16 {DEPLOYED} template (by shop.env, {TEMPLATES}/_helpers.tpl:5)",
    ]
    use = Flow(Files(CHART)).of(("helm",), VALUES, "db.password", 1)
    assert [one.consumer for one in consumers(use)] == [DEPLOYED]


def test_a_key_beside_it_is_another_value() -> None:
    found = way(CHART, "helm", VALUES, "db.user")
    assert not any("environment" in line or "NOTES" in line for line in found)
    assert len(found) == 2


@pytest.mark.parametrize("address", ["env.PASSWORD", "env[0].value", "env"])
def test_a_parent_that_is_rendered_as_a_whole_brings_it_along(address: str) -> None:
    assert way(CHART, "helm", VALUES, address) == [f"{TEMPLATES}/deployment.yaml:17 {DEPLOYED} template"]


@pytest.mark.parametrize("address", ["users.anna.token", "users[0].token"])
def test_elements_are_followed_through_range(address: str) -> None:
    assert way(CHART, "helm", VALUES, address) == [f"{TEMPLATES}/deployment.yaml:20 {DEPLOYED} template"]
    assert way(CHART, "helm", VALUES, "users.anna.other") == []


def test_values_of_subcharts_are_followed_into_them_or_said_to_be_elsewhere() -> None:
    pod = "charts/shop/charts/mail/templates/pod.yaml"
    assert way(CHART, "helm", VALUES, "mail.smtp.password") == [
        f"{VALUES}:1 Values.smtp.password subchart",
        f"  {pod}:5 Pod/mail template",
    ]
    assert way(CHART, "helm", VALUES, "global.key")[-1] == f"  {pod}:6 Pod/mail template"
    assert way(CHART, "helm", VALUES, "cache.auth.password") == [
        f"{VALUES}:1 Values.auth.password subchart"
        " (the chart redis from https://charts.example.com is not in this tree)"
    ]


def test_values_without_a_chart_are_said_to_be_so() -> None:
    assert way(CHART, "helm", "envs/values.yaml", "db.password", 3) == [
        "envs/values.yaml:3 db.password unknown (no chart in this tree stands around these values)"
    ]


def test_what_a_helper_is_given_in_an_unknown_way_is_said_to_be_unclear() -> None:
    files = {
        **CHART,
        f"{TEMPLATES}/other.yaml": "kind: Pod\n{{- with (first .Values.list) }}\nx: {{ .special }}\n{{- end }}\n"
        'y: {{ include "lib.all" .Values.lib }}\n',
    }
    assert way(files, "helm", VALUES, "list[0].special") == [
        f"{TEMPLATES}/other.yaml:2 .Values.list condition part",
        f"{TEMPLATES}/other.yaml:3 .special unknown part"
        " (whether this is the value depends on what the template is given)",
    ]
    assert way(files, "helm", VALUES, "lib.a") == [
        f"{TEMPLATES}/other.yaml:5 Pod template (its helper lib.all is not in this chart)"
    ]


def test_index_default_and_variables_are_understood() -> None:
    files = {
        **CHART,
        f"{TEMPLATES}/x.yaml": "kind: Pod\nmetadata: {name: x}\n{{- $a := .Values.one }}\n"
        'b: {{ $a.two | default "x" }}\n'
        'c: {{ index .Values "one" "two" }}\nd: {{ $.Values.one.three }}\ne: {{ "text .Values.one.two" }}\n',
    }
    assert way(files, "helm", VALUES, "one.two") == [
        f"{TEMPLATES}/x.yaml:4 Pod/x template",
        f"{TEMPLATES}/x.yaml:5 Pod/x template",
    ]


def test_helpers_that_call_each_other_end() -> None:
    helpers = '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ .Values.x }}{{ end }}'
    files = {**CHART, f"{TEMPLATES}/_h.tpl": helpers, f"{TEMPLATES}/y.yaml": 'kind: Pod\nx: {{ include "a" . }}\n'}
    assert way(files, "helm", VALUES, "x") == [f"{TEMPLATES}/y.yaml:2 Pod template (by a, {TEMPLATES}/_h.tpl:1)"]


def test_nothing_raises_on_files_with_mistakes() -> None:
    chance = random.Random(3)
    for _ in range(200):
        files = dict(CHART)
        for path, text in CHART.items():
            data = bytearray(str(text).encode())
            for _ in range(chance.randint(0, 4)):
                at = chance.randrange(len(data) + 1)
                data[at : at + chance.randint(0, 6)] = bytes(
                    chance.choices(b'{}()"$|.:=-\n\xff\x00 end', k=chance.randint(0, 5))
                )
            files[path] = bytes(data)
        for address in ("db.password", "mail.x", "global", "", "a[", '"a.b".c', "cache.x"):
            list(said(Flow(Files(files)).of(("helm",), VALUES, address, 1).children))
