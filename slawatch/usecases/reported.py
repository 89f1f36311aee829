"""Keeps what each HTML report said, and finds the one before it of the same scope. Compares nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch.report.model import LastReport, Material
from slawatch.store.reporting import MadeReport

if TYPE_CHECKING:
    from slawatch.usecases.report import Choice
    from slawatch.usecases.world import World


def scope(choice: Choice) -> str:
    """Return in canonical JSON what a report is about: two of the same scope can be held against each other.

    The instants are not part of it, the kind of period is: a week is not held against a month.
    """
    about = {
        "audit": choice.campaign,
        "companies": sorted(set(choice.companies)),
        "name": choice.name,
        "period": choice.kind,
    }
    return json.dumps(about, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def last(world: World, choice: Choice) -> LastReport | None:
    """Return the newest report of the same scope that was made before now and reaches less far, None without one."""
    found = world.store.last_report(scope(choice), made_at=world.clock.now(), until=choice.until)
    if found is None:
        return None
    return LastReport(made_at=found.made_at, since=found.since, until=found.until, figures=found.figures)


def keep(world: World, choice: Choice, material: Material, figures: Mapping[str, Any], path: Path) -> int:
    """Keep what the report in this file says; returns the id under which the store has it."""
    return world.store.add_report(
        MadeReport(
            scope=scope(choice),
            made_at=material.made_at,
            since=material.since,
            until=material.until,
            lang=choice.lang,
            version=material.version,
            config_digest=material.config_digest,
            chain_head=material.chain_head,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            figures=figures,
        )
    )
