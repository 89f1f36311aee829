"""The report as a mail: its verdict in the subject, few rows, bars of cells, nothing that mail programs choke on."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from slawatch.model import MessageKind as Kind
from slawatch.model import Proof
from slawatch.report.book import Book
from slawatch.report.build import build
from slawatch.report.mail import BAR, ROWS_MAX, Mail, Sending, cells, mail
from slawatch.report.model import Material
from tests.report_sample import DAY, HOUR, MADE_AT, MINUTE, SINCE, case, four_weeks, hostile, material, reply, request

GERMAN = (
    "slawatch: 2 von 11 Unternehmen halten die Erstreaktionszeit per E-Mail nachweislich ein, "
    "5 nachweislich nicht (2.–29. März)"
)
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 400, 100)
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
MAY_BE = {
    *("html", "head", "meta", "title", "body", "table", "tr", "td", "th", "p", "h1", "h2", "span", "strong", "br"),
    *("a", "img"),
}


def mailed(of: Material | Book, *, lang: str = "en", logo: bytes | None = None) -> Mail:
    sending = Sending(
        name="weekly",
        sender="anna@example.org",
        to="lead@example.org",
        attached="report-2026-03-30.html",
        logo=logo,
        logo_media="image/png",
    )
    return mail(of if isinstance(of, Book) else build(of), sending, lang=lang)


@pytest.fixture(scope="module")
def weeks() -> Book:
    return build(replace(four_weeks(), chain_head="9f" * 32))


def many(companies: int, *, each: int = 1) -> Material:
    """A period of so many companies, each asked by e-mail and answered after a while."""
    cases = []
    for number in range(companies * each):
        asked = request(number + 1, f"company-{number % companies:03}", SINCE + HOUR + number * MINUTE)
        cases.append(case(asked, [reply(number + 1, asked, Kind.ANSWER, (1 + number % 300) * MINUTE)]))
    return material(cases, made_up_seed=None)


class Page(HTMLParser):
    """What a mail program is given: elements in order, and whether each that was opened is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(html)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")


def breaks_a_rule(html: str) -> list[str]:
    """Return what a mail must not hold and this one does."""
    page = Page(html)
    found = list(page.faults)
    for name, attributes in page.elements:
        if name not in MAY_BE:
            found.append(f"<{name}>")
        for key, value in attributes.items():
            if key.startswith("on") or key in {"class", "id", "background", "srcset"}:
                found.append(f"{name} {key}")
            if key == "href" and not value.startswith("mailto:"):
                found.append(value)
            if key == "src" and value != "cid:logo":
                found.append(value)
            if key == "style" and re.search(
                r"var\(|--|url\(|flex|grid|position|float|@|expression|transform|calc\(|rem\b|clamp", value
            ):
                found.append(value)
        if name == "img" and not (attributes.get("alt") and attributes.get("width", "").isdigit()):
            found.append("img without alt or width")
    return found


@pytest.mark.parametrize("lang", ["en", "de"])
def test_a_mail_keeps_to_what_every_mail_program_shows(weeks: Book, lang: str) -> None:
    made = mailed(weeks, lang=lang, logo=PNG)

    assert breaks_a_rule(made.html) == []
    assert "cid:logo" in made.html
    assert "://" not in made.html + made.text
    assert len(made.html.encode()) < 100_000


@pytest.mark.parametrize(
    "fault",
    [
        "<svg></svg>",
        "<script>x</script>",
        '<img src="data:image/png;base64,AA" alt="x" width="1">',
        '<img src="https://x.example/x.png" alt="x" width="1">',
        '<img src="cid:logo" alt="x">',
        '<a href="https://x.example">x</a>',
        '<p style="display:grid">x</p>',
        '<p style="color:var(--ink)">x</p>',
        '<p onclick="x">x</p>',
        "<style>p{}</style>",
        "<table><tr><td></table>",
    ],
)
def test_the_rules_find_what_they_are_for(fault: str) -> None:
    assert breaks_a_rule(fault) != []


@pytest.mark.parametrize(
    ("lang", "subject"),
    [
        ("en", "slawatch: 2 of 11 companies proven to meet first response by e-mail, 5 proven not (2–29 Mar)"),
        ("de", GERMAN),
    ],
)
def test_the_subject_says_the_verdict_and_the_days(weeks: Book, lang: str, subject: str) -> None:
    (row,) = [one for one in weeks.board if one.objective.measure == "first_response"]
    assert (len(row.by_proof[Proof.MET]), len(row.by_proof[Proof.NOT_MET])) == (2, 5)

    assert mailed(weeks, lang=lang).subject == subject


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((0, 1), "(2 Mar)"),
        ((0, 7), "(2–8 Mar)"),
        ((-7, 0), "(23 Feb – 1 Mar)"),
    ],
)
def test_the_days_are_said_as_shortly_as_they_can_be(days: tuple[int, int], said: str) -> None:
    of = replace(many(2), since=SINCE + days[0] * DAY, until=SINCE + days[1] * DAY)

    assert mailed(of).subject.endswith(said)


def test_of_one_company_it_speaks_by_its_name_with_its_figure() -> None:
    subject = mailed(many(1, each=30)).subject

    assert subject == "slawatch: company-000: first response by e-mail proven met, mean 15 min (2–29 Mar)"


def test_of_nothing_it_says_so() -> None:
    made = mailed(material([], made_up_seed=None))

    assert made.subject == "slawatch: nothing was asked (2–29 Mar)"
    assert "No request falls into this period" in made.text
    assert breaks_a_rule(made.html) == []


