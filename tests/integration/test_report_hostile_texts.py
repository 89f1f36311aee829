"""Five hundred hostile texts in one report, wherever others' words stand: none runs, asks, or breaks out."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from slawatch.model import MessageKind, Promise, PromiseAbout, PublishedPromise, Reason, Relationship
from slawatch.report import render
from slawatch.report.build import build
from slawatch.report.model import Blind, CompanyView, Material
from tests.hostile_markup import payloads
from tests.integration.test_report_in_chromium import Listener, in_chromium, listener, opened, title_of
from tests.report_sample import DAY, HOUR, MADE_AT, MINUTE, SINCE, case, material, reply, request

pytestmark = pytest.mark.server
__all__ = ["listener"]  # the fixture

COMPANIES = 20


def full_of(texts: list[str]) -> Material:
    """Return a report in which every text stands somewhere that others write: each request holds one of them."""
    cases = []
    for number, text in enumerate(texts, start=1):
        asked = request(number, f"c{number % COMPANIES}", SINCE + number * MINUTE)
        asked = replace(asked, text=replace(asked.text, subject=text, probe=text))
        promise = Promise(quote=text, about=PromiseAbout.REPLY, within=DAY)
        came = reply(
            number,
            asked,
            MessageKind.ANSWER if number % 3 else MessageKind.INTERIM,
            HOUR,
            subject=text,
            sender=f"x@{text}",
            because=(Reason(rule=text, saw=text),),
            promises=(promise,),
        )
        cases.append(replace(case(asked, [came], texts={number: text}), handles={number: f"@{text}"}))
    views = {
        f"c{number}": CompanyView(
            key=f"c{number}", name=texts[number * 7], relationship=Relationship.CONSENTED, zone="Europe/Berlin"
        )
        for number in range(COMPANIES)
    }
    said = {(key, "email"): PublishedPromise(within=HOUR, source=texts[index]) for index, key in enumerate(views)}
    return material(
        cases, companies=views, published=said, blind=(Blind(texts[1], SINCE, None, texts[2]),),
        looks={texts[3]: MADE_AT}, plan=tuple(texts[:25]), version=texts[4], config_digest=texts[2],
    )  # fmt: skip


def test_none_of_five_hundred_texts_runs_asks_or_breaks_out(tmp_path: Path, listener: Listener) -> None:
    texts = payloads(listener.url)
    assert len(set(texts)) == 500
    naive = tmp_path / "naive.html"
    naive.write_text(f"<!DOCTYPE html><title>still here</title><p>{'<p>'.join(texts)}", encoding="utf-8")
    in_chromium(naive, tmp_path)
    assert listener.asked != []  # taken for markup, they do ask
    listener.asked.clear()

    source = render.html(build(full_of(texts)))
    report = tmp_path / "report.html"
    report.write_text(source, encoding="utf-8")
    dom = in_chromium(report, tmp_path)

    assert listener.asked == []
    assert title_of(dom).startswith("How long customers wait")
    elements = {found.lower() for found in re.findall(r"<([a-zA-Z]+)", dom)}
    assert elements.isdisjoint({"script", "img", "iframe", "object", "embed", "link", "base", "form", "video", "input"})
    assert sum(dom.count(f"/{number}") > 0 for number in range(500)) > 400  # they are there, as text

    # Even with no policy at all nothing runs, and nothing stands over the page or beside it.
    probe = """<p id="end">end</p><script>
        const shown = e => !e.closest(".visually-hidden, .skip");
        const beside = e => getComputedStyle(e).position == "fixed" || e.getBoundingClientRect().right > innerWidth + 1;
        const acts = e => [...e.attributes].some(a => /^(on|style$|src|ping|background)/.test(a.name));
        const out = [...document.querySelectorAll("body *:not(svg *)")].filter(e => shown(e) && beside(e));
        document.title = [
            document.title.startsWith("How long"),
            document.documentElement.scrollWidth <= innerWidth,
            out.length,
            [...document.querySelectorAll("*")].filter(acts).length,
            document.querySelectorAll("main .request").length];
    </script>"""
    unguarded = tmp_path / "unguarded.html"
    unguarded.write_text(opened(source, probe), encoding="utf-8")
    measured = unescape(title_of(in_chromium(unguarded, tmp_path, "--window-size=1280,900")))

    assert listener.asked == []
    assert measured == "true,true,0,0,500"
