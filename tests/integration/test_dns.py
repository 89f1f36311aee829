"""What a domain publishes about its mail is read as published; where nobody answers, that is no "there is none"."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from slawatch.mail import dns
from slawatch.mail.dns import DnsError
from tests.servers import names as nameserver
from tests.servers.names import Names


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    with nameserver.running() as running:
        monkeypatch.setenv(dns.NAMESERVER_VARIABLE, running.where)
        yield running


def test_servers_come_in_the_order_in_which_to_try_them(names: Names) -> None:
    names.add(
        "_imaps._tcp.shop.test",
        "SRV",
        *("20 0 993 c.shop.test.", "10 5 993 b.shop.test.", "10 60 1993 A.shop.test."),
    )

    assert dns.srv("_imaps._tcp.shop.test") == [("a.shop.test", 1993), ("b.shop.test", 993), ("c.shop.test", 993)]


def test_a_service_that_is_denied_has_no_server(names: Names) -> None:
    names.add("_imap._tcp.shop.test", "SRV", "0 0 0 .")

    assert dns.srv("_imap._tcp.shop.test") == []
    assert ("_imap._tcp.shop.test", "SRV") in names.asked


def test_the_pieces_of_a_text_are_joined_without_a_space(names: Names) -> None:
    names.add("shop.test", "TXT", '"v=spf1 include:a.test" " -all"', '"other"')

    assert sorted(dns.txt("shop.test")) == ["other", "v=spf1 include:a.test -all"]


def test_mail_exchangers_come_in_order_and_a_domain_may_take_no_mail(names: Names) -> None:
    names.add("shop.test", "MX", "20 b.shop.test.", "10 a.shop.test.")
    names.add("silent.test", "MX", "0 .")

    assert dns.mx("shop.test") == ["a.shop.test", "b.shop.test"]
    assert dns.mx("silent.test") == [""]


def test_a_host_has_its_addresses_and_an_address_is_its_own(names: Names) -> None:
    names.add("mx.shop.test", "A", "192.0.2.1")
    names.add("mx.shop.test", "AAAA", "2001:db8::1")

    assert dns.addresses("mx.shop.test") == ["192.0.2.1", "2001:db8::1"]
    assert dns.addresses("192.0.2.9") == ["192.0.2.9"]
    assert names.asked == [("mx.shop.test", "A"), ("mx.shop.test", "AAAA")]


def test_a_name_that_does_not_exist_has_nothing(names: Names) -> None:
    names.add("shop.test", "A", "192.0.2.1")

    assert dns.txt("nowhere.test") == []
    assert dns.txt("shop.test") == []


def test_a_domain_beyond_ascii_is_asked_for_as_the_dns_knows_it(names: Names) -> None:
    names.add("xn--mller-kva.test", "TXT", '"v=spf1 -all"')

    assert dns.txt("müller.test") == ["v=spf1 -all"]


def test_a_nameserver_that_says_nothing_is_not_taken_for_a_no(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "LIFETIME_SECONDS", 0.2)
    names.silent.add("shop.test")

    with pytest.raises(DnsError, match=r'no answer within 0\.2 s to the question for TXT records of "shop\.test"'):
        dns.txt("shop.test")


def test_a_nameserver_that_fails_is_not_taken_for_a_no(names: Names) -> None:
    names.failing.add("shop.test")

    with pytest.raises(DnsError, match=r'no nameserver could say whether "shop\.test" has SRV records'):
        dns.srv("shop.test")


@pytest.mark.parametrize("name", ["a..test", f"{'a' * 64}.test", "ü" * 64 + ".test"])
def test_a_name_that_cannot_be_one_is_said_so(names: Names, name: str) -> None:
    with pytest.raises(DnsError, match="cannot be looked up"):
        dns.txt(name)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_nameserver_is_written_with_or_without_its_port(written: str, asked: tuple[str, int]) -> None:
    resolver = dns._resolver(written)

    assert (resolver.nameservers, resolver.port) == ([asked[0]], asked[1])


@pytest.mark.parametrize("written", ["dns.example.org", "192.0.2.1:x", "[2001:db8::1", ":53"])
def test_a_mistaken_nameserver_is_named(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(dns.NAMESERVER_VARIABLE, written)

    with pytest.raises(DnsError, match="is not an address; write"):
        dns.txt("shop.test")


def test_names_made_for_examples_are_worth_asking_of_ones_own_nameserver_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(dns.NAMESERVER_VARIABLE, raising=False)

    assert [name for name in ("shop.example", "mail.EXAMPLE.org.", "x.test") if dns.worth_asking(name)] == []
    assert dns.worth_asking("myexample.org")
    monkeypatch.setenv(dns.NAMESERVER_VARIABLE, "127.0.0.1")
    assert dns.worth_asking("shop.example")


def test_the_dns_library_is_loaded_by_a_question_only() -> None:
    script = "import sys, slawatch.mail.dns; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)

    loaded = set(done.stdout.split())
    assert "slawatch.mail.dns" in loaded
    assert not loaded & {"dns", "ssl", "asyncio"}
