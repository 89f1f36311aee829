"""The secret by which a reply is recognised: made from random bytes, found again in any text.

Draws no randomness itself and does not know which tokens exist; a candidate counts only where it is looked up.
"""

from __future__ import annotations

import re

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: no i, l, o or u, so that nobody who types it off takes one letter for another."""

LENGTH = 12  # 60 bits; facts on forged replies ask for 50 at least, and a local part has room for no more beside a name
RANDOM_BYTES = 8  # the fewest that hold 60 bits

_BITS = 5
# \b first lets Python's engine skip from word to word: five times as quick as looking back at every letter. It takes
# "_" for a letter, though, and mail software writes one for emphasis and for blanks in encoded subjects.
_CANDIDATE = re.compile(rf"\b[{ALPHABET}{ALPHABET.upper()}]{{{LENGTH}}}\b", re.ASCII)


def new(random_bytes: bytes) -> str:
    """Return a token made of the first 60 bits.

    Raises:
        ValueError: fewer than 8 bytes; the token could be guessed.
    """
    if len(random_bytes) < RANDOM_BYTES:
        raise ValueError(f"{len(random_bytes)} random bytes are too few for a token; pass {RANDOM_BYTES}")
    number = int.from_bytes(random_bytes[:RANDOM_BYTES], "big") >> (RANDOM_BYTES * 8 - LENGTH * _BITS)
    return "".join(ALPHABET[number >> _BITS * place & 31] for place in reversed(range(LENGTH)))


def find_all(text: str) -> list[str]:
    """Return every word of the text that has a token's form, in lower case, each once, in the order of appearance.

    Ordinary words of 12 letters can have that form too ("transparency" has).
    """
    return list(dict.fromkeys(found.lower() for found in _CANDIDATE.findall(text.replace("_", " "))))
