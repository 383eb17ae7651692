"""A guide that is wrong is refused with its file, field and reason; whatever the YAML, nothing else is raised."""

import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from secretsweep.errors import RuleError
from secretsweep.model import Guide, Rule
from secretsweep.model.guide import STEPS
from secretsweep.rules import guides
from secretsweep.rules.guide_check import together, unknown

GUIDE = """title: Acme
overlap: 'yes'
about: Two at once.
identifiers:
  id: number of it
steps:
  delete:
    text: Delete <id>.
    commands: [acme delete <id>]
links: [https://acme.example/rotate]
"""
GENERAL = guides.load()[guides.GENERAL]


def read(folder: Path, text: str) -> Guide:
    (folder / "acme.yaml").write_text(text, encoding="utf-8")
    return guides.read(folder / "acme.yaml", GENERAL)


def test_what_a_guide_leaves_out_the_general_one_says(tmp_path: Path) -> None:
    guide = read(tmp_path, GUIDE)
    assert (guide.name, guide.step("delete").commands) == ("acme", ("acme delete <id>",))
    assert [s.id for s in guide.steps] == list(STEPS)
    assert guide.step("watch") == GENERAL.step("watch")


def test_an_unquoted_yes_is_a_yes(tmp_path: Path) -> None:
    assert read(tmp_path, GUIDE.replace("'yes'", "no")).overlap == "no"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Acme\n", "", "field 'title' is missing"),
        ("about: Two at once.\n", "", "field 'about' is missing"),
        ("overlap: 'yes'", "overlap: perhaps", "overlap 'perhaps' is none of"),
        ("overlap: 'yes'", "overlap: yes\nhours: soon", "hours 'soon' is no number of hours"),
        ("overlap: 'yes'", "overlap: yes\nhours: true", "hours True is no number of hours"),
        ("overlap: 'yes'", "overlap: yes\nhours: -1", "hours -1 is no number of hours"),
        ("overlap: 'yes'", "overlap: yes\nurl: x", "unknown field 'url'"),
        ("  delete:", "  destroy:", "step 'destroy' is none of assess, misuse"),
        ("    text: Delete <id>.\n", "", "step delete: field 'text' is missing"),
        ("    text: Delete <id>.", "    text: Delete <id>.\n    command: x", "step delete: unknown field 'command'"),
        ("[acme delete <id>]", "acme delete", "step delete: a list of texts is wanted"),
        ("<id>]", "<nobody>]", "<nobody> is neither an identifier of this guide nor one of"),
        ("  id: number of it", "  id: number of it\n  more: of it", "identifiers: nothing says <more>"),
        ("  id: number of it", "  id: {pattern: x}", "identifiers: field 'about' is missing"),
        ("  id: number of it", "  id: {about: x, regex: x}", "identifiers: unknown field 'regex'"),
        ("  id: number of it", "  id: {about: x, pattern: '('}", "identifiers: id: missing"),
        ("  id: number of it", "  - id", "a mapping is wanted"),
        ("[https://acme.example/rotate]", "[]", "the vendor's page on rotation is missing"),
        ("https://acme", "http://acme", "is no https:// address"),
        ("/rotate]", "/rotate, https://acme.example/rotate]", "stands there twice"),
        ("[https://acme.example/rotate]", "7", "a list of texts is wanted"),
        ("acme delete <id>", "'acme \"delete <id>'", "No closing quotation"),
        ("[acme delete <id>]", "['acme delete <id> -p \"$PASSWORD\"']", "would stand in the arguments"),
        ("[acme delete <id>]", '["acme delete <id>\\nreboot"]', "has more than one line"),
        ("steps:", "refines: {password: '('}\nsteps:", "refines: password: missing"),
    ],
)
def test_a_wrong_guide_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in GUIDE
    with pytest.raises(RuleError) as refused:
        read(tmp_path, GUIDE.replace(old, new))
    assert str(refused.value).startswith("rotation/acme.yaml: ") or "not YAML" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("name", ["password", "client-secret", "api-token", "key", "new-value"])
def test_no_identifier_is_called_as_a_value_is(name: str, tmp_path: Path) -> None:
    text = GUIDE.replace("  id:", f"  {name}:").replace("<id>", f"<{name}>")
    with pytest.raises(RuleError, match=f"{name} is called as a value is"):
        read(tmp_path, text)


@pytest.mark.parametrize("name", ["key-id", "secret-name", "token-id", "password-id", "public-key"])
def test_the_name_of_a_value_is_no_value(name: str, tmp_path: Path) -> None:
    assert name in read(tmp_path, GUIDE.replace("  id:", f"  {name}:").replace("<id>", f"<{name}>")).identifiers


@pytest.mark.parametrize(
    "command", ["printf 'Authorization: Bearer %s' \"$TOKEN\" | curl -H @- https://acme.example", "jq '.[] | $x'"]
)
def test_a_value_that_goes_through_a_pipe_is_no_argument(command: str, tmp_path: Path) -> None:
    guide = read(tmp_path, GUIDE.replace("[acme delete <id>]", yaml.safe_dump([command], default_flow_style=True)))
    assert guide.step("delete").commands == (command,)


def test_a_guide_without_general_ones_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rotation").mkdir()
    with pytest.raises(RuleError, match=r"general\.yaml is missing"):
        guides.load(tmp_path)


