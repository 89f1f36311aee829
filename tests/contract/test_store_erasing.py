"""No column of the store is forgotten when somebody is: each is erased, kept on purpose, or holds nobody's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from slawatch import spellings
from slawatch.store import Store
from slawatch.store.erasing import PLACES
from slawatch.testing import FakeClock

ANNA = "anna@agents.example"
SIGN = "erased-0123456789ab"

# What the store's own statements erase: texts that leave a digest, raw forms, and rows that go as a whole.
OTHERWISE = {
    "blob": {"bytes"},
    "follow_up": {"subject", "body"},
    "former": {"void_detail"},
    "identity": {"address", "id", "handle", "name"},
    "letter": {"packed"},
    "moment": {"saw"},
    "request": {"subject", "body"},
    "review": {"reason"},
}
# Kept on purpose, and said so: docs/how-to/keep-less.md.
KEPT = {"audit_log": {"actor", "action", "scope", "detail"}, "opt_out": {"scope"}}
# Names out of the config, words of the program, hashes and numbers.
NOBODYS = {
    "alert": {"kind", "severity"},
    "alert_delivery": {"recipient", "what", "state", "claimed_by"},
    "attempt": {"envelope_id", "account", "worker", "outcome"},
    "blob": {"sha256", "codec", "key_id"},
    "canary": {"account", "own_id"},
    "charge": {"account", "day", "what"},
    "charged": {"account", "day", "resource"},
    "correction": {"company", "request", "kind"},
    "derived": {"rules", "kind", "fingerprint"},
    "embargo": {"company", "packet_sha256"},
    "event": {"kind"},
    "exhibit": {"moment", "media", "sha256"},
    "follow_up": {"purpose", "envelope_id", "delivery", "claimed_by", "text_sha256"},
    "former": {"origin", "delivery", "proof", "void_reason", "network"},
    "identity": {"channel"},
    "import": {"sha256", "format"},
    "inbox": {"account", "owner"},
    "learned": {"company"},
    "letter": {"kind", "about", "account", "message_id", "state", "claimed_by"},
    "link": {"kind", "item", "digest", "head"},
    "look": {"account"},
    "message": {"account", "channel", "sha256", "stamp_source"},
    "meta": {"key"},
    "moment": {"kind", "clock", "saw_sha256"},
    "promise": {"about"},
    "reply": {"evidence", "strength", "writer"},
    "report": {"scope", "lang", "version", "config_digest", "chain_head", "sha256"},
    "request": {
        *("public_id", "origin", "company", "channel", "account", "probe", "lang", "token", "message_id", "delivery"),
        *("zone", "proof", "void_reason", "claimed_by", "form", "asked_by", "network", "text_sha256"),
    },
    "review": {"kind", "requests", "reason_sha256"},
    "settled": {"packed", "hours"},
    "settled_kind": {"company", "channel", "network", "account", "origin", "basis"},
    "slot": {"company", "channel", "account", "zone", "state"},
    "trusted_domain": {"company", "domain"},
    "unlinked": {"kind"},
}
FITTING = {  # what a CHECK of the table wants
    "alert_delivery": {"state": "told"},
    "attempt": {"outcome": "refused"},
    "correction": {"kind": "statement"},
    "exhibit": {"media": "image/png"},
    "follow_up": {"purpose": "reply", "delivery": "refused"},
    "letter": {"kind": "report", "state": "refused"},
    "promise": {"about": "reply"},
    "reply": {"strength": "weak"},
    "request": {"origin": "sent", "delivery": "refused", "proof": "presumed", "form": "letter"},
    "slot": {"state": "closed"},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=FakeClock()) as ready:
        yield ready


def columns(store: Store) -> dict[str, dict[str, str]]:
    """Return by table its columns with their types."""
    connection = store._connection()
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {name: {row[1]: row[2] for row in connection.execute(f"PRAGMA table_info({name})")} for (name,) in tables}


def plant(store: Store, table: str, places: tuple[str, ...]) -> None:
    """Add a row that mentions Anna in each of these columns."""
    given: dict[str, object] = {}
    for name, type_ in columns(store)[table].items():
        given[name] = 7 if type_ == "INTEGER" else b"" if type_ == "BLOB" else f"{table}-{name}"
        if name in {"own", "made_up", "ok", "undone", "by_hand", "how_long", "why", "complete", "told_again"}:
            given[name] = 0 if type_ == "INTEGER" else given[name]
        if name in places:
            given[name] = f"see {ANNA.upper()} there"
    given |= FITTING.get(table, {})
    if table == "derived":
        given |= {"because": f'[["a-rule", "{ANNA}"]]', "says_machine": 0}
    if table == "reply":
        given |= {"writer": "company"}
    connection = store._connection()
    connection.execute("PRAGMA foreign_keys = OFF")
    marks = ", ".join(f":{name}" for name in given)
    connection.execute(f"INSERT INTO {table} ({', '.join(given)}) VALUES ({marks})", given)  # noqa: S608  names of the schema's own


def files(store: Store) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(store._path.parent.glob(f"{store._path.name}*"))).lower()


def test_every_column_is_erased_kept_on_purpose_or_nobodys(store: Store) -> None:
    texts = {
        table: {name for name, type_ in found.items() if type_ in {"TEXT", "BLOB"}}
        for table, found in columns(store).items()
    }
    known: dict[str, set[str]] = {}
    for part in (dict(PLACES), OTHERWISE, KEPT, NOBODYS):
        for table, names in part.items():
            assert not known.setdefault(table, set()) & set(names), (table, names)
            known[table] |= set(names)

    assert {table: left for table, names in texts.items() if (left := names - known.get(table, set()))} == {}


@pytest.mark.parametrize(("table", "places"), PLACES, ids=[table for table, _ in PLACES])
def test_an_address_is_gone_from_each_of_these_to_the_last_byte(
    store: Store, table: str, places: tuple[str, ...]
) -> None:
    plant(store, table, places)
    sought = spellings.pattern(ANNA)
    assert files(store).count(ANNA.encode()) >= len(places)
    assert set(store.mentions(sought)) == {f"{table}.{name}" for name in places}

    store.rewrite(sought, SIGN)
    assert store.write_over()

    assert ANNA.encode() not in files(store)
    assert store.mentions(sought) == {}
    assert SIGN.encode() in files(store)


def test_the_page_about_it_names_every_table_that_holds_anything() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/keep-less.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    own = {"inbox", "slot", "pause", "settled_kind", "meta", "campaign", "canary", "embargo"}  # our own names and words

    assert {*dict(PLACES), *OTHERWISE, *KEPT} - own <= named
