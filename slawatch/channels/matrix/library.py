"""Says what is missing of the libraries. Loads them, so it is asked on use only."""

from __future__ import annotations

import logging

NEEDS = 'channel "matrix" needs matrix-nio with encryption'
INSTALL = 'run: pip install "slawatch[matrix]"'


def missing() -> str:
    """Return what is missing, "" where it is all there."""
    try:
        import aiohttp  # noqa: F401, PLC0415 - tried
        import nio  # noqa: PLC0415 - tried
        import vodozemac  # noqa: F401, PLC0415 - tried
    except ImportError as error:
        return " ".join(str(error).split())
    # It logs what every program meets with now and then; whatever a person must act on comes as an error of ours.
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    return "" if nio.crypto.ENCRYPTION_ENABLED else "it is there without encryption"
