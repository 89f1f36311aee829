"""The config file: every kind of mistake in its exact words, and what a right file comes to."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch import config, inheritance, mailed, resources, settings, tomlfile
from slawatch import probe as probe_room
from slawatch.burden import DEFAULT, UNLIMITED, Limits
from slawatch.channels import BUILT_IN, email, twitter
from slawatch.config import Config, Target
from slawatch.errors import ConfigError
from slawatch.model import Measure, Objective, ObjectiveKind, Probe, Relationship, Standard, Variant, Wording
from slawatch.plan import Cron, Every

MISTAKES = Path(__file__).parents[1] / "config"
REGISTRY = {
    "broken": "slawatch_no_such_plugin:Broken",
    "email": BUILT_IN["email"],
    "letters": "tests.config.letters:Letters",
    "mastodon": BUILT_IN["mastodon"],
    "twitter": BUILT_IN["twitter"],
}

# The four forms of an account's secrets.
SECRET = re.compile(r"(_password|client_secret|refresh_token|^token)(_env|_file|_command)?$")

ACCOUNT = """
[account.main]
channel = "email"
address = "anna@example.org"
smtp_host = "localhost"
imap_host = "localhost"
smtp_password_env = "PASSWORD"
"""
LETTERS = """
[account.postman]
channel = "letters"
address = "Example Street 1"
seal = "wax"
"""
SHOP = """
[company.shop]
name = "Shop"
relationship = "competitor"
"""
TARGET = """
[[company.shop.target]]
channel = "email"
address = "Service@Shop.example"
"""

Load = Callable[[str], Config]


def probe(name: str, *langs: str, customer: bool = False) -> Probe:
    wording = Wording(variants=(Variant(subject="{reference}", body="Hello"),), expects=(), follow_up="")
    return Probe(name=name, wordings=dict.fromkeys(langs, wording), customer=customer)


PROBES = {
    one.name: one
    for one in (
        probe("delivery-time", "de", "en"),
        probe("opening-hours", "de", "en"),
        probe("my-invoices", "de", "en", customer=True),
        probe("only-english", "en"),
    )
}


def read(path: Path) -> Config:
    return config.load(path, registry=REGISTRY, probes=PROBES)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def write_and_read(text: str) -> Config:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return read(path)

    return write_and_read


def only_target(of: Config, company: str = "shop") -> Target:
    (target,) = of.companies[company].targets
    return target


# Mistakes


@pytest.mark.parametrize("name", sorted(path.stem for path in MISTAKES.glob("*.toml")))
def test_every_kind_of_mistake_is_told_in_these_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MISTAKES)

    with pytest.raises(ConfigError) as told:
        read(Path(f"{name}.toml"))

    assert str(told.value) + "\n" == Path(f"{name}.expected").read_text(encoding="utf-8")


def test_every_message_has_its_file() -> None:
    assert {path.stem for path in MISTAKES.glob("*.expected")} == {path.stem for path in MISTAKES.glob("*.toml")}


def test_every_message_is_one_line_with_its_place() -> None:
    for path in MISTAKES.glob("*.expected"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert re.match(rf"{path.stem}\.toml:\d+: \S", line), line


def test_a_missing_file_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError) as told:
        read(Path("config.toml"))

    assert str(told.value) == 'config.toml: there is no such file; "slawatch init" writes one, -c names another'


def test_a_password_written_wrongly_is_not_repeated(load: Load) -> None:
    for line in ("smtp_password = hunter2", "smtp_password = ['hunter2']", "smtp_password = {hunter2 = 2}"):
        with pytest.raises(ConfigError) as told:
            load(ACCOUNT.replace('smtp_password_env = "PASSWORD"', line))

        assert "smtp_password" in str(told.value)
        assert "hunter2" not in str(told.value)


def test_a_mistake_in_what_is_inherited_is_told_once(load: Load) -> None:
    second = TARGET.replace("Service", "info")

    with pytest.raises(ConfigError) as told:
        load('[defaults]\nwindow = "2 h"\n' + ACCOUNT + SHOP + TARGET + second)

    assert len(told.value.problems) == 1


def test_a_mistaken_account_is_not_missed_by_its_targets(load: Load) -> None:
    with pytest.raises(ConfigError) as told:
        load(ACCOUNT.replace('"email"', '"emial"') + SHOP + TARGET)

    assert len(told.value.problems) == 1


def test_a_mistaken_probe_does_not_make_the_others_unsuitable(load: Load) -> None:
    with pytest.raises(ConfigError) as told:
        load('[defaults]\nprobes = ["my-invoices", "opening-huors"]\n' + ACCOUNT + SHOP + TARGET)

    assert len(told.value.problems) == 1


def test_a_mistaken_setting_is_told_by_config_or_by_its_channel_but_once(load: Load) -> None:
    with pytest.raises(ConfigError) as told:
        load(ACCOUNT.replace('smtp_password_env = "PASSWORD"', 'imap_password = ""'))

    assert len(told.value.problems) == 1


# What a right file comes to


def test_a_small_config_gets_the_documented_defaults(load: Load, tmp_path: Path) -> None:
    loaded = load(ACCOUNT + SHOP + TARGET)

    assert (loaded.zone, loaded.lang) == ("UTC", "en")
    assert (loaded.store, loaded.out) == (tmp_path / "slawatch.db", tmp_path / "out")
    assert loaded.folder == tmp_path
    account = loaded.accounts["main"]
    assert (account.channel, account.per_minute, account.per_day) == ("email", 1, 60)
    assert isinstance(account.settings, email.Settings)
    assert only_target(loaded) == Target(
        company="shop",
        channel="email",
        address="service@shop.example",
        account="main",
        lang="en",
        zone="UTC",
        standard=Standard(
            objectives=(
                Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.MEAN, limit=timedelta(hours=1)),
                Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=timedelta(hours=24), at_least=0.9),
            ),
            window=timedelta(days=7),
            late=timedelta(days=30),
        ),
        limits=Limits(open=1, month=4, quarter=12, month_all_channels=8, cooldown=timedelta(days=7)),
        schedule=None,
        probes=(),
    )


def test_the_company_keeps_what_was_said_of_it(load: Load) -> None:
    company = load(
        ACCOUNT
        + SHOP
        + 'timezone = "America/New_York"\ndomains = ["Shop.example", "shop-mail.example"]\n'
        + 'expected = { delivery-time = ["3 days", "free"] }\ncustomer = { number = "17" }\n'
        + 'limits_reason = "agreed"\npublished_at = "https://shop.example/contact"\n'
        + TARGET
    ).companies["shop"]

    assert (company.key, company.name, company.relationship) == ("shop", "Shop", Relationship.COMPETITOR)
    assert company.zone == company.targets[0].zone == "America/New_York"
    assert company.domains == ("shop.example", "shop-mail.example")
    assert company.expected == {"delivery-time": ("3 days", "free")}
    assert company.customer == {"number": "17"}
    assert (company.limits_reason, company.published_at) == ("agreed", "https://shop.example/contact")


def test_domains_that_were_not_written_are_those_of_the_addresses(load: Load) -> None:
    other = TARGET.replace("Service@Shop.example", "help@mail.shop.example")

    assert load(ACCOUNT + SHOP + TARGET + other).companies["shop"].domains == ("mail.shop.example", "shop.example")


@pytest.mark.parametrize(
    ("levels", "days"), [("", 7), ("d", 10), ("dc", 11), ("dco", 12), ("dcot", 13), ("co", 12), ("dt", 13), ("c", 11)]
)
def test_the_value_nearest_to_the_target_counts(load: Load, levels: str, days: int) -> None:
    def window(level: str, number: int) -> str:
        return f'window = "{number} d"\n' if level in levels else ""

    loaded = load(
        f"[defaults]\n{window('d', 10)}[channel.email]\n{window('c', 11)}"
        f"{ACCOUNT}{SHOP}{window('o', 12)}{TARGET}{window('t', 13)}"
    )

    assert only_target(loaded).standard.window == timedelta(days=days)


def test_the_keys_of_one_channel_leave_another_alone(load: Load) -> None:
    by_letter = '[[company.shop.target]]\nchannel = "letters"\naddress = "Market 1"\n'
    loaded = load('[channel.letters]\nlanguage = "de"\n' + ACCOUNT + LETTERS + SHOP + TARGET + by_letter)

    assert [target.lang for target in loaded.companies["shop"].targets] == ["en", "de"]


def test_companies_are_asked_in_the_reports_language_where_probes_have_it(load: Load, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    for lang in ("de", "fr"):
        (tmp_path / "reports" / f"{lang}.toml").touch()

    german, french = (load(f'language = "{lang}"\n{ACCOUNT}{SHOP}{TARGET}') for lang in ("de", "fr"))

    assert (german.lang, only_target(german).lang) == ("de", "de")
    assert (french.lang, only_target(french).lang) == ("fr", "en")


def test_addresses_are_lower_case_unless_small_letters_mean_another_on_their_channel(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ACCOUNT + LETTERS + SHOP + TARGET.replace('"email"', '"letters"')
    (lowered,) = load(text).companies["shop"].targets

    monkeypatch.setattr("tests.config.letters.KEEPS_CASE", True, raising=False)

    (kept,) = load(text).companies["shop"].targets
    assert (lowered.address, kept.address) == ("service@shop.example", "Service@Shop.example")


def test_a_channel_may_bring_its_own_standard(load: Load) -> None:
    by_letter = '[[company.shop.target]]\nchannel = "letters"\naddress = "Market 1"\n'

    standard = only_target(load(LETTERS + SHOP + by_letter)).standard

    assert standard.window == timedelta(days=40)
    assert standard.late == timedelta(days=40)  # never shorter than the window
    assert [objective.measure for objective in standard.objectives] == [Measure.ANSWER]


def test_objectives_are_replaced_whole_and_can_be_taken_away(load: Load) -> None:
    defaults = '[defaults]\nfirst_response = { mean = "2 h" }\nanswer = "none"\n'
    nearer = 'first_response = { share = 0.5, within = "5 min" }\n'

    standard = only_target(load(defaults + ACCOUNT + SHOP + nearer + TARGET)).standard

    assert standard.objectives == (
        Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.SHARE, limit=timedelta(minutes=5), at_least=0.5),
    )


def test_a_nearer_cron_replaces_an_inherited_every(load: Load) -> None:
    defaults = '[defaults]\nevery = "7 d"\n'

    assert only_target(load(defaults + ACCOUNT + SHOP + TARGET)).schedule == Every(timedelta(days=7))
    assert only_target(load(defaults + ACCOUNT + SHOP + TARGET + 'cron = "0 9 * * Mon-Fri"\n')).schedule == Cron(
        "0 9 * * Mon-Fri"
    )


def test_limits_are_inherited_one_by_one(load: Load) -> None:
    loaded = load("[defaults.limits]\nmonth = 3\nquarter = 9\n" + ACCOUNT + SHOP + "limits = { month = 2 }\n" + TARGET)

    expected = Limits(month=2, quarter=9)
    assert only_target(loaded).limits == loaded.companies["shop"].limits == expected


def test_an_own_company_has_no_limits_but_those_written_for_it(load: Load) -> None:
    own = SHOP.replace("competitor", "own")
    defaults = "[defaults.limits]\nmonth = 3\n"

    assert only_target(load(defaults + ACCOUNT + own + TARGET)).limits == UNLIMITED
    limited = load(defaults + ACCOUNT + own + "limits = { open = 5 }\n" + TARGET)
    assert only_target(limited).limits == Limits(
        open=5, month=None, quarter=None, month_all_channels=None, cooldown=None
    )


def test_limits_may_be_raised_with_a_reason_or_with_consent(load: Load) -> None:
    raised = 'limits = { month = "none", cooldown = "1 h" }\n'
    higher = Limits(month=None, cooldown=timedelta(hours=1))

    assert only_target(load(ACCOUNT + SHOP + 'limits_reason = "agreed"\n' + raised + TARGET)).limits == higher
    consented = SHOP.replace("competitor", "consented")
    assert only_target(load(ACCOUNT + consented + raised + TARGET)).limits == higher
    assert only_target(load(ACCOUNT + consented + TARGET)).limits == DEFAULT


def test_probes_for_customers_are_passed_over_where_they_are_inherited(load: Load) -> None:
    defaults = '[defaults]\nprobes = ["my-invoices", "delivery-time"]\n'

    assert only_target(load(defaults + ACCOUNT + SHOP + TARGET)).probes == ("delivery-time",)
    customer = SHOP + 'customer = { number = "17" }\n'
    assert only_target(load(defaults + ACCOUNT + customer + TARGET)).probes == ("my-invoices", "delivery-time")


def test_the_only_account_of_a_channel_need_not_be_named(load: Load) -> None:
    assert only_target(load(LETTERS + ACCOUNT + SHOP + TARGET)).account == "main"
    second = ACCOUNT.replace("main", "second").replace("anna", "bert")
    assert only_target(load(ACCOUNT + second + SHOP + TARGET + 'account = "second"\n')).account == "second"


def test_settings_arrive_in_their_true_types(load: Load, tmp_path: Path) -> None:
    made = (
        load(
            LETTERS
            + 'copies = 2\nstamped = false\nweight = 7\npaper = "grey"\nboxes = ["a", "b"]\npatience = "2 h"\n'
            + 'folder = "in/box"\nnote = ""\nkey_file = "key.txt"\n'
        )
        .accounts["postman"]
        .settings
    )

    assert (made.copies, made.stamped, made.paper, made.boxes) == (2, False, "grey", ("a", "b"))
    assert isinstance(made.weight, float)
    assert made.weight == 7.0
    assert made.patience == timedelta(hours=2)
    assert made.folder == tmp_path / "in/box"
    assert made.seal.resolve() == "wax"
    (tmp_path / "key.txt").write_text("brass\n", encoding="utf-8")
    assert made.key.resolve() == "brass"


def test_a_secret_that_fails_names_its_line(load: Load, tmp_path: Path) -> None:
    made = load(LETTERS + 'key_file = "no-such.txt"\n').accounts["postman"].settings

    with pytest.raises(ConfigError) as told:
        made.key.resolve()

    assert str(told.value) == (
        f'{tmp_path}/config.toml:6: account.postman.key_file: "no-such.txt" does not exist; write the secret into it'
    )


def test_secrets_are_not_touched_on_loading(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSWORD", raising=False)

    assert "hunter2" not in repr(load(ACCOUNT + 'imap_password = "hunter2"\n'))


def test_files_with_secrets_that_everybody_can_read_are_warned_of(load: Load, tmp_path: Path) -> None:
    key = tmp_path / "my key.txt"
    key.touch()
    loaded = load(LETTERS + 'key_file = "my key.txt"\n' + ACCOUNT)
    place = f"{tmp_path}/config.toml"

    key.chmod(0o644)
    loaded.path.chmod(0o644)
    written, in_a_file = config.exposures(loaded)
    every = "every user of this machine can read"
    assert written == f"{place}: a secret stands in it that {every}; run: chmod 600 {place}"
    assert in_a_file.startswith(f'{place}:6: account.postman.key_file: "my key.txt" can be read by every user')
    assert in_a_file.endswith(f"; run: chmod 600 '{key}'")
    key.chmod(0o600)
    loaded.path.chmod(0o600)
    assert config.exposures(loaded) == []
    loaded = load(ACCOUNT)
    loaded.path.chmod(0o644)
    assert config.exposures(loaded) == []


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbfstore = 'a.db'\r\n"
    (tmp_path / "config.toml").write_bytes(raw)

    loaded = read(tmp_path / "config.toml")

    assert loaded.digest == hashlib.sha256(raw).hexdigest()
    assert loaded.store == tmp_path / "a.db"


def test_a_channel_nobody_uses_is_not_imported(load: Load) -> None:
    sys.modules.pop("tests.config.letters", None)

    load(ACCOUNT + SHOP + TARGET)
    assert "tests.config.letters" not in sys.modules

    load(LETTERS)
    assert "tests.config.letters" in sys.modules


# config.example.toml

SETTING = re.compile(r"#?(?P<key>[a-z_]+) = ")


def example() -> str:
    return resources.read("config.example.toml")


def uncommented() -> str:
    return re.sub(r"^#(?=[a-z\[])", "", example(), flags=re.MULTILINE)


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def test_who_is_told_what_to_post_is_told_by_the_only_e_mail_account_or_by_the_one_named(load: Load) -> None:
    x = """
