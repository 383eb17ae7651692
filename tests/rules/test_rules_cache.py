"""The rules as JSON are the rules, or are read anew."""

import json
import os
from pathlib import Path

import pytest

from secretsweep.errors import RuleError
from secretsweep.rules import load
from secretsweep.rules._cache import in_force, load_cached

RULE = """provider: acme
rules:
  - id: acme-key
    name: Acme
    kind: api-token
    severity: high
    confidence: high
    pattern: 'acme-[0-9]{12}'
    examples: ['acme-${digit:12}']
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "acme.yaml").write_text(RULE, encoding="utf-8")
    return folder


def test_the_cached_rules_equal_those_of_the_files(tmp_path: Path) -> None:
    first, second = load_cached(tmp_path), load_cached(tmp_path)
    assert first == second == (load.load(), load.digest(load.files()))
    assert first.rules[0] == load.load()[0]
    assert len(list(tmp_path.iterdir())) == 1


def test_nothing_is_written_without_a_cache_folder(own: Path) -> None:
    assert "acme-key" in {rule.id for rule in load_cached(None, own).rules}


def test_a_changed_file_is_read_anew_and_replaces_what_was_kept(tmp_path: Path, own: Path) -> None:
    cache = tmp_path / "cache"
    before = load_cached(cache, own)
    (own / "acme.yaml").write_text(RULE.replace("severity: high", "severity: low"), encoding="utf-8")
    after = load_cached(cache, own)
    severities = [next(r.severity for r in loaded.rules if r.id == "acme-key") for loaded in (before, after)]
    assert severities == ["high", "low"]
    assert before.digest != after.digest
    assert len(list(cache.iterdir())) == 1


def test_a_further_file_is_read_anew_when_only_its_time_changes(tmp_path: Path, own: Path) -> None:
    load_cached(tmp_path / "cache", own / "acme.yaml")
    kept = next((tmp_path / "cache").iterdir())
    before = json.loads(kept.read_bytes())["key"]
    os.utime(own / "acme.yaml", ns=(1, 1))
    load_cached(tmp_path / "cache", own / "acme.yaml")
    assert json.loads(kept.read_bytes())["key"] != before


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"key": 1}', b"\xff\xfe", b'{"key":"K","digest":"x","rules":[[1]]}']
)
def test_a_damaged_cache_is_ignored(tmp_path: Path, own: Path, damage: bytes) -> None:
    whole = load_cached(tmp_path / "cache", own)
    kept = next((tmp_path / "cache").iterdir())
    key = json.loads(kept.read_bytes())["key"]
    kept.write_bytes(damage.replace(b'"K"', json.dumps(key).encode()))
    assert load_cached(tmp_path / "cache", own) == whole


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path, own: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    assert load_cached(tmp_path / "file", own) == load_cached(None, own)


def test_a_disabled_rule_is_not_in_force_and_changes_the_digest(tmp_path: Path) -> None:
    everything, rest = in_force(tmp_path), in_force(tmp_path, (), ["generic-password"])
    assert {r.id for r in everything.rules} - {r.id for r in rest.rules} == {"generic-password"}
    assert everything.digest != rest.digest


def test_what_does_not_exist_cannot_be_disabled_or_added(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no-such: no such rule to disable"):
        in_force(tmp_path, (), ["no-such"])
    with pytest.raises(RuleError, match="no rule file"):
        in_force(tmp_path, [tmp_path / "nowhere"])
