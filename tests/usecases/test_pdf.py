"""A report as a PDF: printed by the Chromium there is, and a clear word where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from slawatch.errors import OutputError
from slawatch.report import render
from slawatch.report.build import build
from slawatch.usecases.pdf import print_to_pdf
from tests.report_sample import four_weeks
from tests.servers.needs import program


@pytest.mark.server
def test_the_page_is_printed_whole(tmp_path: Path) -> None:
    program("chromium")

    made = print_to_pdf(render.html(build(four_weeks(per_company=2))), tmp_path / "out" / "report.pdf")

    raw = made.read_bytes()
    assert raw.startswith(b"%PDF-")
    assert raw.count(b"/Type /Page\n") > 2
    assert [one.name for one in made.parent.iterdir()] == ["report.pdf"]


def test_without_a_browser_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(OutputError, match=r"there is no Chromium on this machine; install Chromium"):
        print_to_pdf("<p>", tmp_path / "report.pdf")


def test_a_browser_that_prints_nothing_is_told_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'no display' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr("slawatch.usecases.pdf.PROGRAMS", ("chromium",))

    with pytest.raises(OutputError, match=r"printed nothing \(no display\)"):
        print_to_pdf("<p>", tmp_path / "report.pdf")
