"""`python -m slawatch`: the same as the command `slawatch`."""

from slawatch.cli import main

if __name__ == "__main__":
    main()