[account.x]
channel = "twitter"
handle = "@anna_asks"
consumer_key_env = "A"
consumer_secret_env = "B"
access_token_env = "C"
access_secret_env = "D"
notify = "anna@example.org"
"""
    other = ACCOUNT.replace("account.main", "account.other")
    company = SHOP + TARGET + 'account = "main"\n'

    only = load(ACCOUNT + x + company).accounts
    named = load(ACCOUNT + other + x + 'notify_from = "other"\n' + company).accounts

    assert only["x"].notify == config.Notify(to="anna@example.org", account="main")
    assert named["x"].notify == config.Notify(to="anna@example.org", account="other")
    assert named["main"].notify is None


@pytest.fixture
def load_with_real_probes(tmp_path: Path) -> Load:
    probes = probe_room.load_all(resources.folders("probes"))

    def write_and_read(text: str) -> Config:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return config.load(path, registry=BUILT_IN, probes=probes)

    return write_and_read


def test_the_example_is_a_config_as_it_stands_and_with_every_setting_switched_on(load_with_real_probes: Load) -> None:
    assert list(load_with_real_probes(example()).companies) == ["example-shop"]
    assert list(load_with_real_probes(uncommented()).companies) == ["example-shop", "other-shop"]


def test_the_example_has_every_key(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(uncommented(), encoding="utf-8")
    found = set(keys_of(tomlfile.read(tmp_path / "config.toml").data))
    text = example()
    secrets = {key for key in settings.keys(email.Settings) if SECRET.search(key)}

    known = {*config.TOP, *config.COMPANY, *config.TARGET, *config.CUSTOMER, *config.ACCOUNT}
    known |= {*inheritance.KEYS, *inheritance.LIMITS, *inheritance.OBJECTIVE}
    known |= {*mailed.REPORT} - {"logo"}  # a picture that the example would have to bring
    # Logins by browser and by code exclude each other.
    posts = {one.name for one in fields(twitter.Settings) if "Secret" not in str(one.type)}
    assert known | (set(settings.keys(email.Settings)) - secrets - {"device_url"}) | posts <= found
    for secret in twitter.settings.OAUTH1_KEYS:
        assert f"{secret}_env = " in text
    assert "device_url = " in text
    # Of a secret's four forms only one can be switched on; the others stand in the text.
    for source in ("", "_env", "_file", "_command"):
        assert f"smtp_password{source} = " in text
    for secret in ("imap_password", "client_secret", "refresh_token", "token_command = "):
        assert secret in text


def test_the_example_explains_every_setting() -> None:
    lines = example().splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if SETTING.match(line):
            # Beside it, in the line above, or above the group it stands in.
            assert "  # " in line or before.startswith("# ") or SETTING.match(before), line


def test_what_the_example_shows_switched_off_holds_anyway(load_with_real_probes: Load) -> None:
    shown = []
    beside = ""
    for line in example().splitlines():
        if line.startswith("# ") or line in {"", "#"}:
            beside = line
            shown.append(line)
        elif line.startswith("#") and "Without this line" not in line + beside:
            shown.append(line[1:])
        else:
            shown.append(line)
    # The first account's and company's settings only: the others are not there at all otherwise.
    others = r"\[(?:account\.(?:second|third|fourth|fifth)|company\.other).*?(?=\n\n\n|\n\n# A |\Z)"
    switched_on = re.sub(others, "", "\n".join(shown), flags=re.DOTALL)

    plain, full = load_with_real_probes(example()), load_with_real_probes(switched_on)

    assert "\nper_day = 60" in switched_on
    assert plain.companies == full.companies
    assert (plain.zone, plain.lang, plain.store, plain.out) == (full.zone, full.lang, full.store, full.out)
    for name in (
        one for one in settings.keys(email.Settings) if hasattr(email.Settings, one) and "password" not in one
    ):
        assert getattr(plain.accounts["main"].settings, name) == getattr(full.accounts["main"].settings, name), name
