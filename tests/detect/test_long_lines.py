"""In a document on one line, what is found does not depend on where the line is cut."""

import pytest

from secretsweep.detect.engine import Engine
from secretsweep.model import Blob


@pytest.mark.parametrize("before", range(180, 260, 7))
def test_a_password_in_minified_json_is_found_wherever_it_stands(engine: Engine, before: int) -> None:
    items = ",".join(f'{{"id":{number},"name":"server {number}"}}' for number in range(before))
    data = f'{{"items":[{items},{{"user":"app","password":"Tr0ub4dor&3-x"}},{items}]}}'.encode()
    (found,) = engine.scan(Blob("0", "export.json", data), [])
    assert data[found.span.start : found.span.end] == b"Tr0ub4dor&3-x"


@pytest.mark.parametrize("depth", [10, 99, 101, 600])
@pytest.mark.parametrize(("opening", "held", "closing", "path"), [
    ('{"a":', '{"password":"Tr0ub4dor&3-x"}', "}", "a.json"),
    ("<a>", "<password>Tr0ub4dor-3-x</password>", "</a>", "a.xml"),
])  # fmt: skip
def test_no_depth_hides_a_password(
    engine: Engine, depth: int, opening: str, held: str, closing: str, path: str
) -> None:
    data = (opening * depth + held + closing * depth).encode()
    assert [found.rule for found in engine.scan(Blob("0", path, data), [])] == ["generic-password"]
