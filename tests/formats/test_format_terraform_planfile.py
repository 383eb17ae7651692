import io
import zipfile

import pytest
from format_laws import SAMPLES, written
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import grows

from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.detect.members import Lost
from secretsweep.formats import terraform_planfile
from secretsweep.model import Blob
from secretsweep.rules.load import load

PATH, DATA = SAMPLES["terraform-planfile"]


def test_a_saved_plan_has_the_addresses_of_its_resources() -> None:
    assert written(PATH, DATA) == {
        "variable.pw": b"Tr0ub4dor&3-x",
        "module.edge.acme_gateway.this[0].join": b"Tr0ub4dor&3-y",
        "output.admin": b"Tr0ub4dor&3-z",
        "terraform.backend.http.password": b"Tr0ub4dor&3-b",
        "terraform.backend.http.address": b"https://x",
    }


def test_paths_that_are_sensitive_say_so() -> None:
    forms = {unit.key: unit.form for unit in terraform_planfile.units(DATA)}
    assert [key for key, form in forms.items() if form == "marked:password"] == [
        "module.edge.acme_gateway.this[0].join",
        "output.admin",
    ]


def test_the_members_of_a_saved_plan_are_read_as_what_they_are() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tfplan", DATA)
        archive.writestr("tfstate", SAMPLES["terraform-state"][1])
        archive.writestr("tfconfig/m-/main.tf", SAMPLES["terraform"][1])
    lost: list[Lost] = []
    found = Engine(load(), cache_folder()).scan(Blob("", "plan.out", out.getvalue()), lost)
    assert lost == []
    assert {(f.path, f.format, f.key) for f in found} == {
        ("plan.out!tfplan", "terraform-planfile", "variable.pw"),
        ("plan.out!tfplan", "terraform-planfile", "module.edge.acme_gateway.this[0].join"),
        ("plan.out!tfplan", "terraform-planfile", "output.admin"),
        ("plan.out!tfplan", "terraform-planfile", "terraform.backend.http.password"),
        ("plan.out!tfstate", "terraform-state", "output.a"),
        ("plan.out!tfstate", "terraform-state", "module.db.random_password.main[0].result"),
        ("plan.out!tfconfig/m-/main.tf", "terraform", "variable.db_password.default"),
        ("plan.out!tfconfig/m-/main.tf", "terraform", "resource.aws_instance.web.user_data › DB_PASSWORD"),
    }


@settings(max_examples=300, deadline=None)
@given(draw=st.data())
def test_damaged_plans_yield_units_that_lie_in_the_file(draw: st.DataObject) -> None:
    at = draw.draw(st.integers(2, len(DATA)))
    data = DATA[:at] + draw.draw(st.binary(max_size=6)) + DATA[draw.draw(st.integers(at, len(DATA))) :]
    for unit in terraform_planfile.units(data):
        assert data[unit.span.start : unit.span.end] == unit.value


@pytest.mark.parametrize(
    "piece",
    [b"\x1a\x00", b"\x92", b"\xdc\xff\xff", b"\x1a\xff\xff\x7f", b"\x81\xa1a", b"\xdd\x7f\xff\xff\xff"],
    ids=repr,
)
def test_hostile_plans_take_linear_time(piece: bytes) -> None:
    def plans(count: int) -> tuple[bytes, ...]:
        body = piece * (count // len(piece))
        size = len(body)
        varint = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
        return (
            b"\x08\x03\x1a" + body,
            b"\x08\x03\x12" + varint + body,
            b"\x08\x03\x6a" + varint + b"\x12" + varint + b"\x0a" + body,
        )

    grows(plans, lambda made: [terraform_planfile.units(data) for data in made], 300_000)
