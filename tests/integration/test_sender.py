"""What companies' servers can verify of our letters is told as the DNS and the letter to ourselves prove it."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dkim  # type: ignore[import-untyped]  # it ships no types
import pytest

from slawatch.channels.base import Finding
from slawatch.channels.email import sender
from slawatch.mail import dns
from tests.servers import names as nameserver
from tests.servers.names import Names
from tests.servers.needs import program

DOMAIN = "shop.test"
HOST = "mail.shop.test"
LETTER = b"From: anna@shop.test\r\nTo: anna@shop.test\r\nSubject: x\r\nMessage-ID: <1@shop.test>\r\n\r\nHello\r\n"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    with nameserver.running() as running:
        monkeypatch.setenv(dns.NAMESERVER_VARIABLE, running.where)
        running.add(HOST, "A", "192.0.2.1")
        yield running


def found(name: str, letter: bytes | None = None) -> Finding:
    (one,) = [one for one in sender.findings("main", DOMAIN, HOST, letter) if one.what.startswith(f"main: {name}")]
    return one


# --- SPF ---


@pytest.mark.parametrize(
    ("record", "result", "said"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "ok", "there is one, with 0 of 10 lookups; it names mail.shop.test"),
        ("v=spf1 a:mail.shop.test ~all", "ok", "there is one, with 1 of 10 lookups; it names mail.shop.test"),
        ("v=spf1 mx -all", "ok", "there is one, with 1 of 10 lookups; it names mail.shop.test"),
        ("v=spf1 mx/30//64 -all", "ok", "there is one, with 1 of 10 lookups; it names mail.shop.test"),
        ("V=SPF1 include:provider.test -all", "ok", "there is one, with 2 of 10 lookups; it names mail.shop.test"),
        ("v=spf1 redirect=provider.test", "ok", "there is one, with 2 of 10 lookups; it names mail.shop.test"),
        ("v=spf1 ip6:2001:db8::/32 exists:%{i}.x.test -all", "ok", "whether it names the servers that hand on"),
        ("v=spf1 -ip4:192.0.2.1 ?all", "ok", "whether it names the servers that hand on"),
        ("v=spf1 -include:provider.test -all", "ok", "there is one, with 1 of 10 lookups; whether it names"),
        ("v=spf1 +all", "warning", "it lets everybody send, which is worth nothing"),
        ("v=spf1 -all", "fault", "it says that shop.test sends no mail at all"),
        ("v=spf1 ipv4:192.0.2.1 -all", "fault", '"ipv4:192.0.2.1" is no SPF mechanism, so the whole record is void'),
        ("v=spf1 ip4:192.0.2 -all", "fault", '"ip4:192.0.2" names no address, so the whole record is void'),
        ("v=spf1 include:nowhere.test -all", "fault", 'it refers to "nowhere.test", which has no SPF record'),
        ("v=spf1 include:shop.test -all", "fault", "it needs more than 10 lookups, so it is void"),
    ],
)
def test_an_spf_record_is_read_as_a_receiver_reads_it(names: Names, record: str, result: str, said: str) -> None:
    names.add(DOMAIN, "TXT", f'"{record}"', '"something=else"')
    names.add(DOMAIN, "MX", "10 mail.shop.test.")
    names.add("provider.test", "TXT", '"v=spf1 a:mail.shop.test -all"')

    spf = found("SPF")

    assert (spf.result, said in spf.what) == (result, True), spf.what
    assert bool(spf.cure) == (result != "ok")


def test_two_spf_records_are_as_good_as_none(names: Names) -> None:
    names.add(DOMAIN, "TXT", '"v=spf1 mx -all"', '"v=spf1 a -all"')

    assert (
        found("SPF").what
        == "main: SPF of shop.test: there are 2 records, so none of them counts (RFC 7208, section 4.5)"
    )
    assert found("SPF").result == "fault"


def test_without_a_record_a_cure_is_given_to_copy(names: Names) -> None:
    assert found("SPF").result == found("DMARC").result == "warning"
    assert '"v=spf1 mx -all"' in found("SPF").cure
    assert '"v=DMARC1; p=none"' in found("DMARC").cure
    assert (DOMAIN, "TXT") in names.asked


def test_what_the_dns_does_not_say_is_not_known(names: Names) -> None:
    names.failing |= {DOMAIN, f"_dmarc.{DOMAIN}"}

    for name in ("SPF", "DMARC"):
        assert found(name).what == f"main: {name} of shop.test: not known"
        assert "no nameserver could say" in found(name).cure


# --- DKIM ---


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """Return a private key in PEM and the record that publishes the public one."""
    path = tmp_path_factory.mktemp("dkim") / "key.pem"
    openssl = program("openssl")
    subprocess.run([openssl, "genrsa", "-traditional", "-out", str(path), "1024"], check=True, capture_output=True)
    public = subprocess.run(
        [openssl, "rsa", "-in", str(path), "-pubout", "-outform", "DER"], check=True, capture_output=True
    ).stdout
    return Path(path).read_bytes(), f'"v=DKIM1; k=rsa; " "p={base64.b64encode(public).decode()}"'


def signed(private: bytes, domain: str = DOMAIN) -> bytes:
    signature: bytes = dkim.sign(LETTER, b"s1", domain.encode(), private)
    return signature + LETTER


def test_a_signature_that_holds_is_told_with_its_signer(names: Names, key: tuple[bytes, str]) -> None:
    private, record = key
    names.add(f"s1._domainkey.{DOMAIN}", "TXT", record)

    one = found("DKIM", signed(private))

    assert one == Finding(
        ok=True, what="main: DKIM of shop.test: the letter to ourselves is signed by shop.test, and that holds"
    )


def test_a_letter_changed_behind_its_signer_is_found_out(names: Names, key: tuple[bytes, str]) -> None:
    private, record = key
    names.add(f"s1._domainkey.{DOMAIN}", "TXT", record)

    one = found("DKIM", signed(private).replace(b"Hello", b"Hello, world"))

    assert one.result == "fault"
    assert one.what.startswith("main: DKIM of shop.test: no signature holds (shop.test: body hash mismatch")


def test_a_key_that_is_not_published_is_found_out(names: Names, key: tuple[bytes, str]) -> None:
    one = found("DKIM", signed(key[0]))

    assert one.result == "fault"
    assert "its key is not published at s1._domainkey.shop.test" in one.what


def test_a_signature_of_somebody_else_does_not_speak_for_us(names: Names, key: tuple[bytes, str]) -> None:
    private, record = key
    names.add("s1._domainkey.provider.test", "TXT", record)

    one = found("DKIM", signed(private, "provider.test"))

    assert one.result == "fault"
    assert "provider.test: it is not shop.test, which DMARC wants" in one.what


def test_a_key_that_nobody_could_look_up_is_not_known(names: Names, key: tuple[bytes, str]) -> None:
    names.failing.add(f"s1._domainkey.{DOMAIN}")

    one = found("DKIM", signed(key[0]))

    assert (one.result, one.what) == ("warning", "main: DKIM of shop.test: not known")


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        (LETTER, "the letter to ourselves bears no signature; some servers sign only what leaves them"),
        (None, "not known, as no letter came back"),
    ],
)
def test_what_cannot_be_seen_of_dkim_is_not_claimed(names: Names, letter: bytes | None, said: str) -> None:
    one = found("DKIM", letter)

    assert one.ok
    assert said in one.what


@pytest.mark.parametrize("value", [b"v=1", b"", b"d=\xff; b=x", b"a=rsa-sha256; d=shop.test; s=s1; b=x; bh=y; h=from"])
def test_a_signature_that_makes_no_sense_is_told_and_breaks_nothing(names: Names, value: bytes) -> None:
    assert found("DKIM", b"DKIM-Signature: " + value + b"\r\n" + LETTER).result == "fault"


# --- DMARC ---


@pytest.mark.parametrize(
    ("where", "record", "result", "said"),
    [
        ("_dmarc.shop.test", "v=DMARC1; p=none", "ok", "p=none: letters that fail are delivered all the same"),
        ("_dmarc.shop.test", "v=DMARC1;p=Reject;rua=mailto:x@y.test", "ok", "p=reject: letters that fail are refused"),
        ("_dmarc.shop.test", "v=DMARC1; p=maybe", "fault", 'the record of _dmarc.shop.test has p="maybe"'),
        ("_dmarc.shop.test", "v=DMARC1", "fault", 'the record of _dmarc.shop.test has p=""'),
        ("_dmarc.shop.test", "v=DMARC2; p=none", "warning", "none; large providers trust letters less"),
    ],
)
def test_a_dmarc_policy_is_told_in_words(names: Names, where: str, record: str, result: str, said: str) -> None:
    names.add(where, "TXT", f'"{record}"')

    one = found("DMARC")

    assert (one.result, said in one.what) == (result, True), one.what


def test_a_policy_is_inherited_from_the_domain_above(names: Names) -> None:
    names.add("_dmarc.example.test", "TXT", '"v=DMARC1; p=none; sp=quarantine"')

    one = sender.findings("main", "desk.shop.example.test", HOST, None)[-1]

    assert one.what == (
        "main: DMARC of desk.shop.example.test: p=quarantine, by example.test: letters that fail go to the junk folder"
    )


def test_of_names_made_for_examples_nobody_is_asked(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(dns.NAMESERVER_VARIABLE)

    (one,) = sender.findings("main", DOMAIN, HOST, LETTER)

    assert one.result == "ok"
    assert "a name for examples and tests" in one.what
    assert names.asked == []
