"""The versions of the rules by which messages are judged.

Apart from the rules, so that a pass that finds everything judged loads none of them. Whoever changes what a rule makes
of some message changes its version here: then every message is judged anew.
"""

from __future__ import annotations

MATCH = "match-4"
CLASSIFY = "classify-5"
PROMISE = "promise-1"
REDACT = "redact-1"  # by which texts are shown; nothing that is stored depends on it
ALL = f"{MATCH}/{CLASSIFY}/{PROMISE}"
"""Stored with everything derived from a message."""
