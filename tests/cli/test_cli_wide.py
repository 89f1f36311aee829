"""`slawatch report` where there are more companies than anybody looks through one by one."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlparse

import pytest

from slawatch.usecases import wide
from tests.cli.conftest import Call


@pytest.fixture
def wide_copy(demo_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a demo's config for which a dozen companies are many."""
    monkeypatch.setattr(wide, "COMPANIES_MAX", 5)
    return demo_copy


def test_the_file_holds_all_companies_and_no_single_request(wide_copy: Path, call: Call) -> None:
    done = call("report", "-c", wide_copy, "--period", "35 d")

    page = Path(urlparse(done.out.strip()).path).read_text(encoding="utf-8")
    assert done.code == 0
    assert "Morgentau Tee" in page
    assert 'class="wide"' in page
    assert "<details" not in page
    assert "<script" not in page


def test_its_json_has_the_groups_of_the_narrow_report(
    wide_copy: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = json.loads(call("report", "-c", wide_copy, "--json").out)["groups"]
    monkeypatch.undo()
    narrow = json.loads(call("report", "-c", wide_copy, "--json").out)["groups"]

    def about(groups: list[dict[str, object]]) -> dict[object, object]:
        return {
            (one["company"], one["channel"]): [
                one[key] for key in ("origin", "n", "answered", "missed", "void", "over")
            ]
            for one in groups
        }

    assert about(found) == about(narrow)


def test_it_says_by_its_exit_code_that_an_objective_is_not_met(wide_copy: Path, call: Call) -> None:
    done = call("report", "-c", wide_copy, "--text", "--check", "--period", "35 d")

    assert done.code == 3
    assert "Proven not met" in done.out


def test_one_company_is_shown_request_by_request(wide_copy: Path, call: Call) -> None:
    done = call("report", "-c", wide_copy, "--company", "morgentau-tee")

    assert "<details" in Path(urlparse(done.out.strip()).path).read_text(encoding="utf-8")


def test_a_report_of_very_many_is_not_printed(wide_copy: Path, call: Call, tmp_path: Path) -> None:
    done = call("report", "-c", wide_copy, "--pdf", tmp_path / "r.pdf")

    assert done.code == 2
    assert '--pdf: a report of so many requests is for the screen, not for paper; name a company with "--company"' in (
        " ".join(done.err.split())
    )
    assert not (tmp_path / "r.pdf").exists()
