"""Whatever comes in, something arrived: no letter stops the reading, the matching, the judging or the search.

How long they take is measured by benchmarks/fuzz.py, which makes the same letters and thousands more.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from slawatch.mail import parse
from tests import hostile

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "mail"
ANSWER = b"""\
From: Service <service@shop.example>
To: Anna <anna+k7f3abcdefgh@example.org>
Subject: =?utf-8?q?R=C3=BCckfrage?=
Date: Mon, 2 Mar 2026 10:00:00 -0000
Received: by mx.example.org; Mon, 2 Mar 2026 10:00:01 +0000
In-Reply-To: <1@example.org>
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Wir melden uns innerhalb von zwei Tagen.

-- =20
Service

Am 2. M=C3=A4rz schrieb Anna:
> Wann?
--b
Content-Type: text/html

<p>Wir melden uns.</p><blockquote>Wann?</blockquote>
--b--
"""
BOUNCE = b"""\
From: MAILER-DAEMON@shop.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx

Final-Recipient: rfc822; service@shop.example
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: <1@example.org>
Subject: Wann?

Wann?
--b--
"""
MADE = tuple(raw.replace(b"\n", b"\r\n") for raw in (ANSWER, BOUNCE))


def judged(raw: bytes) -> hostile.Judged:
    """Judge it, and see that what is made of it can be stored and shown."""
    found = hostile.judge(raw)
    words = [found.facts.text, found.facts.quoted, found.facts.sender, *found.facts.subjects, *found.facts.cited_ids]
    words += [one.quote for one in found.promises] + [reason.saw for reason in found.kind.because]
    assert not [word for word in words if "\0" in word or word != word.encode("utf-8", "replace").decode("utf-8")]
    assert found.stamps.at == hostile.SEEN_AT or found.stamps.source != "internaldate"
    assert found.stamps.at.tzinfo is not None
    return found


@pytest.mark.parametrize("name", sorted(hostile.BOMBS))
def test_no_bomb_stops_anything(name: str) -> None:
    judged(hostile.BOMBS[name]())


@pytest.mark.parametrize("stretch", range(8))
def test_no_mutant_of_an_answer_or_a_bounce_stops_anything(stretch: int) -> None:
    for number in range(50):
        judged(hostile.mutant(MADE, 1000 * stretch + number))


@pytest.mark.data
@pytest.mark.skipif(not REAL.is_dir(), reason="the shared real mail is not beside this checkout")
@pytest.mark.parametrize("stretch", range(4))
def test_no_mutant_of_real_mail_stops_anything(stretch: int) -> None:
    seeds = hostile.corpus(REAL)
    for number in range(75):
        judged(hostile.mutant(seeds, 5000 + 1000 * stretch + number))


def test_mutants_can_be_made_again() -> None:
    assert hostile.mutant(MADE, 7) == hostile.mutant(MADE, 7)
    assert len({hostile.mutant(MADE, number) for number in range(50)}) == 50


@pytest.mark.timeout(30)
@pytest.mark.parametrize("step", ["from_html", "cut"])
def test_a_letter_that_is_read_on_and_on_is_given_up_and_its_header_kept(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def go_on_and_on(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(parse, "SECONDS_MAX", 0.05)
    monkeypatch.setattr(parse, step, go_on_and_on)
    raw = b"Message-ID: <7@shop.example>\r\nContent-Type: text/html\r\n\r\n<p>x</p>"

    found = parse.facts(raw)

    assert not found.readable
    assert found.own_id == "7@shop.example"
