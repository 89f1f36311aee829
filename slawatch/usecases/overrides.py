"""Notes in the audit log which companies the config asks more of than usual, and why. Decides no limit."""

from __future__ import annotations

from slawatch import burden
from slawatch.usecases.world import World

SEEN = "limits raised:"  # meta, with the company's key: what was noted last


def note_raised_limits(world: World) -> None:
    """Note each raising of limits that needs a reason, once for as long as config and reason stay the same."""
    for company in world.config.companies.values():
        limits = (company.limits, *(target.limits for target in company.targets))
        names = sorted({name for one in limits for name in burden.raised(one)})
        says = f"{', '.join(names)} raised: {company.limits_reason}"
        if company.relationship in burden.FREE or not names:
            says = ""
        before = world.store.meta(f"{SEEN}{company.key}") or ""
        if says == before:
            continue
        with world.store.together():
            world.store.set_meta(f"{SEEN}{company.key}", says)
            world.store.audit("limits", f"company:{company.key}", says or "the usual limits hold again")
