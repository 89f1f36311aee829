"""What those who are asked can read of it, and what of our own overrides stays on record."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path

import pytest

from slawatch import resources
from slawatch.classify.stopping import asks_to_stop
from slawatch.errors import UsageError
from slawatch.model import Facts, MessageKind
from slawatch.usecases import control, review
from slawatch.usecases.check import check
from slawatch.usecases.collect import collect
from slawatch.usecases.notices import disclosure
from slawatch.usecases.plan import keep_laid_out
from slawatch.usecases.review import Wish
from tests.stages import Opening, company
from tests.usecases.test_follow import asked

RAISED = 'limits = { month = 10 }\nlimits_reason = "their head of service asked for ten a month"'


def leaves(table: dict[str, object], path: str = "") -> dict[str, set[str]]:
    """Return the gaps of each text by its key."""
    found: dict[str, set[str]] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= leaves(value, f"{path}{key}.")
        else:
            found[path + key] = {gap for _, gap, _, _ in string.Formatter().parse(str(value)) if gap}
    return found


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    german, english = (leaves(tomllib.loads(resources.read(f"reports/notices.{lang}.toml"))) for lang in ("de", "en"))

    assert german == english


@pytest.mark.parametrize(("lang", "says"), [("en", "How to opt out"), ("de", "Wie Sie widersprechen")])
def test_the_page_says_who_asks_how_often_and_how_to_opt_out_and_names_no_company(
    stage: Opening, lang: str, says: str
) -> None:
    here = stage(company("shop"), company("other", extra=RAISED))

    page = disclosure(here.world, lang)

    assert says in page
    assert "Anna Beispiel" in page
    assert "asks@own.example" in page
    assert "4 " in page
    assert "shop" not in page.lower().replace("shop-", "")
    assert "{" not in page


def test_who_follows_the_page_is_heeded() -> None:
    for said in ("stop", "Stopp", "Stop!"):
        assert asks_to_stop(Facts(text=said), MessageKind.UNKNOWN) is not None


def test_a_language_nobody_has_words_for_is_refused(stage: Opening) -> None:
    here = stage(company("shop"))

    with pytest.raises(UsageError, match=r'"fr" has no reports/notices\.fr\.toml'):
        disclosure(here.world, "fr")


def test_the_users_own_words_stand_in_place_of_ours(stage: Opening, tmp_path: Path) -> None:
    here = stage(company("shop"))
    own = resources.read("reports/notices.en.toml").replace("How to opt out", "Leave us")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "notices.en.toml").write_text(own, encoding="utf-8")

    assert "## Leave us" in disclosure(here.world, "en")


class TestOnRecord:
    def test_a_resumed_pause_with_what_it_was_for(self, stage: Opening) -> None:
        here = stage(company("shop"))
        control.pause(here.world, "*", "their fair")
        control.resume(here.world, "*")
        control.resume(here.world, "*")  # there is none any more

        assert [(one.action, one.scope, one.detail) for one in here.world.store.audit_log()] == [
            ("resumed", "*", "was paused: their fair")
        ]

    def test_a_decision_about_a_message_and_its_undoing(self, stage: Opening) -> None:
        here, request = asked(stage)
        here.forward(hours=2)
        here.far.answer(request, "Vielen Dank für Ihre Nachricht.")
        here.forward(minutes=5)
        collect(here.world)
        (message,) = here.world.store.waiting_for_review()
        review.decide(here.world, message.id, Wish(kind=MessageKind.ANSWER), who="anna", reason="she rang me")
        review.undo(here.world, message.id, who="berta", reason="wrong letter")

        decided, undone = here.world.store.audit_log()
        assert (decided.actor, decided.action, decided.scope) == ("anna", "review", f"message:{message.id}")
        assert decided.detail.startswith(f"answer of {request.public_id}, was ")
        assert decided.detail.endswith(": she rang me")
        assert (undone.actor, undone.action, undone.detail) == ("berta", "review undone", "wrong letter")

    def test_limits_raised_for_a_reason_once_until_they_change(self, stage: Opening) -> None:
        here = stage(company("shop", extra=RAISED))
        keep_laid_out(here.world)
        here.forward(days=8)
        keep_laid_out(here.world)
        assert [one.detail for one in here.world.store.audit_log()] == [
            "month raised: their head of service asked for ten a month"
        ]

        here = stage(company("shop"))
        keep_laid_out(here.world)

        assert [one.detail for one in here.world.store.audit_log()][1:] == ["the usual limits hold again"]


class TestPublished:
    @pytest.mark.parametrize("relationship", ["competitor", "public_interest"])
    def test_an_address_that_nobody_can_show_to_be_public_is_warned_of(self, stage: Opening, relationship: str) -> None:
        here = stage(company("shop", relationship=relationship))

        warned = [one for one in check(here.world) if "published" in one.what]

        assert [(one.where, one.result) for one in warned] == [("shop", "warning")]

    @pytest.mark.parametrize(
        ("relationship", "extra"),
        [("own", ""), ("consented", ""), ("competitor", 'published_at = "https://shop.example/contact"')],
    )
    def test_one_that_is_public_or_agreed_is_not(self, stage: Opening, relationship: str, extra: str) -> None:
        here = stage(company("shop", relationship=relationship, extra=extra))

        assert [one for one in check(here.world) if "published" in one.what] == []
