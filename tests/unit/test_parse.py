"""Reading mail: what real programs write is understood, and nothing hostile raises or hangs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.mail import cut, parse
from slawatch.model import Facts

SECONDS_MAX = 3.0  # of processor time, for the worst bomb; about ten times of what an idle machine needs


def mail(body: str, *headers: str) -> bytes:
    return "\r\n".join([*headers, "", *body.split("\n")]).encode()


def test_a_plain_reply_tells_who_where_to_and_what_it_answers() -> None:
    found = parse.facts(
        mail(
            "Three days.\n\nOn Mon, 2 Mar 2026 at 10:00, A. Probe <me+k7f3m2q9x4ab@our.example> wrote:\n> How long?\n",
            'From: "Service, Team" <Service@Shop.example>',
            "To: A. Probe <Me+k7f3m2q9x4ab@our.example>, other@our.example",
            "Delivered-To: me+k7f3m2q9x4ab@our.example",
            "Received: from mx.shop.example by mx.our.example for <me+k7f3m2q9x4ab@our.example>; Mon, 2 Mar 2026",
            "Subject: Re: Delivery",
            "Message-ID: <R1@shop.example>",
            "In-Reply-To: <One@Our.example>",
            "References: <zero@our.example>\r\n <One@Our.example>",
        )
    )

    assert (found.sender, found.sender_name) == ("service@shop.example", "Service, Team")
    assert found.recipients == ("me+k7f3m2q9x4ab@our.example", "other@our.example")
    assert found.delivered_to == ("me+k7f3m2q9x4ab@our.example",)
    assert found.own_id == "r1@shop.example"
    assert found.cited_ids == ("one@our.example", "zero@our.example")
    assert found.subjects == ("Re: Delivery",)
    assert found.text == "Three days."
    assert found.quoted.endswith("How long?")
    assert found.headers["message-id"] == ("<R1@shop.example>",)
    assert found.readable


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@x>", ("a@x",)),
        ("a@x", ("a@x",)),
        ("<a@x><B@X>", ("a@x", "b@x")),
        ("<a-long-\r\n id@x>", ("a-long-id@x",)),
        ('Your message of "Mon" <a@x>', ("a@x",)),
        ("<a@x", ("a@x",)),
        ("none", ()),
        ("", ()),
    ],
)
def test_cited_ids_are_found_however_they_are_written(value: str, ids: tuple[str, ...]) -> None:
    assert parse.facts(mail("x", f"In-Reply-To: {value}")).cited_ids == ids
    assert parse.facts(mail("x", f"X-MS-Exchange-Parent-Message-Id: {value}")).cited_ids == ids


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("shop@x.example", "shop@x.example"),
        ("<Shop@X.example>", "shop@x.example"),
        ('"real@bank.example" <fake@x.example>', "fake@x.example"),
        ("=?utf-8?q?M=C3=BCller?= <m@x.example>", "m@x.example"),
        ("Shop (shop@x.example)", "shop@x.example"),
        ("<>", ""),
        ("nobody", ""),
    ],
)
def test_the_address_in_brackets_is_the_writers(value: str, sender: str) -> None:
    assert parse.facts(mail("x", f"From: {value}")).sender == sender


@pytest.mark.parametrize(
    ("raw", "best", "among"),
    [
        ("=?utf-8?q?Lieferzeit_f=C3=BCr_Wien?=", "Lieferzeit für Wien", "=?utf-8?q?Lieferzeit_f=C3=BCr_Wien?="),
        ("=?utf-8?b?TGllZmVyemVpdA==?=\r\n =?utf-8?q?_k7?=", "Lieferzeit k7", "Lieferzeit k7"),
        ("Lieferzeit für Wien", "Lieferzeit für Wien", "Lieferzeit für Wien"),
        ("=?utf-8?q?Best=C3=83=C2=A4tigung?=", "BestÃ¤tigung", "Bestätigung"),
        ("=?utf-8?q?Best=C3=83=C6=92=C3=82=C2=A4tigung?=", "BestÃƒÂ¤tigung", "Bestätigung"),
        ("=?nonsense?q?Hi=E4?=", "Hiä", "Hiä"),
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
    ],
)
def test_a_subject_is_kept_in_every_plausible_reading(raw: str, best: str, among: str) -> None:
    found = parse.facts(mail("x", f"Subject: {raw}"))

    assert found.subject in {best, ""} or best == raw
    assert found.subjects[0] == best
    assert among in found.subjects


def test_raw_octets_in_a_header_are_read() -> None:
    assert parse.facts("Subject: Grüße\n\nx".encode("latin-1")).subject == "Grüße"
    assert parse.facts("Subject: Grüße\n\nx".encode()).subject == "Grüße"


@pytest.mark.parametrize(
    ("charset", "octets", "text"),
    [
        ("utf-8", "für".encode(), "für"),
        ("iso-8859-15", "für 5 €".encode("iso-8859-15"), "für 5 €"),
        ("us-ascii", b"plain", "plain"),
        ("no-such-charset", "für".encode(), "für"),
        ("no-such-charset", "für".encode("cp1252"), "für"),
        ("zlib", b"x\x9c", "xœ"),
        ("punycode", b"fr-hia", "fr-hia"),
        ("a\x00b", b"plain", "plain"),
        ("utf-7", b"+2AA-", "?"),
    ],
)
def test_text_is_read_in_its_charset_or_in_the_likeliest(charset: str, octets: bytes, text: str) -> None:
    raw = f'Content-Type: text/plain; charset="{charset}"\n\n'.encode() + octets

    assert parse.facts(raw).text == text


MULTIPART = """\
--b
Content-Type: text/plain; charset=utf-8

