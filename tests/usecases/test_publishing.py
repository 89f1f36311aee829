"""A company sees its figures first and others wait; what it says stands beside them, and whoever overrides says why."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.cli.report import write_report
from slawatch.errors import UsageError
from slawatch.report import build, render
from slawatch.usecases import publishing
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.tick import tick
from slawatch.usecases.verify import verify_report
from tests.stages import Opening, Stage, company

WEEKLY = 'cron = "0 9 * * Mon"'
FORTNIGHT = timedelta(days=14)


@pytest.fixture
def here(stage: Opening) -> Stage:
    """The shop and the bakery were asked once and answered."""
    found = stage(company("shop", schedule=WEEKLY), company("bakery", schedule=WEEKLY))
    tick(found.world)
    found.forward(days=1, hours=7)
    tick(found.world)
    found.forward(hours=2)
    for request in found.requests():
        found.far.answer(request, f"Wir liefern in zwei Tagen, {request.company}. Ihr Service")
    tick(found.world)
    return found


def choice(here: Stage, *companies: str) -> Choice:
    now = here.clock.now()
    return Choice(since=now - timedelta(days=20), until=now, companies=companies)


def test_each_company_gets_a_packet_of_its_own_with_a_letter_in_two_languages(here: Stage) -> None:
    bakery, shop = publishing.embargo(here.world, choice(here), FORTNIGHT)

    assert [path.name for path in shop.files] == ["report.html", "evidence.zip", "letter.en.txt", "letter.de.txt"]
    english, german = ((shop.folder / f"letter.{lang}.txt").read_text() for lang in ("en", "de"))
    assert "To shop" in english
    assert "An shop" in german
    assert here.world.store.chain_head() in english
    assert "{" not in english + german
    assert "2026" in english
    assert "bakery" not in (shop.folder / "report.html").read_text()
    assert shop.embargo.ends_at == here.clock.now() + FORTNIGHT
    assert bakery.embargo.packet_sha256 != shop.embargo.packet_sha256


def test_others_wait_until_the_time_to_reply_is_over(here: Stage) -> None:
    asked = choice(here)
    publishing.embargo(here.world, choice(here, "shop"), FORTNIGHT)

    with pytest.raises(UsageError, match="shop may reply until 2026-04-13") as told:
        publishing.require_free(here.world, asked)
    assert "\n" not in str(told.value)
    publishing.require_free(here.world, choice(here, "bakery"))
    publishing.require_free(here.world, choice(here, "shop"))  # what the shop was given itself
    here.forward(days=14)
    assert publishing.require_free(here.world, asked) == []


def test_another_period_is_free(here: Stage) -> None:
    asked = choice(here)
    publishing.embargo(here.world, asked, FORTNIGHT)

    later = Choice(since=asked.until, until=asked.until + timedelta(days=1))

    assert publishing.require_free(here.world, later) == []


def test_who_overrides_says_why_and_the_audit_log_keeps_it(here: Stage) -> None:
    publishing.embargo(here.world, choice(here), FORTNIGHT)

    lifted = publishing.require_free(here.world, choice(here), override="they asked us to publish")

    assert [one.company for one in lifted] == ["bakery", "shop"]
    log = [(one.action, one.scope, one.detail) for one in here.world.store.audit_log()]
    assert log[-1] == (publishing.LIFTED, "company:shop", "they asked us to publish")
    assert publishing.require_free(here.world, choice(here)) == []


def test_a_time_that_is_too_short_or_a_period_without_requests_is_refused(here: Stage) -> None:
    with pytest.raises(UsageError, match="at least a day"):
        publishing.embargo(here.world, choice(here), timedelta(hours=3))
    with pytest.raises(UsageError, match="nobody was asked"):
        publishing.embargo(here.world, Choice(since=here.clock.now(), until=here.clock.now()), FORTNIGHT)


def test_what_a_company_states_stands_in_reports_and_figures_with_its_request(here: Stage, tmp_path: Path) -> None:
    request = next(one for one in here.requests() if one.company == "shop")
    publishing.add(here.world, "shop", "statement", "We moved <b>house</b>.")
    publishing.add(here.world, "shop", "correction", "It was late.", request=request.public_id, changed="now missed")

    write_report(here.world, choice(here), tmp_path / "r.html")

    page = (tmp_path / "r.html").read_text()
    assert "shop states: We moved &lt;b&gt;house&lt;/b&gt;." in page
    assert f'corrected for shop: It was late. (<a href="#{request.public_id}">' in page
    assert "changed: now missed" in page
    facts = render.data(build.build(gather(here.world, choice(here))))["method"]["said"]
    assert [(one["kind"], one["request"]) for one in facts] == [
        ("statement", None),
        ("correction", request.public_id),
    ]
    assert render.data(build.build(gather(here.world, choice(here, "bakery"))))["method"]["said"] == []


def test_a_report_from_before_a_statement_still_holds(here: Stage, tmp_path: Path) -> None:
    write_report(here.world, choice(here), tmp_path / "r.html")
    here.forward(hours=1)

    publishing.add(here.world, "shop", "statement", "We moved house.")

    found = verify_report(here.world, tmp_path / "r.html")
    assert (found.holds, found.words) == (True, ())


def test_a_statement_needs_a_company_words_and_its_own_request(here: Stage) -> None:
    bakery = next(one for one in here.requests() if one.company == "bakery")
    with pytest.raises(UsageError, match='there is no "nobody"'):
        publishing.add(here.world, "nobody", "statement", "x")
    with pytest.raises(UsageError, match="write from 1 to 4000 characters, here are 0"):
        publishing.add(here.world, "shop", "statement", "  ")
    with pytest.raises(UsageError, match=f'"{bakery.public_id}" is no request to shop'):
        publishing.add(here.world, "shop", "statement", "x", request=bakery.public_id)
    assert here.world.store.corrections() == []
