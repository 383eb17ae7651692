"""A path that the store keeps for something else is left to it; the plan takes the next one and says so."""

from pathlib import Path

from repositories import Repo
from rewrites import planned

from secretsweep.model import Reference, Secret
from secretsweep.stores import Taken
from secretsweep.stores.memory import Memory


class Deleted(Memory):
    """Where a value was deleted, and its path is not free yet."""

    def get(self, reference: Reference) -> Secret | None:
        if not reference.path.endswith("-2"):
            raise Taken
        return super().get(reference)


def test_the_path_of_a_deleted_value_is_not_taken_again(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    file = tmp_path / "repo" / "group_vars" / "all.yml"
    file.parent.mkdir()
    file.write_text("db_password: 'Tr0ub4dor-and-3'\n")
    repo.commit({}, "all")
    plan = planned(tmp_path / "repo", "memory", connection=Deleted()).plan
    (put,) = plan.puts
    assert put.reference.path.endswith("-2")
    taken = put.reference._replace(path=put.reference.path.removesuffix("-2"))
    assert plan.notes == (f"{taken} is taken without a value (deleted?), so the next free path is taken",)