{plain}
--b
Content-Type: text/html; charset=utf-8

{page}
--b--
"""


def multipart(plain: str, page: str) -> Facts:
    return parse.facts(
        mail(MULTIPART.format(plain=plain, page=page), "Content-Type: multipart/alternative; boundary=b")
    )


def test_plain_text_is_preferred_unless_it_says_nothing() -> None:
    page = "<html><head><title>t</title><style>p{}</style></head><body><p>A page&nbsp;&amp; its text</p></body></html>"

    assert multipart("The plain text says it all, in so many words.", page).text.startswith("The plain text")
    assert multipart("", page).text == "A page & its text"


def test_a_page_reads_as_it_looks() -> None:
    page = (
        "<!-- hidden --><p>Hello<br>three&nbsp;days</p><div>Regards</div><script>if (a<b) x()</script>"
        "<blockquote>said here</blockquote>"
        '<blockquote type="cite"><p>How long?</p></blockquote>&#99999999999;&#x41;'
    )

    found = cut.cut(cut.from_html(page))

    assert found.text.split("\n") == ["Hello", "three days", "", "Regards", "", "said here", "", "\ufffdA"]
    assert found.quoted == "How long?"


@pytest.mark.parametrize("page", ["a < b > c", "<", "<p", "<!-- never closed", "<style>never closed", "</blockquote>x"])
def test_a_malformed_page_is_still_read(page: str) -> None:
    assert isinstance(cut.from_html(page), str)


@pytest.mark.parametrize(
    ("letter", "text"),
    [
        ("Yes.\n\n> How long?\n", "Yes."),
        ("> How long?\nThree days.\n> And the price?\nNine euros.", "Three days.\nNine euros."),
        ("Ja.\n\nAm 02.03.2026 um 10:00 schrieb A. Probe:\n> Wie lange?", "Ja."),
        ("Ja.\n\nAm Mo., 2. März 2026 um 10:00 Uhr schrieb A. Probe\n<me+k7@our.example>:\n\nWie lange?", "Ja."),
        ("Yes.\nOn Mon, 2 Mar 2026, A. Probe wrote:\n\nHow long?\nThank you", "Yes."),
        ("On Mon, 2 Mar 2026, A. Probe wrote:\n> How long?\n\nThree days.", "Three days."),
        ("Yes.\n\n-----Original Message-----\nFrom: me\nHow long?", "Yes."),
        ("Ja.\n\n-----Ursprüngliche Nachricht-----\nVon: ich\nWie lange?", "Ja."),
        ("Ja.\n\nVon: A. Probe <me@our.example>\nGesendet: Montag\nAn: Service\nBetreff: Frage\n\nWie lange?", "Ja."),
        ("*Von:* A. Probe\n*Datum:* Montag\n*Betreff:* Frage\n\nWie lange?", ""),
        ("Jane White wrote:\n> How long?\nThree days.", "Three days."),
        ("Three days.\n-- \nJane White\nShop", "Three days."),
        ("Three days.\n\nSent from my phone", "Three days."),
        ("##- Please type your reply above this line -##\nThree days.", "Three days."),
        ("From: Vienna to Graz it takes a day.\nMore soon.", "From: Vienna to Graz it takes a day.\nMore soon."),
        ("He wrote that it takes three days:\nthree.", "He wrote that it takes three days:\nthree."),
        ("-- \nonly a signature", "--\nonly a signature"),
        ("", ""),
    ],
)
def test_only_what_was_written_anew_is_the_text(letter: str, text: str) -> None:
    assert cut.cut(letter).text == text


def test_a_signature_is_kept_apart() -> None:
    found = parse.facts(mail("Three days.\n-- \nJane\nThis is an automatic reply.\n> old"))

    assert (found.text, found.signature, found.quoted) == ("Three days.", "Jane\nThis is an automatic reply.", "old")


DSN = """\
--b
Content-Type: text/plain

