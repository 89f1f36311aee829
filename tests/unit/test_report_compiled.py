"""Templates compiled once a process: no language, no form and no older text of a template comes out of it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from slawatch.report import render
from slawatch.report.build import build
from tests.report_sample import four_weeks

BOOK = build(four_weeks())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    return tmp_path


def drawn(folder: Path, template: str, lang: str = "en", *, escape: bool = True) -> str:
    (folder / "reports" / "mine.j2").write_text(template, encoding="utf-8")
    return render._page("mine.j2", BOOK, lang=lang, folder=folder, escape=escape, space=render.NO_BREAK, extra={})


def test_a_template_that_was_changed_is_compiled_anew(folder: Path) -> None:
    assert drawn(folder, "before") == "before"
    assert drawn(folder, "after") == "after"


def test_a_figure_that_stands_in_a_template_is_written_in_each_language_its_own_way(folder: Path) -> None:
    assert drawn(folder, "{{ 12345|number }}", "en") != drawn(folder, "{{ 12345|number }}", "de")


def test_what_is_escaped_on_a_page_is_not_in_text(folder: Path) -> None:
    assert drawn(folder, "{{ '<' }}") == "&lt;"
    assert drawn(folder, "{{ '<' }}", escape=False) == "<"
