"""The Store, put together from its parts in the files beside it: one transaction a method, one story a file."""

from __future__ import annotations

from slawatch.store.alerts import Alert, Alerts, Telling
from slawatch.store.auditing import Audited, Auditing
from slawatch.store.backing import Backing
from slawatch.store.canaries import Canaries, Canary
from slawatch.store.chaining import Chaining
from slawatch.store.control import Control
from slawatch.store.deriving import Deriving
from slawatch.store.erasing import Erasing
from slawatch.store.following import Following
from slawatch.store.imported import Imported
from slawatch.store.letters import Letter, LetterDraft, Letters, LetterState
from slawatch.store.looking import Looking
from slawatch.store.opting import OptOut
from slawatch.store.planning import Planning
from slawatch.store.publicity import Charge, Found, Publicity, Standing
from slawatch.store.publishing import Correction, Embargo, Publishing
from slawatch.store.recording import Recording
from slawatch.store.reporting import MadeReport, Reporting
from slawatch.store.retaining import Holding, Publication, Retaining
from slawatch.store.reviewing import Reviewing
from slawatch.store.rows import Draft, Event, Look, Shown
from slawatch.store.running import Running
from slawatch.store.settled import Settled, SettledKind, SettledPage

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
    "MadeReport",
    "OptOut",
    "Publication",
    "SettledKind",
    "SettledPage",
    "Shown",
    "Standing",
    "Store",
    "Telling",
]


class Store(
    Looking,
    Planning,
    Following,
    Imported,
    Deriving,
    Reviewing,
    Erasing,
    Publishing,
    Retaining,
    Publicity,
    Recording,
    Reporting,
    Letters,
    Chaining,
    Auditing,
    Alerts,
    Canaries,
    Running,
    Backing,
    Settled,
    Control,
):
    """All that slawatch remembers, in one SQLite file; for many threads by one object, for many processes by its path.

    Every method raises StoreError, in one line with its cure, where the file cannot be read or written.
    """
