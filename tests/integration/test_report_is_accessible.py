"""The report read by axe-core in a real browser: in both schemes, on a phone and a desk, all unfolded."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest

from slawatch.report import render, wide_page
from slawatch.report.build import build
from tests.chat_sample import in_chats
from tests.integration.test_report_in_chromium import in_chromium, opened, title_of
from tests.report_sample import four_weeks
from tests.servers.needs import ROOT, give_up
from tests.stages import stages
from tests.usecases.test_wide import COMPANIES, book_of, fill

pytestmark = pytest.mark.server

AXE = ROOT / ".make" / "axe" / "package" / "axe.min.js"
DARK = "--blink-settings=preferredColorScheme=0"
RUN = """<script>
    const told = found => [found.violations.map(one => [one.id, one.nodes.length, one.nodes[0].target.join(" "),
        one.nodes[0].failureSummary]), found.passes.length, matchMedia("(prefers-color-scheme: dark)").matches];
    axe.run().then(found => parent.postMessage([innerWidth, ...told(found)], "*"));
</script>"""
FRAMES = """<!DOCTYPE html><title>nothing heard</title><script>
    const heard = [];
    onmessage = e => { heard.push(e.data); if (heard.length == 2) document.title = JSON.stringify(heard) };
</script><iframe src="report.html" width="390" height="800"></iframe>
<iframe src="report.html" width="1280" height="800"></iframe>"""


def read_by_axe(source: str, tmp_path: Path, *more: str) -> dict[int, tuple[list[list[object]], int, bool]]:
    """Return by width the rules broken (with how often, where first, and how), how many were kept, and whether dark."""
    if not AXE.is_file():
        give_up("axe-core is not here: make widgets")
    script = f"<script>{AXE.read_text(encoding='utf-8')}</script>{RUN}"
    (tmp_path / "report.html").write_text(opened(source, script), encoding="utf-8")
    frames = tmp_path / "frames.html"
    frames.write_text(FRAMES)
    dom = in_chromium(frames, tmp_path, "--window-size=1800,900", *more)
    heard = json.loads(unescape(title_of(dom)))
    return {width: (broken, kept, dark) for width, broken, kept, dark in heard}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_report_of_letters_and_chats(tmp_path: Path, scheme: str) -> None:
    more = [DARK] if scheme == "dark" else []

    for made in (four_weeks(per_company=1), in_chats()):
        source = render.html(build(made))
        found = read_by_axe(source, tmp_path, *more)

        assert found.keys() == {390, 1280}
        assert [dark for _, _, dark in found.values()] == [scheme == "dark"] * 2
        assert min(kept for _, kept, _ in found.values()) > 20
        assert {width: broken for width, (broken, _, _) in found.items()} == {390: [], 1280: []}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_report_over_very_many_companies(tmp_path: Path, scheme: str) -> None:
    with stages(tmp_path) as opening:
        stage = opening(*COMPANIES)
        fill(stage, 300)
        source = wide_page.html(book_of(stage), lang="en", folder=None)

    found = read_by_axe(source, tmp_path, *([DARK] if scheme == "dark" else []))

    assert {width: (broken, dark) for width, (broken, _, dark) in found.items()} == {
        390: ([], scheme == "dark"),
        1280: ([], scheme == "dark"),
    }


def test_axe_would_find_what_is_wrong(tmp_path: Path) -> None:
    source = render.html(build(four_weeks(per_company=1)))
    spoilt = re.sub(r'<html lang="en">', "<html>", source).replace("</h1>", '</h1><img src="data:,">', 1)

    found = read_by_axe(spoilt, tmp_path)

    assert {"html-has-lang", "image-alt"} <= {str(one[0]) for one in found[1280][0]}