Could not be delivered.
--b
Content-Type: message/{kind}delivery-status

Reporting-MTA: dns; mx.our.example
Original-Envelope-Id: <ENV-1>
Arrival-Date: Mon, 2 Mar 2026 10:00:00 -0000

Original-Recipient: rfc822;shop@shop.example
Final-Recipient: rfc822; box@inner.example
Action: Failed
Status: 5.1.1 (no such user)
Remote-MTA: dns; mx.shop.example
Diagnostic-Code: smtp; 550 5.1.1
    unknown

Final-Recipient: rfc822; me@our.example
Action: relayed
Status: 2.0.0
Last-Attempt-Date: Mon, 2 Mar 2026 12:00:00 +0100
--b
Content-Type: {original}

Message-ID: <One@our.example>
Subject: Question

Body with Message-ID: <no@our.example>
--b--
"""


@pytest.mark.parametrize("kind", ["", "global-"])
@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers", "message/global"])
def test_a_delivery_report_is_read_for_each_recipient(kind: str, original: str) -> None:
    found = parse.facts(mail(DSN.format(kind=kind, original=original), "Content-Type: multipart/report; boundary=b"))

    failed, relayed = found.reports
    assert (failed.type, failed.action, failed.status) == ("delivery-status", "failed", "5.1.1")
    assert (failed.recipient, failed.remote_mta) == ("shop@shop.example", "mx.shop.example")
    assert failed.envelope_id == "env-1"
    assert failed.at is None, "Arrival-Date is when the letter came, not when it was passed on"
    assert (relayed.action, relayed.recipient) == ("relayed", "me@our.example")
    assert relayed.at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert found.embedded_ids == ("one@our.example",)
    assert found.text == "Could not be delivered."


def test_a_read_receipt_and_a_complaint_are_reports_too() -> None:
    read = (
        "--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; shop@shop.example\n"
        "Original-Message-ID: <one@our.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
    )
    complaint = "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n--b--\n"

    receipt = parse.facts(mail(read, "Content-Type: multipart/report; boundary=b"))
    abuse = parse.facts(mail(complaint, "Content-Type: multipart/report; boundary=b"))

    assert [(report.type, report.action) for report in receipt.reports] == [("disposition-notification", "displayed")]
    assert receipt.embedded_ids == ("one@our.example",)
    assert [(report.type, report.action) for report in abuse.reports] == [("feedback-report", "abuse")]


def test_an_original_returned_as_text_names_its_id() -> None:
    found = parse.facts(mail("I could not deliver it.\n\n--- Below is a copy ---\nMessage-Id: <One@our.example>\n"))

    assert found.embedded_ids == ("one@our.example",)


def test_attachments_and_enclosed_mails_are_no_part_of_the_letter() -> None:
    body = (
        "--b\nContent-Type: text/plain\n\nThree days.\n"
        '--b\nContent-Type: text/plain; name="a.txt"\nContent-Disposition: attachment; filename="a.txt"\n\nNot this.\n'
        "--b\nContent-Type: message/rfc822\n\nSubject: x\n\nNor this.\n--b--\n"
    )

    assert parse.facts(mail(body, "Content-Type: multipart/mixed; boundary=b")).text == "Three days."


def test_a_multipart_without_its_boundary_is_read_as_text() -> None:
    assert parse.facts(mail("Three days.", "Content-Type: multipart/mixed; boundary=b")).text == "Three days."


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("Mon, 2 Mar 2026 10:00:00 -0000", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 10:00:00 +0100", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("Mon, 2 Mar 99999 10:00:00 +0100", None),
        ("Mon, 2 Mar 2026 10:00:00 +9999999999999", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_an_instant_or_nothing(value: str, at: datetime | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")  # a time without zone must not be taken for this machine's
    time.tzset()
    try:
        assert parse.moment(value) == at
    finally:
        monkeypatch.undo()
        time.tzset()


# --- hostile mail: each bomb once stopped a parser for seconds or raised ---

KIB = 1024
BOMBS = {
    "brackets in To": b"To: " + b"(" * 4 * KIB + b"\n\nx",
    "5 MB of references": b"References: " + b"<a@b> " * 900_000 + b"\n\nx",
    "one long word": b"References: " + b"a" * 5_000_000 + b"\n\nx",
    "100000 parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 100_000,
    "20000 addresses": b"To: " + b"a@b.example, " * 20_000 + b"\n\nx",
    "20000 encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx",
    "encoded words without end": b"Subject: " + b"=?a?q?" * 50_000 + b"\n\nx",
    "unknown charset": b"Content-Type: text/plain; charset=x\n\n" + b"\xff" * 1000,
    "punycode": b"Content-Type: text/plain; charset=punycode\n\n" + b"a-" + b"b" * 500_000,
    "multiparts in multiparts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(3000)
    ),
    "250 open boundaries over many lines": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(250)
    )
    + b"x\n" * 250_000,
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 2000,
    "semicolons in quotation marks": b'Content-Type: text/plain; "' + b";" * 500_000 + b"\n\nx",
    "folded semicolons": b'Content-Type: text/plain; "' + b";\n " * 150_000 + b"\n\nx",
    "200000 headers": b"a:b\n" * 200_000 + b"\nx",
    "blank lines": b"\n" * 1_000_000,
    "quotation marks": b"\n\n" + b"> " * 250_000,
    "attributions": b"\n\n" + b"On 2026 wrote\n" * 40_000,
    "headers in the text": b"\n\n" + b"From: a\n" * 60_000,
    "tags": b"Content-Type: text/html\n\n" + b"<" * 500_000,
    "open tags": b"Content-Type: text/html\n\n" + b"<a " * 150_000,
    "open comments": b"Content-Type: text/html\n\n" + b"<!--" * 120_000,
    "open styles": b"Content-Type: text/html\n\n" + b"<style>" * 70_000,
    "a long number": b"Content-Type: text/html\n\n&#" + b"9" * 10_000 + b";",
    "ids in the text": b"\n\n" + b"Message-ID: \n" * 40_000,
    "uuencode": b"Content-Transfer-Encoding: x-uuencode\n\nbegin 666 a\n" + b"M\xff\n" * 10_000,
    "base64": b"Content-Transfer-Encoding: base64\n\n" + b"=\xff" * 100_000,
    "report without end": b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 30_000,
    "NULs": b"Subject: a\x00b\n\nc\x00d",
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("bomb", sorted(BOMBS))
def test_no_bomb_raises_or_hangs(bomb: str) -> None:
    start = time.process_time()

    found = parse.facts(BOMBS[bomb])

    assert time.process_time() - start < SECONDS_MAX
    assert storable(found)


def test_what_stands_far_behind_the_letter_is_not_read() -> None:
    filler = b"x" * 1000 + b"\n"
    enclosed = b"Message-ID: <one@our.example>\n"

    assert parse.facts(b"\n" + filler * 100 + enclosed).embedded_ids == ("one@our.example",)
    assert parse.facts(b"\n" + filler * 600 + enclosed).embedded_ids == ()


def test_a_mail_too_deep_to_parse_still_tells_its_header() -> None:
    found = parse.facts(b"Subject: Three days\nFrom: a@b.example\n" + BOMBS["mails in mails"])

    assert not found.readable
    assert (found.subject, found.sender) == ("Three days", "a@b.example")


@given(st.binary(max_size=2000))
def test_any_octets_are_facts(raw: bytes) -> None:
    assert storable(parse.facts(raw))


LINES = st.sampled_from(
    rb"""From: a@b.example
