"""The store: the one memory of slawatch. It keeps what happened and settles races; it decides nothing.

What is open, late, allowed or answered is derived elsewhere from what stands here.
"""

from slawatch.store.store import (
    Alert,
    Audited,
    Canary,
    Charge,
    Correction,
    Draft,
    Embargo,
    Event,
    Found,
    Holding,
    Letter,
    LetterDraft,
    LetterState,
    Look,
    OptOut,
    Publication,
    Shown,
    Standing,
    Store,
    Telling,
)

__all__ = [
    "Alert",
    "Audited",
    "Canary",
    "Charge",
    "Correction",
    "Draft",
    "Embargo",
    "Event",
    "Found",
    "Holding",
    "Letter",
    "LetterDraft",
    "LetterState",
    "Look",
    "OptOut",
    "Publication",
    "Shown",
    "Standing",
    "Store",
    "Telling",
]
