"""Setting a mailbox up: what is found without a server, how faults read before there is a config, what is written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from slawatch.app import load_config
from slawatch.channels.email import Settings
from slawatch.errors import ConfigError, OutputError, UsageError
from slawatch.mail.discover import Source, Spot
from slawatch.secret import Secret
from slawatch.usecases import first_config, setup
from slawatch.usecases.setup import Proven, Servers, SetupError, Wish, as_options, find_servers
from slawatch.usecases.world import keep_quiet


def spot(host: str, source: Source) -> Spot:
    return Spot(protocol="imap", host=host, port=993, security="tls", source=source)


def proven(**more: object) -> Proven:
    its = {"address": "anna@own.example", "smtp_host": "smtp.own.example", "imap_host": "imap.own.example", **more}
    settings = Settings(smtp_password=Secret("secret"), **its)  # type: ignore[arg-type]
    return Proven(settings=settings, folders=("INBOX",), sent=(), came_into="INBOX")


def text(**more: object) -> str:
    return first_config.config_text(
        proven(**more), zone="Europe/Berlin", lang="de", secret_key="smtp_password_file", secret_value="password.txt"
    )


# --- finding ---


@pytest.mark.parametrize(
    ("host", "source", "asked"),
    [
        ("mail.elsewhere.example", "srv", ["mail.elsewhere.example"]),
        ("imap.own.example", "srv", []),
        ("own.example", "srv", []),
        ("notown.example", "srv", ["notown.example"]),
        ("imap.gmail.com", "provider", []),
        ("mail.elsewhere.example", "given", []),
    ],
)
def test_a_person_is_asked_before_the_password_goes_where_only_the_dns_says_so(
    host: str, source: Source, asked: list[str]
) -> None:
    servers = Servers(imap=spot(host, source), smtp=spot(host, source), provider=None)

    assert servers.strangers("own.example") == asked


def test_a_provider_that_lets_no_mail_program_in_says_so_at_once() -> None:
    with pytest.raises(SetupError, match=r"^anna@tuta.com: Tuta offers neither IMAP nor SMTP"):
        find_servers(Wish(address="anna@tuta.com"), keep_quiet)


def test_a_provider_that_takes_no_passwords_says_so_before_one_is_typed() -> None:
    with pytest.raises(SetupError, match=r"takes no passwords .*; see docs/how-to/oauth.md, or .*--token-command"):
        find_servers(Wish(address="anna@outlook.com"), keep_quiet)


def test_what_is_no_server_is_refused_by_the_option_s_name() -> None:
    with pytest.raises(UsageError, match=r'^--imap: "a b" is not a server; write HOST or HOST:PORT'):
        find_servers(Wish(address="anna@own.example", imap="a b"), keep_quiet)


def test_servers_that_are_nowhere_are_told_by_their_names() -> None:
    with pytest.raises(SetupError) as caught:
        find_servers(Wish(address="anna@own.invalid"), keep_quiet)

    assert str(caught.value) == (
        "anna@own.invalid: no server was found for reading mail (there is no imap.own.invalid or mail.own.invalid or "
        "own.invalid); ask your provider where it is, then: --imap HOST:PORT"
    )


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("failed; check imap_user and smtp_password; many", "failed; check --user and the password; many"),
        ("check smtp_user and smtp_password_file; many", "check --user and the password; many"),
        ("check imap_host, or name the file in ca_file", "check --imap, or name the file in --ca-file"),
        ("check smtp_host and smtp_port: port 587", "check --smtp: port 587"),
    ],
)
def test_a_fault_names_our_options_as_there_is_no_config_yet(fault: str, said: str) -> None:
    assert as_options(fault) == said


# --- writing ---


def test_the_config_can_be_loaded_and_makes_oneself_the_first_company(tmp_path: Path) -> None:
    made = first_config.write(
        tmp_path / "me", text(name='Anna "Ä" \\ Example'), password="pass word", sound=load_config
    )

    config, _ = load_config(tmp_path / "me" / "config.toml")
    (account,), (company,) = config.accounts.values(), config.companies.values()
    assert [path.name for path in made] == ["password.txt", "config.toml", ".gitignore"]
    assert sorted(path.name for path in (tmp_path / "me").iterdir()) == [".gitignore", "config.toml", "password.txt"]
    assert (account.settings.name, account.settings.imap().password) == ('Anna "Ä" \\ Example', "pass word")
    assert (company.relationship, company.targets[0].address) == ("own", "anna@own.example")
    assert (company.targets[0].lang, company.targets[0].schedule) == ("de", None)


def test_the_password_stands_in_no_file_but_its_own(tmp_path: Path) -> None:
    first_config.write(tmp_path, text(), password="geheim", sound=load_config)

    holding = [path.name for path in tmp_path.iterdir() if "geheim" in path.read_text(encoding="utf-8")]
    assert holding == ["password.txt"]
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.name != ".gitignore"} == {0}


def test_what_the_provider_needs_is_written_down() -> None:
    data = tomllib.loads(text(addressing="plain", imap_user="anna", smtp_port=465, smtp_security="tls"))

    account = data["account"]["main"]
    assert (account["addressing"], account["imap_user"], account["smtp_port"]) == ("plain", "anna", 465)


@pytest.mark.parametrize("name", ["config.toml", "password.txt"])
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")

    with pytest.raises(UsageError, match="exists already and is left as it is"):
        first_config.write(tmp_path, text(), password="x", sound=load_config)

    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_not_even_a_file_that_appears_meanwhile(tmp_path: Path) -> None:
    def sound(_draft: Path) -> None:
        (tmp_path / "config.toml").write_text("mine")

    with pytest.raises(UsageError, match="exists already and is left as it is"):
        first_config.write(tmp_path, text(), password="x", sound=sound)

    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_config_that_cannot_be_loaded_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        first_config.write(tmp_path / "me", "this = is no config", password="x", sound=load_config)

    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    def sound(_draft: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first_config.write(tmp_path / "me", text(), password="x", sound=sound)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be written"):
        first_config.write(tmp_path / "file" / "me", text(), password=None, sound=load_config)


def test_a_secret_command_takes_the_place_of_a_password(tmp_path: Path) -> None:
    its = proven(auth="token_command", token=Secret("x"))
    made = first_config.config_text(its, zone="UTC", lang="en", secret_key="token_command", secret_value="get a token")
    (tmp_path / "config.toml").write_text(made)

    config, _ = load_config(tmp_path / "config.toml")

    assert config.accounts["main"].settings.auth == "token_command"
    assert setup.ACCOUNT in config.accounts
