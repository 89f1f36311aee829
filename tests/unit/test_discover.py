"""Where a mailbox is: the table of providers, what "HOST:PORT" may mean, what a domain publishes, the usual names."""

from __future__ import annotations

import re
from threading import Event

import pytest

from slawatch.mail import discover
from slawatch.mail.discover import Spot, of_domain, of_mx, providers, published, spots, usual
from slawatch.match.domains import MAIL_PROVIDERS
from tests.servers.local import LOOPBACK, free_ports


def short(found: list[Spot]) -> list[tuple[str, int, str]]:
    return [(one.host, one.port, one.security) for one in found]


@pytest.mark.parametrize("one", providers(), ids=lambda one: one.name)
def test_every_provider_of_the_table_can_be_used_or_says_why_not(one: discover.Provider) -> None:
    if not one.reachable:
        assert "take another mailbox" in one.note
        return
    for protocol, security in (("imap", {"tls"}), ("smtp", {"tls", "starttls"})):
        first = one.spots(protocol)[0]  # type: ignore[arg-type]
        assert first.security in security
        assert first.source == "provider"
    assert one.domains or one.mx
    assert not one.oauth or "no passwords" in one.note


def test_no_domain_and_no_exchanger_belongs_to_two_providers() -> None:
    names = [name for one in providers() for name in (*one.domains, *(f"mx {end}" for end in one.mx))]

    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"(mx )?[a-z0-9-]+(\.[a-z0-9-]+)+", name)] == []


def test_who_matching_knows_as_a_provider_of_many_is_mostly_found_here() -> None:
    known = {domain for one in providers() for domain in one.domains}

    assert {"gmail.com", "gmx.de", "web.de", "t-online.de", "posteo.de", "icloud.com"} <= known & MAIL_PROVIDERS


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        (["aspmx.l.google.com", "alt1.aspmx.l.google.com"], "Gmail"),
        (["own-example.mail.protection.outlook.com"], "Microsoft 365"),
        (["mx00.kundenserver.de"], "IONOS"),
        (["smtpin.rzone.de"], "STRATO"),
        (["www123.your-server.de"], "Hetzner"),
        (["notgoogle.com.evil.example"], None),
        (["evilgoogle.com"], None),
        ([], None),
    ],
)
def test_a_domain_of_ones_own_is_found_by_who_takes_its_mail(hosts: list[str], name: str | None) -> None:
    found = of_mx(hosts)

    assert (found.name if found else None) == name


def test_a_provider_is_known_by_its_addresses() -> None:
    gmail, tuta = of_domain("googlemail.com"), of_domain("tuta.com")

    assert gmail is not None
    assert short(gmail.spots("imap")) == [("imap.gmail.com", 993, "tls")]
    assert short(gmail.spots("smtp")) == [("smtp.gmail.com", 465, "tls")]
    assert "app password" in gmail.note
    assert tuta is not None
    assert not tuta.reachable
    assert of_domain("own.example") is None


@pytest.mark.parametrize(
    ("text", "protocol", "found"),
    [
        ("mail.own.example", "imap", [("mail.own.example", 993, "tls"), ("mail.own.example", 143, "starttls")]),
        ("Mail.Own.Example", "smtp", [("mail.own.example", 465, "tls"), ("mail.own.example", 587, "starttls")]),
        ("mail.own.example:587", "smtp", [("mail.own.example", 587, "starttls")]),
        ("mail.own.example:2525", "smtp", [("mail.own.example", 2525, "tls"), ("mail.own.example", 2525, "starttls")]),
        ("[2001:db8::1]:993", "imap", [("2001:db8::1", 993, "tls")]),
        ("2001:db8::1", "imap", [("2001:db8::1", 993, "tls"), ("2001:db8::1", 143, "starttls")]),
        ("127.0.0.1:1143", "imap", [("127.0.0.1", 1143, way) for way in ("tls", "starttls", "none")]),
        ("localhost:143", "imap", [("localhost", 143, way) for way in ("starttls", "tls", "none")]),
    ],
)
def test_a_server_is_named_by_host_or_by_host_and_port(text: str, protocol: str, found: list[object]) -> None:
    assert short(spots(text, protocol)) == found  # type: ignore[arg-type]


def test_only_on_this_machine_a_password_may_go_without_tls() -> None:
    assert {one.security for one in spots("127.0.0.1.evil.example:1143", "imap")} == {"tls", "starttls"}


@pytest.mark.parametrize(
    "text", ["", ":993", "mail.own.example:", "mail:0", "mail:70000", "imap://mail", "a b", "me@mail"]
)
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write HOST"):
        spots(text, "imap")


def test_what_a_domain_publishes_comes_with_tls_first() -> None:
    records = {
        "_imap._tcp.own.example": [("imap.own.example", 143)],
        "_imaps._tcp.own.example": [("imap.own.example", 993), ("backup.own.example", 993)],
    }

    found = published("own.example", "imap", lambda name: records.get(name, []))

    assert short(found) == [
        ("imap.own.example", 993, "tls"),
        ("backup.own.example", 993, "tls"),
        ("imap.own.example", 143, "starttls"),
    ]
    assert published("own.example", "smtp", lambda name: records.get(name, [])) == []


def test_the_usual_names_are_tried_last_and_never_without_tls() -> None:
    found = usual("own.example", "smtp")

    assert short(found)[:3] == [
        ("smtp.own.example", 465, "tls"),
        ("smtp.own.example", 587, "starttls"),
        ("mail.own.example", 465, "tls"),
    ]
    assert {one.security for one in found} == {"tls", "starttls"}


def test_where_nobody_listens_every_fault_is_told() -> None:
    (port,) = free_ports(1)
    candidates = spots(f"{LOOPBACK}:{port}", "imap")

    found, wrong = discover.first_to_greet(candidates)

    assert found is None
    assert [spot for spot, _ in wrong] == candidates
    assert all("nobody listens there" in fault for _, fault in wrong)


def test_without_candidates_nothing_is_tried() -> None:
    assert discover.first_to_greet([]) == (None, [])


def test_who_comes_behind_the_first_that_greets_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    dead, good, silent = spots("localhost:10993", "imap")
    done = Event()
    answers = {dead: "nobody listens there", good: ""}

    def greeting(spot: Spot, *, ca_file: str) -> str:
        assert spot is not silent or done.wait(30), "it was waited for"
        return answers.get(spot, ca_file)

    monkeypatch.setattr(discover, "greeting", greeting)
    try:
        assert discover.first_to_greet([dead, good, silent]) == (good, [(dead, "nobody listens there")])
        assert not done.is_set()
    finally:
        done.set()


def test_a_fault_of_ours_in_greeting_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def greeting(_spot: Spot, *, ca_file: str) -> str:
        raise RuntimeError(ca_file)

    monkeypatch.setattr(discover, "greeting", greeting)
    with pytest.raises(RuntimeError, match=r"ca\.pem"):
        discover.first_to_greet(spots("localhost:993", "imap"), ca_file="ca.pem")
