"""Whose domain it is: names above and below belong together, names beside each other need not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.match.domains import Directory, canonical, party, related

SHOP = party("shop", domains=["mail.shop.example"], addresses=["Service@mail.shop.example"])
SMALL = party("small", domains=["gmail.com"], addresses=["small.shop@gmail.com"])


@pytest.mark.parametrize(
    ("sender", "theirs"),
    [
        ("service@mail.shop.example", True),
        ("service+t4711@mail.shop.example", True),
        ("jo@reply.mail.shop.example", True),  # only the holder of a name makes names below it
        ("jo@shop.example", True),  # and mail for a name below is the holder's affair
        ("jo@crm.shop.example", False),  # beside: shop.example could be a registry's, as co.uk is
        ("jo@shop.example.evil.example", False),
        ("jo@evilshop.example", False),
        ("jo@example", False),
        ("", False),
        ("no address", False),
    ],
)
def test_a_company_writes_from_its_domain_and_from_those_above_and_below(sender: str, theirs: bool) -> None:
    assert bool(SHOP.owns(sender)) is theirs
    assert Directory({"shop": SHOP}).companies(sender) == (("shop",) if theirs else ())


@pytest.mark.parametrize(
    ("sender", "theirs"),
    [
        ("small.shop@gmail.com", True),
        ("small.shop+4711@gmail.com", True),
        ("somebody.else@gmail.com", False),
        ("small.shop@googlemail.com", False),
    ],
)
def test_where_everybody_can_have_an_address_only_the_very_address_counts(sender: str, theirs: bool) -> None:
    assert bool(SMALL.owns(sender)) is theirs
    assert Directory({"small": SMALL}).companies(sender) == (("small",) if theirs else ())


@pytest.mark.parametrize(
    ("one", "other"),
    [("shop.co.uk", "co.uk"), ("shop.or.at", "or.at"), ("shop.zendesk.com", "zendesk.com"), ("shop.de", "de")],
)
def test_a_registry_or_platform_above_is_not_the_companys(one: str, other: str) -> None:
    assert not related(one, other)
    assert not related(other, one)


def test_names_beyond_ascii_are_the_same_in_both_spellings() -> None:
    assert canonical("MÜLLER.example.") == canonical("xn--mller-kva.example")
    assert party("m", domains=["müller.example"], addresses=[]).owns("post@xn--mller-kva.example")
    assert canonical("ü" * 80 + ".example")  # too long a label for DNS: no error


def test_a_signature_names_the_company_where_the_sender_does_not() -> None:
    directory = Directory({"shop": SHOP, "small": SMALL})

    assert directory.companies("desk@helper.example", ["helper.example", "shop.example"]) == ("shop",)
    assert directory.companies("desk@helper.example", ["gmail.com"]) == ()


def test_two_companies_may_share_a_domain() -> None:
    other = party("other", domains=["shop.example"], addresses=[])

    assert Directory({"shop": SHOP, "other": other}).companies("jo@shop.example") == ("shop", "other")


names = st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5}){0,3}", fullmatch=True)


@given(names, names)
def test_belonging_together_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert related(one, other) == related(other, one)


@given(names, names)
def test_the_directory_finds_exactly_those_who_own_the_address(own: str, sender: str) -> None:
    company = party("one", domains=[own], addresses=[])

    assert bool(Directory({"one": company}).companies(f"jo@{sender}")) == bool(company.owns(f"jo@{sender}"))
