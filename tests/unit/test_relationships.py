"""What the page says of relationships is what the code does where a config says nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from slawatch import burden, retention
from slawatch.durations import show
from slawatch.model import Mode, Relationship
from tests.unit.test_config import Load, load_with_real_probes

PAGE = Path(__file__).parents[2] / "docs/explanation.md"
CAME = datetime(2026, 3, 1, tzinfo=UTC)
__all__ = ["load_with_real_probes"]

CONFIG = """
[account.public]
channel = "twitter"
handle = "@robin_asks"
auth = "oauth2"
client_id = "slawatch"

[company.shop]
name = "Shop"
relationship = "{relationship}"
{more}
[[company.shop.target]]
channel = "twitter"
address = "@shop_help"
"""


def rows() -> dict[str, list[str]]:
    """Return the page's table by relationship: limits, raised with a reason only, in public, raw evidence, texts."""
    lines = [line.split("|")[1:-1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells if row[0].strip("`") in set(Relationship) and len(row) == 6}


def test_every_relationship_has_a_row() -> None:
    assert set(rows()) == set(Relationship)


@pytest.mark.parametrize("relationship", list(Relationship))
def test_limits_are_as_the_page_says(relationship: Relationship) -> None:
    limits, reason, *_ = rows()[relationship]

    assert burden.limits_for(relationship, {}) == (burden.UNLIMITED if limits == "none" else burden.DEFAULT)
    try:
        burden.limits_for(relationship, {"month": 99})
        raised = True
    except ValueError:
        raised = False
    assert raised == (reason == "no")


@pytest.mark.parametrize("relationship", list(Relationship))
def test_lengths_of_keeping_are_as_the_page_says(relationship: Relationship) -> None:
    *_, raw, text = rows()[relationship]
    terms = retention.terms(relationship, {})
    ends = retention.ends(terms, CAME)

    assert ends.raw is not None
    assert ends.text is not None
    behind = " after the first report" if terms.published else ""
    assert (raw, text) == (f"{show(ends.raw - CAME)}{behind}", f"{show(ends.text - CAME)}{behind}")


@pytest.mark.parametrize("relationship", list(Relationship))
def test_who_asks_in_public_is_as_the_page_says(relationship: Relationship, load_with_real_probes: Load) -> None:
    said = rows()[relationship][2]

    def mode(more: str) -> Mode:
        loaded = load_with_real_probes(CONFIG.format(relationship=relationship, more=more))
        (target,) = loaded.companies["shop"].targets
        return target.mode

    assert mode("") == said.partition(",")[0]
    if "with `consent`" in said:
        assert mode('consent = "by mail, 2026-10-01"') is Mode.AUTO
