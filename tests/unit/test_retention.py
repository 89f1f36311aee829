"""How long things are kept: by relationship, from which instant, and no text shorter than its raw form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from slawatch import retention
from slawatch.model import Relationship
from slawatch.retention import Ends, Terms

CAME = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("relationship", "raw", "text"),
    [
        (Relationship.OWN, 30, 180),
        (Relationship.CONSENTED, 180, 180),
        (Relationship.COMPETITOR, 30, 180),
        (Relationship.PUBLIC_INTEREST, 365, 365),
    ],
)
def test_how_long_is_a_matter_of_how_the_user_stands_to_a_company(
    relationship: Relationship, raw: int, text: int
) -> None:
    found = retention.ends(retention.terms(relationship, {}), CAME)

    assert found == Ends(raw=CAME + raw * DAY, text=CAME + text * DAY)


def test_what_the_user_wrote_goes_before_and_none_is_for_ever() -> None:
    terms = retention.terms(Relationship.OWN, {"raw": 3 * DAY, "text": None})

    assert retention.ends(terms, CAME) == Ends(raw=CAME + 3 * DAY, text=None)


def test_public_interest_counts_from_the_publication_and_nothing_else_does() -> None:
    published = CAME + 20 * DAY

    of_public = retention.ends(retention.terms(Relationship.PUBLIC_INTEREST, {}), CAME, published)
    of_own = retention.ends(retention.terms(Relationship.OWN, {}), CAME, published)

    assert of_public.raw == published + 365 * DAY
    assert of_own.raw == CAME + 30 * DAY


def test_a_reply_that_came_after_the_publication_counts_from_its_own_coming() -> None:
    terms = retention.terms(Relationship.PUBLIC_INTEREST, {})

    assert retention.ends(terms, CAME, CAME - 9 * DAY).raw == CAME + 365 * DAY


def test_a_text_stays_as_long_as_the_raw_form_it_stands_in() -> None:
    assert retention.ends(Terms(raw=90 * DAY, text=10 * DAY), CAME).text == CAME + 90 * DAY
    assert retention.ends(Terms(raw=None, text=10 * DAY), CAME) == Ends(raw=None, text=None)


def test_what_belongs_to_several_goes_with_the_last_of_them() -> None:
    one, other = Ends(raw=CAME, text=CAME + DAY), Ends(raw=CAME + 2 * DAY, text=CAME)

    assert retention.latest([one, other]) == Ends(raw=CAME + 2 * DAY, text=CAME + DAY)
    assert retention.latest([one, Ends(raw=None, text=None)]) == Ends(raw=None, text=None)


def test_below_the_shortest_length_nothing_is_over() -> None:
    every = [Terms(raw=None, text=90 * DAY), Terms(raw=40 * DAY, text=None)]

    assert retention.shortest(every, None, 50 * DAY) == 40 * DAY
    assert retention.shortest([Terms(raw=None, text=None)], None) is None


def test_an_end_is_over_the_instant_it_comes_and_never_is_never() -> None:
    assert retention.over(CAME, CAME)
    assert not retention.over(CAME + DAY, CAME)
    assert not retention.over(None, CAME)
