"""What a template leaves of a password is one; names that are put together in the same way are none."""


import pytest
from pace import grows

from secretsweep.detect.templated import literal


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("Passw0rd-${var.env}", "Passw0rd-"),
        ("Sup3rS3cret!{{ env }}", "Sup3rS3cret!"),
        ("Summer2024-${{ vars.STAGE }}", "Summer2024-"),
        ("${a}${b}Tr0ub4dor{{ c }}&3-x#{d}", "Tr0ub4dor{{ c }}&3-x"),
    ],
)
def test_what_stands_in_the_file_is_from_its_first_to_its_last_character(text: str, stays: str) -> None:
    assert literal(text) == stays


@pytest.mark.parametrize(
    "text",
    [
        "Passw0rd-x",  # no template
        "${var.name}-password",
        "prefix-${random}",
        "P@ssw0rd1${random_string.a.result}",
        "projects/${x}/secrets/Db2",
        "arn:aws:secretsmanager:eu-west-1:${account}:secret:Shop-Db2",
        "https://${host}/Secrets/Db2",
        "{{ .Release.Name }}-K8sPostgres15",
        "Db1Password-${env}",
        "${env}-Aurora2-Main01",
        "Aa1!${env}",
        "Enter Passw0rd1 for ${user}",
        '${lookup("${x}", "Tr0ub4dor3")}',
    ],
)
def test_names_paths_and_what_a_template_makes_secret_are_no_passwords(text: str) -> None:
    assert literal(text) == ""


def test_a_value_of_nothing_but_openings_takes_no_time() -> None:
    def read(text: str) -> None:
        assert literal(text) == ""

    grows(lambda count: "{{" * count + "Passw0rd-1", read, 400_000)
