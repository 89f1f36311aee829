"""What was asked in few words in the practice range's past, in public and in chats. Asks nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from slawatch import plan
from slawatch.config import Config, Target
from slawatch.model import Asked, Form, Probe, Text


def choose(
    config: Config, probes: Mapping[str, Probe], target: Target, before: list[Asked], at: datetime, *, form: Form
) -> Text:
    """Return what the target is asked then, chosen as slawatch would have; `before` is added to.

    Raises:
        ValueError: no probe has short texts in the target's language.
    """
    suitable = plan.suitable(probes, lang=target.lang, form=form)
    chosen = plan.choose(suitable, target.lang, before, at, own=True, salt=target.company, form=form)
    if chosen is None:
        raise ValueError(f"no probe has short texts in {target.lang}")
    probe, lang, variant = chosen
    before.append(
        Asked(
            company=target.company,
            channel=target.channel,
            probe=probe.name,
            lang=lang,
            variant=variant,
            at=at,
            form=form,
        )
    )
    name = config.companies[target.company].name
    return plan.word(probe, lang, variant, company=name, name="", reference="", form=form)
