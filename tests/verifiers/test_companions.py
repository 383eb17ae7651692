"""What stands beside a credential, and the whole of the literal that holds it."""

from base64 import b64encode

import pytest
from questions import around

from secretsweep.app.verifying.companions import Around, Missing
from secretsweep.model import Finding
from secretsweep.rules.placeholders import fill
from secretsweep.verifiers import Beside, _target

PASSWORD = fill("${alnum:20}", 3)
URL = f"postgres://app:{PASSWORD}@db.acme.io:5432/shop?sslmode=require"
KEY_ID, OTHER_ID = fill("AKIA${base32:16}", 1), fill("AKIA${base32:16}", 2)
KEY, OTHER = fill("${base64:40}", 3), fill("${base64:40}", 4)
USER = {"user": Beside(keys=r"(?i)user(?:name)?$")}


def of(place: Around, rule: str) -> Finding:
    (finding,) = (finding for finding in place.findings if finding.rule == rule)
    return finding


def shown(place: Around, finding: Finding, wanted: dict[str, Beside]) -> dict[str, str]:
    return {name: value.reveal().decode() for name, value in place.beside(finding, wanted).items()}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.env", f"DATABASE_URL={URL}\n"),
        ("app.env", f'export DATABASE_URL="{URL}" OTHER=1\n'),
        ("values.yaml", f"db:\n  url: '{URL}'\n"),
        ("main.tf", f'locals {{\n  url = "{URL}"\n}}\n'),
        ("notes.md", f"Connect with `{URL}`, then wait.\n"),
        ("config.json", f'{{"url": "{URL}"}}'),
    ],
)
def test_the_literal_is_all_of_a_connection_url(path: str, text: str) -> None:
    place = around(text, path)
    assert place.literal(of(place, "database-url-postgres")).reveal().decode() == URL


def test_an_encoded_literal_is_not_taken_for_the_value() -> None:
    text = f"kind: Secret\napiVersion: v1\ndata:\n  url: {b64encode(URL.encode()).decode()}\n"
    place = around(text, "secret.yaml")
    assert place.literal(of(place, "database-url-postgres")).reveal().decode() in (URL, PASSWORD)


def test_another_finding_of_the_same_block_counts_before_one_that_is_nearer() -> None:
    text = f"""first:
  aws_access_key_id: {KEY_ID}
  note: nothing
  aws_secret_access_key: {KEY}
second:
  aws_access_key_id: {OTHER_ID}
  aws_secret_access_key: {OTHER}
"""
    place = around(text, "values.yaml")
    wanted = {"id": Beside(rules=("aws-access-key-id",))}
    pairs = {
        finding.secret.reveal().decode(): shown(place, finding, wanted)["id"]
        for finding in place.findings
        if finding.rule == "aws-secret-access-key"
    }
    assert pairs == {KEY: KEY_ID, OTHER: OTHER_ID}


def test_two_that_are_as_near_are_none() -> None:
    text = f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={KEY}\nB_AWS_ACCESS_KEY_ID={OTHER_ID}\n"
    place = around(text)
    with pytest.raises(Missing, match="several values beside it could be the id") as error:
        place.beside(of(place, "aws-secret-access-key"), {"id": Beside(rules=("aws-access-key-id",))})
    assert KEY_ID not in str(error.value) and KEY not in str(error.value)


def test_the_same_value_twice_is_one() -> None:
    text = f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={KEY}\nB_AWS_ACCESS_KEY_ID={KEY_ID}\n"
    place = around(text)
    found = shown(place, of(place, "aws-secret-access-key"), {"id": Beside(rules=("aws-access-key-id",))})
    assert found == {"id": KEY_ID}


def test_a_literal_is_found_by_its_name_and_its_form() -> None:
    text = f"db:\n  username: shop_app\n  password: {PASSWORD}\nother:\n  username: somebody\n"
    place = around(text, "values.yaml")
    assert shown(place, of(place, "generic-password"), USER) == {"user": "shop_app"}
    formed = {"user": Beside(keys="(?i)user", pattern="[0-9]+")}
    with pytest.raises(Missing, match="takes the user that belongs to it"):
        place.beside(of(place, "generic-password"), formed)