def test_guides_and_rules_that_do_not_belong_together_are_told(tmp_path: Path) -> None:
    acme = read(tmp_path, GUIDE.replace("id: number of it", "id: {about: x, rule: nowhere}"))
    rule = Rule("a", "A", "", "password", "low", "low", "x", guide="acne")
    assert list(together({"acme": acme}, [rule])) == [
        "guide 'acne': no such guide",
        "rotation/acme.yaml: identifiers: id: no rule 'nowhere'",
        "rotation/acme.yaml: no rule names it, and it refines no guide that one names",
    ]
    assert list(unknown(rule, {"acme": acme}, False)) != []
    nameless = replace(rule, guide="")
    assert list(unknown(nameless, {}, False)) == []
    assert list(unknown(nameless, {}, True)) == ["field 'guide' is missing"]


def test_a_rule_without_a_guide_gets_the_general_one() -> None:
    assert guides.named("") == guides.named("no-such-guide") == GENERAL


@pytest.mark.parametrize(
    ("guide", "path", "key", "wanted"),
    [
        ("private-key", "keys.yaml", "deploy_key", "deploy-key"),
        ("private-key", "tls/server.yaml", "ssh.privateKey", "ssh-key"),
        ("private-key", "ssh/config.yaml", "ingress.tls.key", "tls-key"),
        ("private-key", "main.tf", "key", "private-key"),
        ("private-key", "k8s/secret.yaml", "privateKey", "private-key"),
        ("encryption-key", "values.yaml", "fernetKey", "fernet-key"),
        ("encryption-key", "airflow/values.yaml", "fernetKey", "airflow-fernet-key"),
        ("aws-access-key", "ssh/deploy_key", "", "aws-access-key"),
        ("password", "postgresql/values.yaml", "redis.password", "redis"),
        ("password", "charts/rabbitmq/values.yaml", "auth.password", "rabbitmq"),
        ("password", "rds.tf", "resource.aws_db_instance.main.password", "aws-rds-master"),
        ("password", "group_vars/all.yml", "ansible_become_password", "os-password"),
        ("password", "main.yml", "password", "password"),
        ("password", "compose.yaml", "services.db.environment.POSTGRES_PASSWORD", "postgresql"),
        ("password", "upgrade.env", "SMTP_PASSWORD", "smtp"),
        ("api-token", ".github/workflows/ci.yml", "env.API_TOKEN", "api-token"),
        ("api-token", ".github/workflows/ci.yml", "env.GITHUB_PAT", "github-token"),
        ("api-token", "k8s/app.yaml", "data.token", "api-token"),
        ("api-token", "app.env", "JWT_SECRET", "signing-secret"),
        ("api-token", "app.env", "DJANGO_SECRET_KEY", "django-secret-key"),
        ("api-token", "app.env", "OIDC_CLIENT_SECRET", "oauth-client-secret"),
        ("api-token", "app.env", "DESIGN_KEY", "api-token"),
    ],
)
def test_a_place_refines_a_guide_by_its_key_then_by_its_path(guide: str, path: str, key: str, wanted: str) -> None:
    assert guides.fitting(guide, [(path, key)]).name == wanted


def test_most_places_decide() -> None:
    places = [("a.yaml", "redis.password"), ("b.yaml", "mysql.password"), ("c.yaml", "mysqlPassword")]
    assert guides.fitting("password", places).name == "mysql"
    assert guides.fitting("password", []).name == "password"


def test_a_guide_for_people_to_choose_is_never_chosen_by_itself() -> None:
    assert guides.load()["default-password"].refines == {"password": "", "keystore": ""}
    assert guides.fitting("keystore", [("default-password", "default")]).name == "keystore"


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates()
names = st.sampled_from(("title", "overlap", "about", "query", "hours", "identifiers", "steps", "links", "refines"))
keys = names | st.sampled_from(("assess", "delete", "text", "commands", "pattern", "rule")) | st.text(max_size=5)
trees = st.recursive(leaves, lambda t: st.lists(t, max_size=4) | st.dictionaries(keys, t, max_size=6), max_leaves=20)
documents = st.dictionaries(names, trees) | trees


@settings(max_examples=300, deadline=None)
@given(documents)
def test_any_document_is_a_guide_or_a_rule_error(document: object) -> None:
    _a_guide_or_an_error(yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_guide_or_a_rule_error(data: bytes) -> None:
    _a_guide_or_an_error(data)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GUIDE)), st.integers(0, 12), st.text("{}[]<>'\":-,|&*!%@ \nab1", max_size=4))
def test_a_damaged_guide_is_a_guide_or_a_rule_error(at: int, length: int, new: str) -> None:
    _a_guide_or_an_error((GUIDE[:at] + new + GUIDE[at + length :]).encode())


@pytest.mark.parametrize(
    "text", ["title: !!int ''", "title: 2001-99-99", "&a [*a]", "[" * 5000, "hours: " + "9" * 5000, "? [a]\n: b"]
)
def test_yaml_that_cannot_be_built_is_a_rule_error(text: str) -> None:
    _a_guide_or_an_error(text.encode())


def _a_guide_or_an_error(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "acme.yaml")
        file.write_bytes(data)
        with suppress(RuleError):
            assert isinstance(guides.read(file, GENERAL), Guide)
