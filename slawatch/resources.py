"""Finds probes, report templates and the example config: the user's own first, then those that came with slawatch.

The only place that knows where the package keeps such files; it must not read meaning into them.
"""

from __future__ import annotations

from pathlib import Path

from slawatch.errors import UsageError

_PACKAGE = Path(__file__).parent


def find(name: str, user_folder: Path | None = None) -> Path:
    """Return where the file or folder of that name ("reports/report.html", "probes") lies, the user's own before ours.

    Raises:
        UsageError: neither the user nor slawatch has it.
    """
    for root in _roots(user_folder):
        if (root / name).exists():
            return root / name
    raise UsageError(f'there is no "{name}"' + (f" in {user_folder} or" if user_folder else "") + " in slawatch itself")


def find_ours(name: str) -> Path | None:
    """Return where the file of that name that came with slawatch lies; None where there is none."""
    path = _roots(None)[0] / name
    return path if path.exists() else None


def folders(name: str, user_folder: Path | None = None) -> tuple[Path, ...]:
    """Return every folder of that name, the user's first: a file in an earlier one replaces its namesake."""
    return tuple(root / name for root in _roots(user_folder) if (root / name).is_dir())


def read(name: str, user_folder: Path | None = None) -> str:
    """Return the text of the file `find` finds; raises as that, and UsageError for one that is no UTF-8."""
    path = find(name, user_folder)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 (byte {error.start + 1}); save it as UTF-8") from None


def _roots(user_folder: Path | None) -> tuple[Path, ...]:
    bundled = _PACKAGE / "_bundled"
    # Beside the package only in a checkout: in an installation that is site-packages, where "probes" may be anybody's.
    ours = bundled if bundled.is_dir() else _PACKAGE.parent
    if user_folder is None or user_folder.resolve() == ours.resolve():
        return (ours,)
    return (user_folder, ours)
