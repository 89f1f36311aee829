"""What is wrong now, from facts alone; who is told of it is the matter of telling.py.

Pure: no clock, no store, no network. It blames nobody for what our own side may have caused.
"""

from __future__ import annotations

from slawatch.noticing.facts import (
    AccountFacts,
    BudgetFacts,
    CanaryFacts,
    DiskFacts,
    Facts,
    Kind,
    PromiseFacts,
    RequestFacts,
    Severity,
    Trouble,
)
from slawatch.noticing.rules import DEEP, unjudged, wrong

__all__ = [
    "DEEP",
    "AccountFacts",
    "BudgetFacts",
    "CanaryFacts",
    "DiskFacts",
    "Facts",
    "Kind",
    "PromiseFacts",
    "RequestFacts",
    "Severity",
    "Trouble",
    "unjudged",
    "wrong",
]
