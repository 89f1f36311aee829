"""Whatever could be a reply, a report or our own copy passes by its header; other people's mail does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.mail.sieve import FIELDS, HEADER_MAX, Sieve

TOKEN = "k7f3abcdefgh"
OURS = Sieve(
    address="anna@example.org",
    domain="example.org",
    catch_all="in.example.org",
    senders=frozenset({"shop.example", "xn--mnchen-3ya.example", "help.co.example", "office@gmail.com"}),
)
PRIVATE = (
    "From: Oma <oma@family.example>\r\nTo: Anna <anna@example.org>\r\nSubject: Sonntag\r\n"
    "Message-ID: <1@family.example>\r\nContent-Type: text/plain\r\n"
)


def passes(header: str) -> bool:
    return OURS.may_belong(header.encode("utf-8", "surrogateescape") + b"\r\n")


def test_other_peoples_mail_does_not_pass() -> None:
    assert not passes(PRIVATE)
    assert not passes(PRIVATE + "In-Reply-To: <2@elsewhere.example>\r\nReferences: <1@elsewhere.example>\r\n")


@pytest.mark.parametrize(
    "line",
    [
        "In-Reply-To: <1f2e@example.org>",
        "References: <1@a.example>\r\n\t<1f2e@EXAMPLE.org>\r\n <2@a.example>",
        "X-MS-Exchange-Parent-Message-Id: <1f2e@example.org>",
        f"Delivered-To: anna+{TOKEN}@example.org",
        f"X-Original-To: Anna+{TOKEN.upper()}@Example.ORG",
        f"Cc: {TOKEN}@in.example.org",
        f"Subject: Re: Lieferzeit ({TOKEN})",
        f"Subject: =?utf-8?q?R=C3=BCckfrage_zu_({TOKEN})?=",
        "Subject: =?utf-8?b?UsO8Y2tmcmFnZSB6dSBrN2Yz?=\r\n =?utf-8?b?YWJjZGVmZ2g=?=",
        f"Subject:\r\n {TOKEN}",
        "Sender: desk@shop.example",
        "Reply-To: <ticket@mail.shop.example>",
        "Return-Path: <bounce@xn--mnchen-3ya.example>",
        "From: office+7@gmail.com",
        "Return-Path: <>",
        "From: Mail Delivery System <noreply@provider.example>",
        "Content-Type: multipart/report; report-type=delivery-status",
        "Content-Type: multipart/mixed;\r\n\treport-type=x",
        "Auto-Submitted: auto-replied",
        "X-Failed-Recipients: service@shop.example",
    ],
)
def test_what_ties_a_letter_to_us_lets_it_pass(line: str) -> None:
    name = line.partition(":")[0]
    rest = "".join(f"{one}\r\n" for one in PRIVATE.split("\r\n") if one and one.partition(":")[0] != name)

    assert name in FIELDS
    assert not passes(rest)
    assert passes(f"{rest}{line}\r\n")


@pytest.mark.parametrize("address", ["a@notshop.example", "a@shop.example.net", "b@gmail.com", "office@co.example"])
def test_who_only_resembles_a_company_does_not_pass(address: str) -> None:
    assert not passes(PRIVATE.replace("oma@family.example", address))


def test_in_doubt_a_letter_passes() -> None:
    assert passes("")
    assert passes("no header at all")
    assert passes(PRIVATE + "X: " + "x" * HEADER_MAX)


@given(st.binary(max_size=2000))
def test_any_octets_are_judged(header: bytes) -> None:
    assert OURS.may_belong(header) in {True, False}