Subject: =?utf-8?q?=ff?=
Content-Type: multipart/report; boundary=b
Content-Type: text/html; charset=utf-16
Content-Type: message/delivery-status
Content-Type: message/rfc822
Content-Type: text/plain; charset*=utf-8''%ff; name*0*=x''%zz
Content-Disposition: attachment; filename*=a
Content-Transfer-Encoding: base64
Arrival-Date: Mon, 32 Foo 2026 99:99:99 +99999
Received: x for <a@b.example>; now
Message-ID: <a@b>
Action: failed
On 2026 x wrote:
--b
--b--
--
> x

\xff\xfe""".replace(rb"\xff\xfe", b"\xff\xfe").split(b"\n")
)


@given(st.lists(LINES, max_size=40))
def test_any_mixture_of_mail_is_facts(lines: list[bytes]) -> None:
    assert storable(parse.facts(b"\n".join(lines)))


def storable(found: Facts) -> bool:
    """Whether every text can be kept in a database and shown on a page: no NUL, no lone surrogate."""
    texts = [found.sender, found.sender_name, found.text, found.quoted, found.signature, found.own_id, *found.subjects]
    texts += [*found.cited_ids, *found.embedded_ids, *found.recipients, *found.delivered_to]
    texts += [text for values in found.headers.values() for text in values]
    texts += [text for each in found.reports for text in (each.action, each.status, each.recipient, each.diagnostic)]
    return all("\x00" not in text and text.encode("utf-8") is not None for text in texts)


def test_parse_needs_no_more_than_the_standard_library() -> None:
    source = Path(str(parse.__file__)).read_text(encoding="utf-8") + Path(str(cut.__file__)).read_text(encoding="utf-8")

    assert "mailparser_reply" not in source
