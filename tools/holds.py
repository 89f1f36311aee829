"""Says whether an installed slawatch holds each file of the checkout, octet for octet: tools/holds.py PYTHON.

Then whatever plain tests show of the sources holds for the wheel; only commands and channels need to be tried again.
"""
# ruff: noqa: INP001 - a script of the Makefile's, not a package

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What pyproject.toml puts into the package from beside it.
BUNDLED = {
    "probes": "_bundled/probes",
    "reports": "_bundled/reports",
    "config.example.toml": "_bundled/config.example.toml",
}


def checkout() -> dict[str, Path]:
    """Return the checkout's file for each name inside the installed package."""
    found = {}
    for top in ("slawatch", *BUNDLED):
        for path in [ROOT / top] if (ROOT / top).is_file() else (ROOT / top).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                rest = path.relative_to(ROOT / top).as_posix()
                inside = () if top == "slawatch" else (BUNDLED[top],)
                found["/".join([*inside, *([] if rest == "." else [rest])])] = path
    return found


def main(python: str) -> int:
    """Print one line for each difference and return 1 where there is one."""
    where = subprocess.run(  # noqa: S603 - the interpreter that the Makefile names
        [python, "-P", "-c", "import slawatch; print(*slawatch.__path__)"], check=True, capture_output=True, text=True
    ).stdout.strip()
    package = Path(where)
    wanted = checkout()
    there = {
        path.relative_to(package).as_posix(): path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    faults = [f"lacks {name}" for name in sorted(wanted.keys() - there.keys())]
    faults += [f"holds {name}, which is not in the checkout" for name in sorted(there.keys() - wanted.keys())]
    faults += [
        f"{name} differs from the checkout's"
        for name in sorted(wanted.keys() & there.keys())
        if wanted[name].read_bytes() != there[name].read_bytes()
    ]
    for fault in faults:
        sys.stderr.write(f"wheel: {fault}\n")
    if not faults:
        sys.stdout.write(f"wheel: {len(wanted)} files, each as in the checkout\n")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
