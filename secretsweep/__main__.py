"""`python -m secretsweep`: the command line where its script is not on the path."""

from secretsweep.cli import main

if __name__ == "__main__":
    main()
