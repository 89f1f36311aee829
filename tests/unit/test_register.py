"""What an entry of the opt-out register covers, and what people mean by what they write."""

from __future__ import annotations

import pytest

from slawatch import register


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("Service@Shop.Example", "shop.example"),
        ("https://www.shop.example:8443/chat?x=a@b.example", "www.shop.example"),
        ("https://user@shop.example/", "shop.example"),
        ("shop@chat.shop.example/phone", "chat.shop.example"),
        ("@shop:matrix.example.org", "matrix.example.org"),
        ("@shop@social.example", "social.example"),
        ("@shop", ""),
        ("+49 30 1234", ""),
        ("", ""),
    ],
)
def test_the_domain_of_an_address(address: str, domain: str) -> None:
    assert register.domain_of(address) == domain


def test_an_address_is_covered_by_its_company_itself_and_every_domain_above_it() -> None:
    assert register.covering("shop", "Service@a.Shop.example") == (
        "company:shop",
        "address:service@a.shop.example",
        "domain:a.shop.example",
        "domain:shop.example",
        "domain:example",
    )


def test_a_handle_is_covered_by_its_company_and_itself() -> None:
    assert register.covering("shop", "@Shop_Help") == ("company:shop", "address:@shop_help")
    assert register.covering("", "") == ()


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("shop", "company:shop"),
        ("company:shop", "company:shop"),
        ("Shop.Example", "domain:shop.example"),
        ("domain:shop.example", "domain:shop.example"),
        ("müller.example", "domain:müller.example"),
        ("Service@Shop.Example", "address:service@shop.example"),
        ("@shop_help", "address:@shop_help"),
        ("https://shop.example/chat", "address:https://shop.example/chat"),
        ("address:+49 30 1234", "address:+49 30 1234"),
        ("shop.de", "company:shop.de"),
    ],
)
def test_what_somebody_means(text: str, scope: str) -> None:
    assert register.scope_of(text, {"shop", "shop.de"}) == scope


@pytest.mark.parametrize("text", ["shoop", "company:shoop", "domain:", "domain:a b", "", "address:", "-.example"])
def test_what_is_none_of_them_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"no company"):
        register.scope_of(text, {"shop"})
