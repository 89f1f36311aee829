"""`slawatch report` in the language one asks for."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlparse

from tests.cli.conftest import Call, Demo


def test_a_report_can_be_had_in_another_language_than_the_configs(demo: Demo, tmp_path: Path, call: Call) -> None:
    done = call("report", "-c", demo.config, "--lang", "de", "--out", tmp_path / "r.html")

    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert done.code == 0
    assert '<html lang="de">' in page
    assert "Wie lange es bis zur Antwort dauert" in page


def test_a_report_asked_for_in_a_language_does_not_replace_the_configs(demo_copy: Path, call: Call) -> None:
    done = call("report", "-c", demo_copy, "--lang", "de")

    assert Path(urlparse(done.out.strip()).path).name.endswith("-de.html")


def test_a_language_without_words_is_refused_with_those_there_are(demo: Demo, call: Call) -> None:
    done = call("report", "-c", demo.config, "--lang", "fr")

    assert (done.code, done.err) == (2, '--lang: reports are not worded in "fr"; write "de" or "en"\n')


def test_the_configs_language_is_the_reports(demo_copy: Path, call: Call) -> None:
    config = re.sub(r'(?m)^language = "en".*\n', "", demo_copy.read_text(encoding="utf-8"))
    demo_copy.write_text(f'language = "de"\n{config}', encoding="utf-8")

    done = call("report", "-c", demo_copy, "--text")

    assert done.out.startswith("Wie lange es bis zur Antwort dauert, ")
