"""What an account on Matrix is, and what one keeps between processes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from slawatch import config
from slawatch.channels import BUILT_IN
from slawatch.channels.matrix import STANDARD, Settings, address_problem
from slawatch.channels.matrix.kept import Login, Notebook, brought, folder_of, keep_login, login_of
from slawatch.errors import AccountHaltedError, ChannelUnavailableError
from slawatch.model import Form
from slawatch.secret import Secret, Source

ROBIN = Settings(user="@robin:matrix.example")
CONFIG = """
[account.robin]
channel = "matrix"
user = "@robin:matrix.example"

[company.acme]
name = "Acme"
relationship = "competitor"

[[company.acme.target]]
channel = "matrix"
address = "!kZQxvYwVtAcme:matrix.example"
"""


@pytest.mark.parametrize(
    "address",
    [
        "@service:shop.example",
        "@service:localhost:8448",
        "@Service.Desk=1/2:shop.example",
        "#help:shop.example",
        "!kZQxvYwVt:shop.example",
        "!njPz_8nCsc496iCRV4VmvCrMyoY2F4peb_Wgm0L5fBQ",
        "@a:[2001:db8::1]:8448",
    ],
)
def test_people_aliases_and_rooms_can_be_asked(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "because"),
    [
        ("https://matrix.to/#/@service:shop.example", "is a link"),
        ("service@shop.example", "neither a person"),
        ("@service", "names no server"),
        ("#help", "names no server"),
        ("", "neither a person"),
        ("@a b:shop.example", "names no server"),
        ("@service:-", "names no server"),
    ],
)
def test_anything_else_is_told_with_what_to_write(address: str, because: str) -> None:
    found = address_problem(address)

    assert found is not None
    assert because in found
    assert '"@service:shop.example"' in found


def test_a_room_keeps_its_capital_letters_and_is_asked_in_short(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)

    (target,) = config.load(path, registry=BUILT_IN, probes={}).companies["acme"].targets

    assert target.address == "!kZQxvYwVtAcme:matrix.example"
    assert (target.form, target.standard.window) == (Form.CHAT, STANDARD.window)


def test_the_server_is_what_ends_the_user_unless_given() -> None:
    assert ROBIN.base_url == "https://matrix.example"
    assert Settings(user=ROBIN.user, homeserver="http://localhost:8008/").base_url == "http://localhost:8008"


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ({"user": "robin"}, "user"),
        ({"user": "@robin:matrix.example", "homeserver": "http://matrix.example"}, "homeserver"),
        ({"user": "@robin:matrix.example", "name": "Robin\nBcc: all"}, "name"),
        ({"user": "@robin:matrix.example", "device_id": "ABC"}, "device_id"),
    ],
)
def test_what_is_wrong_with_an_account_is_told_at_its_key(keys: dict[str, str], field: str) -> None:
    assert [name for name, _ in Settings(**keys).problems()] == [field]  # type: ignore[arg-type]  # texts all of them


# --- kept between processes ---


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "slawatch.db"


def test_a_login_is_kept_for_its_owner_alone_and_shown_to_nobody(store: Path) -> None:
    login = Login(token="s3cret", device="DEVICE")

    path = keep_login(ROBIN, "robin", store, login)

    assert login_of(ROBIN, "robin", store) == login
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "s3cret" not in repr(login)


def test_a_login_of_another_user_or_server_is_of_no_use(store: Path) -> None:
    keep_login(ROBIN, "robin", store, Login(token="s3cret", device="DEVICE"))

    assert brought(Settings(user="@anna:matrix.example"), "robin", store) is None
    assert brought(Settings(user=ROBIN.user, homeserver="https://other.example"), "robin", store) is None


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"made_for": 7}', "\x00"])
def test_a_damaged_login_is_none(store: Path, damaged: str) -> None:
    keep_login(ROBIN, "robin", store, Login(token="s3cret", device="DEVICE")).write_text(damaged)

    with pytest.raises(AccountHaltedError, match="slawatch login robin"):
        login_of(ROBIN, "robin", store)


def test_the_configs_token_is_taken_before_a_login(store: Path) -> None:
    keep_login(ROBIN, "robin", store, Login(token="brought", device="DEVICE"))
    given = Settings(user=ROBIN.user, access_token=Secret("given"), device_id="OWN")

    assert login_of(given, "robin", store) == Login(token="given", device="OWN")


def test_a_token_that_cannot_be_had_is_for_later() -> None:
    given = Settings(user=ROBIN.user, access_token=Secret("SLAWATCH_NO_SUCH", Source.ENVIRONMENT))

    with pytest.raises(ChannelUnavailableError, match="SLAWATCH_NO_SUCH"):
        login_of(given, "robin", None)


def test_rooms_are_remembered_the_last_address_of_each(store: Path) -> None:
    first = Notebook(store, "robin")
    first.note_room("#help:shop.example", "!room")
    first.note_room("@service:shop.example", "!room")
    first.note_sent("$event")
    first.note_own("!own")

    again = Notebook(store, "robin")

    assert again.rooms == {"#help:shop.example": "!room", "@service:shop.example": "!room"}
    assert again.address_of("!room") == "@service:shop.example"
    assert again.address_of("!other") == ""
    assert (again.sent, again.own) == (["$event"], "!own")
    assert stat.S_IMODE(folder_of(store, "robin").stat().st_mode) == 0o700


def test_two_processes_lose_nothing_of_each_others_notes(store: Path) -> None:
    one, other = Notebook(store, "robin"), Notebook(store, "robin")
    one.note_room("@a:x.example", "!a")
    other.note_room("@b:x.example", "!b")
    one.note_sent("$1")
    other.note_sent("$2")

    for notes in (one, other):
        assert notes.rooms == {"@a:x.example": "!a", "@b:x.example": "!b"}
        assert notes.sent == ["$1", "$2"]


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"rooms": 7, "sent": {}}', json.dumps({"rooms": {"a": None}})])
def test_damaged_notes_are_begun_anew(store: Path, damaged: str) -> None:
    Notebook(store, "robin").note_room("@service:shop.example", "!room")
    (folder_of(store, "robin") / "rooms.json").write_text(damaged)

    assert "@service:shop.example" not in Notebook(store, "robin").rooms


def test_without_a_store_notes_last_as_long_as_the_process() -> None:
    notes = Notebook(None, "robin")
    notes.note_room("@service:shop.example", "!room")
    notes.forget("@service:shop.example")

    assert notes.rooms == {}