def test_what_is_far_away_is_not_beside() -> None:
    text = "username: shop_app\n" + "x: 1\n" * 40 + f"password: {PASSWORD}\n"
    place = around(text, "values.yaml")
    with pytest.raises(Missing):
        place.beside(of(place, "generic-password"), USER)
    near = {"host": Beside(near=r"https://(?P<value>[a-z.]+)")}
    far = around("url: https://db.acme.io\n" + "x: 1\n" * 40 + f"password: {PASSWORD}\n", "values.yaml")
    with pytest.raises(Missing):
        far.beside(of(far, "generic-password"), near)


def test_of_several_names_the_one_that_begins_alike_counts() -> None:
    text = f"REDIS_PORT=1\nDB_PASSWORD={PASSWORD}\nX=1\nDB_PORT=2\n"
    place = around(text)
    assert shown(place, of(place, "generic-password"), {"port": Beside(keys="PORT$")}) == {"port": "2"}
    other = around(text.replace("DB_PORT", "MYSQL_PORT"))
    assert shown(other, of(other, "generic-password"), {"port": Beside(keys="PORT$")}) == {"port": "1"}


@pytest.mark.parametrize(
    ("path", "text", "host"),
    [
        ("values.yaml", "cache:\n  password: {}\ndatabase:\n  host: db.io\n", None),
        ("values.yaml", "db:\n  auth:\n    password: {}\n  host: db.io\n", "db.io"),
        ("values.yaml", "db:\n  password: {}\n  redisHost: r.io\n  host: db.io\n", "db.io"),
        ("values.yaml", "password: {}\ndb:\n  host: db.io\n", None),
        (".env", "CACHE_PASSWORD={}\nDB_HOST=db.io\n", None),
        (".env", "DB_PASSWORD={}\nHOST=0.0.0.0\n", None),
        (".env", "DB_PASSWORD={}\nHOST=0.0.0.0\nDB_HOST=db.io\n", "db.io"),
    ],
)
def test_a_host_is_of_the_password_of_its_own_block_or_name(path: str, text: str, host: str | None) -> None:
    place = around(text.format(PASSWORD), path)
    wanted = _target.beside("postgresql")
    found = shown(place, of(place, "generic-password"), wanted)
    assert found.get("host") == host


def test_where_only_one_may_be_two_are_none() -> None:
    wanted = {"server": Beside(near=r"https://(?P<value>[a-z.]+)", only=True)}
    one = f"https://a.io\nhttps://a.io\npassword: {PASSWORD}\n"
    place = around(one, "values.yaml")
    assert shown(place, of(place, "generic-password"), wanted) == {"server": "a.io"}
    two = around("url: https://b.io\n" + one, "values.yaml")
    with pytest.raises(Missing, match="several values in the file"):
        two.beside(of(two, "generic-password"), wanted)


def test_what_is_searched_across_a_file_is_all_that_is_there() -> None:
    place = around("# <a\n# b>\n" + "x: 1\n" * 60 + f"password: {PASSWORD}\n# <c>\n", "values.yaml")
    found = shown(place, of(place, "generic-password"), {"parts": Beside(across="<[^>]+>")})
    assert found == {"parts": "<a\n# b>\n<c>"}


def test_text_is_searched_by_lines_and_the_group_is_the_value() -> None:
    place = around(f"see https://git.acme.io for\npassword: {PASSWORD}\n", "values.yaml")
    near = {"host": Beside(near=r"https://(?P<value>[a-z.]+)")}
    assert shown(place, of(place, "generic-password"), near) == {"host": "git.acme.io"}


def test_what_is_optional_may_be_missing_or_ambiguous() -> None:
    place = around(f"username: a\npassword: {PASSWORD}\nusername: b\n", "x.properties")
    optional = {"user": Beside(keys="user", optional=True), "host": Beside(near="nowhere", optional=True)}
    assert shown(place, of(place, "generic-password"), optional) == {}


def test_the_credential_is_not_its_own_companion() -> None:
    place = around(f"password: {PASSWORD}\n", "values.yaml")
    with pytest.raises(Missing):
        place.beside(of(place, "generic-password"), {"user": Beside(keys="password")})
