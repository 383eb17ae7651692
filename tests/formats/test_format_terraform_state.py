import contextlib
import json
from typing import Any

import pytest
from format_laws import SAMPLES, values, written
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import grows

from secretsweep import formats
from secretsweep.formats import terraform_plan, terraform_state
from secretsweep.model import Blob, Unit

NAMES = ("terraform-state", "terraform-plan")
_STEPS = st.sampled_from(
    "version resources outputs modules instances attributes attributes_flat sensitive_attributes mode type name value "
    "primary deposed module index_key path backend config managed data random_password aws_ssm_parameter result "
    "sensitive get_attr password before after after_sensitive change address values expressions constant_value".split()
)
_LITERALS = st.none() | st.booleans() | st.integers() | st.text(max_size=6) | _STEPS
_TREES = st.recursive(
    _LITERALS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(_STEPS | st.text(max_size=4), below, max_size=4),
    max_leaves=30,
)


def _units(name: str, data: bytes) -> list[Unit]:
    with contextlib.suppress(formats.Unparsed):
        return list(formats.named(name).extract(Blob("", "x", data)))
    return []


def _holds(data: bytes, unit: Unit) -> bool:
    """Whether the span covers what the value was read from."""
    raw = data[unit.span.start : unit.span.end]
    if unit.trail or b"\\" in raw:
        return bool(raw)
    return raw == unit.value


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=200, deadline=None)
@given(tree=st.dictionaries(_STEPS, _TREES, max_size=5), indent=st.sampled_from([None, 2, 4]))
def test_any_json_yields_units_whose_spans_hold_their_values(name: str, tree: Any, indent: int | None) -> None:
    data = json.dumps(tree, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert all(_holds(data, unit) for unit in _units(name, data))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=200, deadline=None)
@given(tree=st.dictionaries(_STEPS, _TREES, max_size=5), draw=st.data())
def test_any_truncation_yields_units_whose_spans_hold_their_values(name: str, tree: Any, draw: st.DataObject) -> None:
    data = json.dumps(tree).encode()
    start = draw.draw(st.integers(0, len(data)))
    data = data[start : draw.draw(st.integers(start, len(data)))]
    assert all(_holds(data, unit) for unit in _units(name, data))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=200, deadline=None)
@given(draw=st.data())
def test_a_region_lies_in_the_file_whatever_the_file_is(name: str, draw: st.DataObject) -> None:
    tree = draw.draw(st.dictionaries(_STEPS, _TREES, max_size=5))
    data = json.dumps(tree, indent=draw.draw(st.sampled_from([None, 2]))).encode()
    data = draw.draw(st.sampled_from([b"", b'{\n  "version": 4,\n'])) + data[: draw.draw(st.integers(0, len(data)))]
    module: Any = formats.named(name)
    at = draw.draw(st.integers(0, len(data)))
    start, end = module.REGIONS["resource"](data, at)
    assert 0 <= start <= end <= len(data)
    assert start <= max(at - 1, 0) <= end


def test_a_resource_read_alone_has_the_address_it_has_in_its_file() -> None:
    _, data = SAMPLES["terraform-state"]
    start, end = terraform_state.resource(data, data.index(b"Tr0ub4dor&3-y"))
    alone = {unit.key: unit.value for unit in terraform_state.units(data[start:end])}
    assert alone == {
        "module.db.random_password.main[0].result": b"Tr0ub4dor&3-y",
        "module.db.random_password.main[0].keepers.name": b"n",
        "module.db.random_password.main[0].keepers.n": b"a\xc3\xa9",
    }
    assert alone.items() <= {unit.key: unit.value for unit in terraform_state.units(data)}.items()


def test_a_resource_is_the_same_region_wherever_it_stands_in_its_file() -> None:
    _, data = SAMPLES["terraform-state"]
    longer = data.replace(b'"serial": 1,', b'"serial": 4711,')
    place = b"Tr0ub4dor&3-y"
    regions = [terraform_state.resource(d, d.index(place)) for d in (data, longer)]
    assert data[slice(*regions[0])] == longer[slice(*regions[1])]


def test_a_minified_state_has_the_same_addresses() -> None:
    path, data = SAMPLES["terraform-state"]
    minified = json.dumps(json.loads(data)).encode()
    assert values(path, minified) == values(path, data)
    place = minified.index(b"Tr0ub4dor&3-y")
    start, end = terraform_state.resource(minified, place)
    assert json.loads(minified[start:end])["type"] == "random_password"


def test_what_is_marked_as_sensitive_says_so() -> None:
    _, data = SAMPLES["terraform-state"]
    assert {unit.key: unit.form for unit in terraform_state.units(data)} == {
        "output.a": "marked:password",
        "module.db.random_password.main[0].result": "declared:password",
        "module.db.random_password.main[0].keepers.name": "marked:secret",
        "module.db.random_password.main[0].keepers.n": "marked:secret",
    }


def test_a_plan_has_the_addresses_of_its_resources() -> None:
    path, data = SAMPLES["terraform-plan"]
    assert written(path, data) == {
        "variable.pw": b"Tr0ub4dor&3-x",
        "aws_db_instance.main.password": b"Tr0ub4dor&3-y",
    }


@pytest.mark.parametrize("path", ["state.json", "terraform.tfstate", "terraform.tfstate.backup", "x/tfstate", "y.txt"])
def test_a_state_is_one_under_any_name(path: str) -> None:
    _, data = SAMPLES["terraform-state"]
    assert formats.owner(path, data) is terraform_state  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(
    "data", [b'{"version": 4, "name": "app"}', b'{"lineage": "grey"}', b"version = 4\n", b"[]", b""]
)
def test_other_json_is_no_state_and_no_plan(data: bytes) -> None:
    assert not terraform_state.owns("package.json", data)
    assert not terraform_plan.owns("package.json", data)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "piece", [b'{"resources":[', b'{"a":{},', b'"resources": {', b'\n    {\n', b'\n    {\n    }', b'{"outputs":{"a":{'],
    ids=repr,
)  # fmt: skip
def test_regions_of_hostile_files_take_linear_time(name: str, piece: bytes) -> None:
    module: Any = formats.named(name)

    def read(data: bytes) -> None:
        for at in range(0, len(data), 100):
            module.REGIONS["resource"](data, at)

    grows(lambda size: b'{\n  "version": 4,\n' + piece * (size // len(piece)), read, 2_000_000)
