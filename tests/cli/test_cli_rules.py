"""The commands that keep to the rules: the opt-out register, the audit log, the disclosure, the apology."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.model import AttemptOutcome, Slot
from tests.cli.conftest import Call
from tests.contract.made import a_draft
from tests.stages import ACCOUNT, company


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        ACCOUNT + company("shop", schedule='every = "1 d"') + company("cafe", schedule='every = "1 d"'),
        encoding="utf-8",
    )
    return path


def asked(config: Path, key: str) -> None:
    """Lay a request to the company into the store, as one that has left."""
    with app.world(config, clock=SystemClock()) as world:
        now = world.clock.now()
        slot = Slot(
            key=key,
            company=key,
            channel="email",
            target=f"service@{key}.example",
            account="main",
            due_at=now,
            zone="Europe/Berlin",
        )
        world.store.add_slots([slot])
        (planned,) = world.store.slots(company=key)
        request = world.store.claim(planned, a_draft(planned, key), worker="w", guard=lambda _: None)
        assert request is not None
        assert not isinstance(request, str)
        attempt = world.store.start_attempt(request.id, worker="w", lease=timedelta(hours=1), envelope_id=f"slw-{key}")
        assert attempt is not None
        world.store.finish_attempt(attempt, AttemptOutcome.SENT, detail="250", accepted_at=now)


def test_the_register_from_entry_to_removal(call: Call, config: Path) -> None:
    call("plan", "-c", config)
    added = call("opt-out", "add", "shop", "--why", "by phone", "-c", config)
    assert added.out.startswith("company:shop is on the register: ")
    assert "no slots" not in added.out

    plan = call("plan", "-c", config)
    assert "never asked: shop (service@shop.example), on the opt-out register since " in plan.out
    assert "never asked: shop" in call("status", "-c", config).out
    (entry,) = json.loads(call("opt-out", "list", "--json", "-c", config).out)
    assert (entry["scope"], entry["why"]) == ("company:shop", "by phone")

    assert "already" in call("opt-out", "add", "shop", "-c", config).out
    removed = call("opt-out", "remove", "shop", "--why", "they have changed their mind", "-c", config)
    assert removed.out == "company:shop is off the register\n"
    assert call("opt-out", "list", "-c", config).out == "nobody is on the register\n"
    assert "they have changed their mind" in call("opt-out", "list", "--all", "-c", config).out
    log = call("audit-log", "-c", config)
    assert "opted-out" in log.out
    assert "opt-out removed" in log.out


def test_a_removal_wants_a_reason_and_a_mistyped_company_is_named(call: Call, config: Path) -> None:
    assert call("opt-out", "remove", "shop", "-c", config).code == 2
    wrong = call("opt-out", "add", "shoop", "-c", config)
    assert wrong.code == 2
    assert wrong.err.startswith('opt-out: "shoop" is no company of the config, no domain and no address; write ')


def test_an_empty_audit_log_says_so(call: Call, config: Path) -> None:
    assert call("audit-log", "-c", config).out == "nothing was overridden or erased\n"
    assert json.loads(call("audit-log", "--json", "-c", config).out) == []


def test_the_page_is_printed_in_the_language_asked_for(call: Call, config: Path) -> None:
    page = call("disclosure", "--lang", "de", "--contact", "fragen@own.example", "-c", config)

    assert page.out.startswith("# Wir stellen Unternehmen Fragen")
    assert "Schreiben Sie an fragen@own.example" in page.out


def test_calling_all_off_lays_an_apology_ready_for_who_was_asked_and_sends_nothing(call: Call, config: Path) -> None:
    asked(config, "shop")

    done = call("abort", "--all", "--yes", "-c", config)

    folder = config.parent / "out" / "apologies"
    assert f"1 apology drafted in {folder}; nothing is sent" in done.out
    (draft,) = folder.iterdir()
    assert draft.name == "001-shop-email.txt"
    assert draft.read_text(encoding="utf-8").startswith("To: service@shop.example\nSubject: ")
    with app.world(config) as world:
        assert world.store.letters() == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--all", "--company", "shop"), "--company and --all: give one of them"),
        (("--send",), "--send: it sends the apologies of --all; add --all"),
    ],
)
def test_what_does_not_go_together_is_refused(call: Call, config: Path, words: tuple[str, ...], says: str) -> None:
    done = call("abort", *words, "--yes", "-c", config)

    assert (done.code, done.err.strip()) == (2, says)