def test_a_company_cannot_write_into_the_head_of_the_letter_or_push_the_verdict_away() -> None:
    of = many(1)
    (key,) = of.companies
    named = replace(of.companies[key], name="Evil\r\nBcc: all@example.org\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 500)

    subject = mailed(replace(of, companies={key: named})).subject

    assert subject.startswith("slawatch: Evil Bcc: all@example.org")
    assert "first response by e-mail" in subject
    assert subject.isprintable()


def rows(html: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*>(.*?)</th>', html)


def test_of_many_companies_the_worst_are_shown_and_the_rest_counted() -> None:
    made = mailed(many(60))

    shown = rows(made.html)
    heads = made.html.count("<h2")
    left_out = [int(one) for one in re.findall(r"and (\d+) more in the attachment", made.html)]
    assert len(shown) + 2 * heads <= ROWS_MAX
    assert len(shown) + sum(left_out) == 120
    assert made.text.count("more in the attachment") == 2
    assert len(made.html.encode()) < 100_000


def test_what_is_proven_not_met_stands_first(weeks: Book) -> None:
    said = re.findall(r"color:#[0-9a-f]{6}\">([^<]+)</td></tr>", mailed(weeks).html)

    assert said[:11] == [
        *["proven not met"] * 5,
        *["not met so far, not proven"] * 3,
        "met so far, not proven",
        *["proven met"] * 2,
    ]


def test_lists_of_mails_show_the_first_finding_and_no_first_report_opens_with_being_the_first(weeks: Book) -> None:
    made = mailed(weeks)

    first, *_, last = made.text.partition("\n\n")[2].partition("\n\n")[2].partition("\n\n")[0].split(".\n")
    assert first.startswith("22 findings about 11 companies")
    assert last.startswith("This is the first report of its kind")
    hidden = re.findall(r'<p style="display:none[^>]*>(.*?)</p>', made.html)
    assert [one.partition(" (")[0].replace("\N{NO-BREAK SPACE}", " ") for one in hidden] == [first.partition(" (")[0]]


def test_a_bar_is_explained_once_for_each_scale(weeks: Book) -> None:
    html = mailed(replace(weeks, board=(*weeks.board, weeks.board[-1]))).html

    assert html.count("<h2") > html.count("Bars from 0 to") == 2


def test_each_finding_is_said_once_whoever_stands_between_by_name() -> None:
    cases = []
    for number, name in enumerate(("alder", "birch", "cedar"), 1):
        asked = request(number, name, MADE_AT - MINUTE if name == "birch" else SINCE + HOUR)
        cases.append(case(asked, [] if name == "birch" else [reply(number, asked, Kind.ANSWER, HOUR)]))
    text = mailed(material(cases, made_up_seed=None)).text

    assert text.count("  met so far, not proven:") == text.count("  not proven:") == 2


def test_the_text_says_every_figure_that_the_table_shows(weeks: Book) -> None:
    made = mailed(weeks)
    plain = " ".join(made.text.replace("\N{NO-BREAK SPACE}", " ").split())

    for name in rows(made.html):
        assert name.replace("&amp;", "&") in plain
    for figure in re.findall(r"</table>\s*([^<]+?) <span", made.html):
        assert figure.replace("\N{NO-BREAK SPACE}", " ") in plain
    assert "<" not in made.text
    assert max(map(len, made.text.splitlines())) <= 100


def test_a_bar_shows_interval_figure_and_objective_where_they_are(weeks: Book) -> None:
    for group in weeks.groups:
        for found in group.statements:
            bar = cells(found)
            assert sum(cell.wide for cell in bar) == BAR
            assert {cell.what for cell in bar} <= {"track", "band", "value", "goal"}
    alder = next(group for group in weeks.groups if group.company and group.company.key == "alder-books")
    mean, share = (cells(found) for found in alder.statements)
    assert [cell.what for cell in mean if cell.what != "band"] == ["track", "value", "track", "goal", "track"]
    assert [cell.what for cell in share if cell.what != "track"] == ["goal", "band", "value"]
    upto = sum(cell.wide for cell in mean[: [cell.what for cell in mean].index("goal")])
    assert upto == pytest.approx(BAR / 2, abs=2)  # the objective of a mean stands in the middle


def test_what_others_wrote_is_text_in_a_mail_too() -> None:
    payload = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    of = hostile(payload)
    named = {key: replace(one, name=f"{one.name} {payload}") for key, one in of.companies.items()}

    made = mailed(replace(of, companies=named))

    assert breaks_a_rule(made.html) == []
    assert "&lt;script" in made.html


def test_it_prints_the_head_of_the_chain_and_whom_to_write_to(weeks: Book) -> None:
    made = mailed(weeks)

    for part in (made.html.replace("<br>", ""), made.text):
        assert "9f" * 32 in part
        assert "anna@example.org" in part
        assert "report-2026-03-30.html" in part
    assert "mailto:anna@example.org?subject=no%20more%20reports%3A%20weekly" in made.html


def test_a_logo_is_shown_no_larger_than_its_place_and_one_that_is_no_picture_not_at_all(weeks: Book) -> None:
    assert 'width="200" height="50"' in mailed(weeks, logo=PNG).html
    broken = mailed(weeks, logo=b"GIF89a")
    assert not broken.shows_logo
    assert "<img" not in broken.html


@pytest.mark.parametrize("lang", ["en", "de"])
def test_folded_text_never_parts_a_number_from_its_unit(
    weeks: Book, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parted = re.compile(r"\d\n *(?:h|min|d|Std\.|Min\.|T|%)(?!\w)")

    texts = []
    for wide in range(40, 56):  # wherever the words happen to end
        monkeypatch.setattr("slawatch.report.mail.TEXT_WIDE", wide)
        texts.append(mailed(weeks, lang=lang).text)

    assert [found for text in texts for found in parted.findall(text)] == []
    assert not any("\N{NO-BREAK SPACE}" in text for text in texts)
