"""What is known of an archive's member holds for the same member of another archive, with its own paths."""

import gzip
import io
import tarfile

from secretsweep.decode.budget import Budget
from secretsweep.detect.engine import Engine
from secretsweep.detect.members import Lost, Memory, Outcome
from secretsweep.model import Blob

VALUES = b"database:\n  password: Tr0ub4dor-and-3\n"
BROKEN = b"db:\n\tpassword: Tr0ub4dor-and-3\n"


def chart(release: str, **files: bytes) -> Blob:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"app/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return Blob(release.rjust(40, "0"), f"charts/app-{release}.tgz", out.getvalue())


def test_each_release_has_its_own_finding(engine: Engine) -> None:
    files = {"values.yaml": VALUES, "cut.gz": gzip.compress(VALUES)[:-9]}
    for release in ("1.0.0", "1.0.1", "1.2.0"):
        lost: list[Lost] = []
        found = engine.scan(chart(release, **files), lost)
        archive = f"charts/app-{release}.tgz!app"
        assert [f.path for f in found] == [f"{archive}/values.yaml", f"{archive}/cut.gz!cut"]
        assert {f.oid for f in found} == {release.rjust(40, "0")}
        assert [loss.path for loss in lost] == [f"{archive}/cut.gz!cut"]


def test_where_lines_were_read_is_told_of_each(engine: Engine) -> None:
    engine.fell_back.clear()
    for release in ("3.0", "3.1"):
        engine.scan(chart(release, **{"values.yaml": BROKEN}), [])
    assert engine.fell_back == {"charts/app-3.0.tgz!app/values.yaml", "charts/app-3.1.tgz!app/values.yaml"}
    told = Outcome("a!b", (), (), ("a!b!c",), 0, 0).at(Blob("", "x!b", b""))
    assert told.fell_back == ("x!b!c",)


def test_the_same_content_under_another_name_is_read_again(engine: Engine) -> None:
    found = engine.scan(chart("2.0", **{"values.yaml": VALUES, "values.go": VALUES, "b/values.yaml": VALUES}), [])
    assert [f.path.partition("!")[2] for f in found] == ["app/values.yaml", "app/b/values.yaml"]


def test_what_is_known_counts_for_the_budget() -> None:
    memory, member = Memory(), Blob("", "a.tgz!b", b"c")
    key = memory.key(member, Budget())
    memory.keep(key, Outcome(member.path, (), (), (), bytes=10, members=2))
    assert memory.get(key, Budget(left=10, members=2))
    assert memory.get(key, Budget(left=9)) is None
    assert memory.get(key, Budget(members=1)) is None
    assert memory.key(member, Budget(depth=1)) != key
