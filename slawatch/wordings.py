"""Which languages reports are worded in: one file of words each, slawatch's own or the user's.

Reads no words (report/words.py does), only the names of the files.
"""

from __future__ import annotations

import re
from pathlib import Path

from slawatch import resources
from slawatch.tomlfile import one_of, quoted

_CODE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")  # what sets words apart from the other TOML files in the folder


def known(folder: Path | None) -> tuple[str, ...]:
    """Return the codes of all languages there are words for, in alphabetical order."""
    files = (file for each in resources.folders("reports", folder) for file in each.glob("*.toml"))
    return tuple(sorted({file.stem for file in files if _CODE.fullmatch(file.stem)}))


def worded(lang: str, folder: Path | None) -> str:
    """Return the language, for there are words for it.

    Raises:
        ValueError: there are none, or it is no code of a language; in one line, with those there are.
    """
    languages = known(folder)
    if lang not in languages:
        raise ValueError(f"reports are not worded in {quoted(lang)}; write {one_of(languages)}")
    return lang
