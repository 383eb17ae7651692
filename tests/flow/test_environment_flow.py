"""Where variables of compose files and of files of variables go."""

from flows import Files, way

from secretsweep.flow import Flow, consumers

COMPOSE = """\
x-db: &db
  POSTGRES_PASSWORD: literal
services:
  db:
    environment: *db
  api:
    environment:
      <<: *db
      DSN: postgres://app:${DB_PASSWORD:-x}@db
      SAME: $$DB_PASSWORD
    env_file:
      - prod.env
      - path: ./more.env
  web:
    command: ["--token", "$DB_PASSWORD"]
    env_file: prod.env
    secrets: [cert]
secrets:
  cert:
    content: literal
"""
FILES: dict[str, str | bytes] = {
    "shop/docker-compose.yml": COMPOSE,
    "shop/.env": "",
    "shop/prod.env": "",
    "shop/k.env": "",
}


def test_a_literal_belongs_to_every_service_that_an_alias_brings_it_to() -> None:
    path = "shop/docker-compose.yml"
    assert way(FILES, "yaml", path, "x-db.POSTGRES_PASSWORD", 2) == [
        f"{path}:5 services.db service",
        f"{path}:7 services.api service",
    ]
    assert way(FILES, "yaml", path, "services.api.environment.DSN", 9) == [f"{path}:7 services.api service"]
    assert way(FILES, "yaml", path, "secrets.cert.content", 20) == [f"{path}:15 services.web service"]


def test_variables_reach_the_services_that_name_them_or_read_their_file() -> None:
    path = "shop/docker-compose.yml"
    assert way(FILES, "dotenv", "shop/.env", "DB_PASSWORD") == [
        f"{path}:7 services.api service",
        f"  {path}:9 services.api.environment.DSN variable",
        f"{path}:15 services.web service",
        f"  {path}:15 services.web.command[1] variable",
    ]
    assert way(FILES, "dotenv", "shop/prod.env", "ANY") == [
        f"{path}:7 services.api service",
        f"  {path}:12 services.api.env_file env-file",
        f"{path}:15 services.web service",
        f"  {path}:16 services.web.env_file env-file",
    ]
    use = Flow(Files(FILES)).of(("dotenv",), "shop/.env", "DB_PASSWORD", 1)
    assert [one.consumer for one in consumers(use)] == ["service api", "service web"]


def test_variables_of_other_folders_and_names_go_nowhere() -> None:
    assert way(FILES, "dotenv", ".env", "DB_PASSWORD") == []
    assert way(FILES, "dotenv", "shop/.env", "PASSWORD") == []
    assert way(FILES, "dotenv", "shop/other.env", "DB_PASSWORD") == []


def test_kustomize_makes_a_secret_of_a_file_of_variables() -> None:
    files: dict[str, str | bytes] = {
        "k/kustomization.yaml": "secretGenerator:\n- name: db\n  envs: [./db.env]\n",
        "k/db.env": "",
        "k/pod.yaml": "kind: Pod\nmetadata: {name: p}\nspec: {containers: [{envFrom: [{secretRef: {name: db}}]}]}\n",
    }
    assert way(files, "dotenv", "k/db.env", "PASSWORD") == [
        "k/pod.yaml:1 Pod/p workload",
        "  k/pod.yaml:3 spec.containers[0].envFrom[0].secretRef environment",
    ]


def test_a_compose_file_that_does_not_parse_is_said_not_to() -> None:
    files: dict[str, str | bytes] = {"compose.yaml": "services: [\n", "a.yaml": "a: b\n"}
    assert way(files, "yaml", "compose.yaml", "a", 1) == ["compose.yaml:1 a unknown (the file does not parse)"]
    use = Flow(Files(files)).of(("yaml",), "a.yaml", "a", 1)
    assert use.note == "where values of yaml files go is not known"


def test_values_files_are_charts_even_where_their_format_is_another() -> None:
    files: dict[str, str | bytes] = {
        "c/Chart.yaml": "name: c\n",
        "c/values.yaml": "kind: DaemonSet\npw: x\n",
        "c/templates/p.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nx: {{ .Values.pw }}\n",
    }
    for fmt in ("helm", "yaml", "kubernetes"):
        assert way(files, fmt, "c/values.yaml", "pw", 2) == ["c/templates/p.yaml:4 Pod/p template"]
