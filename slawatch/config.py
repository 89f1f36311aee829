"""Reads config.toml into frozen values and reports every mistake in it at once, each with its line and its cure.

Decides nothing and opens nothing else: secrets are fetched on use, channels know their own settings.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from slawatch import alarms, inheritance, mailed, offering, privacy, settings, tomlfile, values, wordings
from slawatch.alarms import Alarms
from slawatch.burden import Limits
from slawatch.hours import ServiceHours
from slawatch.inheritance import Layer
from slawatch.mailed import MailedReport
from slawatch.model import Form, Mode, Offer, Probe, PublishedPromise, Relationship, Standard
from slawatch.periods import Terms
from slawatch.plan import NO_TIME, Schedule, for_all
from slawatch.privacy import Privacy
from slawatch.retention import Terms as Keeping
from slawatch.secret import Source, cure, readable_by_all
from slawatch.tomlfile import KeyPath, Reader, one_of, quoted, where

TOP = ("timezone", "language", "seed", "store", "out", "defaults", "channel", "account", "company", "report")
ACCOUNT = ("channel", "per_minute", "per_day")  # and the fields of the channel's Settings
COMPANY = (
    "name",
    "relationship",
    "timezone",
    "domains",
    "expected",
    "customer",
    "limits_reason",
    "published_at",
    "consent",
    "matched",
    "handles",
    "offers",
    "retention",
    "target",
)
TARGET = ("channel", "address", "account", "by")
BY = ("mention", "direct")
CUSTOMER = ("number",)

PER_MINUTE = 1  # with 60 a day what one person could write by hand; no mail provider takes that for bulk mail
PER_DAY = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Whom slawatch tells something by e-mail, and the account that such letters leave from."""

    to: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One way out. `settings` is of the channel's own class; the rates hold for any minute and any 24 hours.

    `notify` is told what a person has to do with this account. On the channel of a `public` one everybody reads along.
    One with a `session` asks only from a process that stays (audit): its chats live no longer than that. With one
    `by_hand` a person asks, and says what came back (record).
    """

    name: str
    channel: str
    settings: Any
    per_minute: int = PER_MINUTE
    per_day: int = PER_DAY
    notify: Notify | None = None
    public: bool = False
    session: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address of a company with all it inherits. `probes` is empty for all suitable ones.

    `schedule` is None where nothing is planned: such a target is asked by `audit` only. `jitter` is by how much a slot
    may be late on purpose. `turn` counts the targets of a company that is asked the same on all of them, else None.
    `promise` is what they publicly
    say of their reply time. With `follow_up` we reply by ourselves when asked back; with `thanks` an answer is
    acknowledged, so that no ticket of theirs stays open.

    Where everybody can read along, `form` is a post and `mode` says who asks; `direct` asks in a message to them alone.
    `terms` are those of the error budget.
    """

    company: str
    channel: str
    address: str
    account: str
    lang: str
    zone: str
    standard: Standard
    limits: Limits
    schedule: Schedule | None = None
    jitter: timedelta = NO_TIME
    turn: int | None = None
    probes: tuple[str, ...] = ()
    hours: ServiceHours = field(default_factory=ServiceHours)
    promise: PublishedPromise | None = None
    follow_up: bool = True
    thanks: bool = False
    form: Form = Form.LETTER
    mode: Mode = Mode.AUTO
    direct: bool = False
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Who is tested. `limits` are what they bear over all channels, `customer` is None where we are none of theirs.

    `expected` names by probe the facts that a complete answer of theirs holds. `consent` is their own word that they
    may be asked by a program, and when they gave it. `handles` names, by channel, further accounts of theirs that
    answer, `offers` which ways they offer, or not, where somebody looked it up; `retention` is how long what they
    say is kept.
    """

    key: str
    name: str
    relationship: Relationship
    zone: str
    domains: tuple[str, ...]
    targets: tuple[Target, ...]
    limits: Limits
    limits_reason: str = ""
    expected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    customer: Mapping[str, str] | None = None
    published_at: str = ""
    consent: str = ""
    handles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    retention: Keeping = field(default_factory=Keeping)

    def addresses(self, channel: str) -> tuple[str, ...]:
        """Return all addresses of theirs on a channel: those that are asked, and those that may answer."""
        asked = (target.address for target in self.targets if target.channel == channel)
        return tuple(dict.fromkeys((*asked, *self.handles.get(channel, ()))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the user wrote. `path` is as they named it; `folder`, `store` and `out` are absolute.

    `digest` is the SHA-256 of the file's bytes in hexadecimal. `seed` is what the plan's times are drawn from, None
    where the store keeps one. `layers` are what [defaults] ("") and the tables [channel.NAME] give.
    """

    path: Path
    folder: Path
    zone: str
    lang: str
    store: Path
    out: Path
    accounts: Mapping[str, Account]
    companies: Mapping[str, Company]
    digest: str
    reports: tuple[MailedReport, ...] = ()
    layers: Mapping[str, Layer] = field(default_factory=dict)
    alarms: Alarms = field(default_factory=Alarms)
    privacy: Privacy = field(default_factory=Privacy)
    seed: str | None = None

    def layer(self, channel: str) -> Layer:
        """Return what holds on a channel for whoever has no target there."""
        return {**self.layers.get("", {}), **self.layers.get(channel, {})}


def load(path: Path, *, registry: Mapping[str, str], probes: Mapping[str, Probe]) -> Config:
    """Return what the file says, checked throughout.

    Only the channels that accounts use are imported; their modules must be cheap to import.

    Raises:
        ConfigError: with every mistake in the file, in the order of its lines.
    """
    document = tomlfile.read(path, if_missing='"slawatch init" writes one, -c names another')
    file = _File(Reader(document), registry, probes)
    config = file.config()
    file.mistakes.stop_if_any()
    return config


def exposures(config: Config) -> list[str]:
    """Return one line for each file with a secret that every user of this machine can read, with the cure.

    They stop nothing: a container's secrets are mounted readable for all, where that harms nobody.
    """
    found = [one for account in config.accounts.values() for one in settings.secrets(account.settings)]
    found += config.alarms.secrets()
    lines = [line for one in found if (line := one.exposure())]
    if any(one.source is Source.WRITTEN for one in found) and readable_by_all(config.path):
        lines.insert(
            0, f"{config.path}: a secret stands in it that every user of this machine can read; {cure(config.path)}"
        )
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What a company's targets share."""

    key: str
    relationship: Relationship
    reason: str
    zone: str
    lang: str
    customer: Mapping[str, str] | None
    layer: Layer
    consent: str

    def limits(self, reader: Reader, layer: Layer) -> Limits:
        """Return the limits of this company where `layer` holds."""
        return inheritance.limits(reader, layer, company=self.key, relationship=self.relationship, reason=self.reason)


class _File:
    """Reads one config file from top to bottom: accounts before companies, as targets name accounts."""

    def __init__(self, reader: Reader, registry: Mapping[str, str], probes: Mapping[str, Probe]) -> None:
        self.mistakes = reader.mistakes
        self._reader = reader
        self._registry = registry
        self._probes = probes
        self._langs = {lang for probe in probes.values() for lang in probe.wordings}
        self._folder = reader.document.folder
        self._layers: dict[str, Layer] = {}  # "" is [defaults], the others [channel.NAME]
        self._modules: dict[str, ModuleType] = {}
        self._account_channels: dict[str, str | None] = {}  # None where it is mistaken
        self._approved: set[str] = set()  # accounts that a platform has authorised to ask by themselves
        self._taken: dict[tuple[str, str], KeyPath] = {}
        self._privacy = Privacy()

    def config(self) -> Config:
        """Return what the file says; where there are mistakes it is as good as it can be, and not to be used."""
        reader = self._reader
        data = reader.document.data
        self.mistakes.add_unknown_keys((), data, (*TOP, *alarms.keys(), *privacy.TOP))
        zone = reader.take((), data, "timezone", values.zone, "UTC")
        lang = reader.take((), data, "language", self._report_lang, "en")
        self._privacy = privacy.read(reader, data)
        self._layers[""] = self._shared(("defaults",), reader.table((), data, "defaults", "[defaults]"))
        for name, table in self._named(data, "channel"):
            reader.check(("channel", name), name, values.choice(self._registry, "channel"), None)
            self._layers[name] = self._shared(("channel", name), table)
        accounts = {name: self._account(name, table) for name, table in self._named(data, "account")}
        asked_in = lang if lang in self._langs else "en"
        companies = {name: self._company(name, table, zone, asked_in) for name, table in self._named(data, "company")}
        return Config(
            path=reader.document.path,
            folder=self._folder,
            zone=zone,
            lang=lang,
            store=self._folder / reader.take((), data, "store", values.text, "slawatch.db"),
            out=self._folder / reader.take((), data, "out", self._out, "out"),
            accounts={
                name: replace(account, notify=self._notify(account)) for name, account in accounts.items() if account
            },
            companies=companies,
            digest=hashlib.sha256(reader.document.raw).hexdigest(),
            reports=self._reports(data, companies, lang) if "report" in data else (),
            layers=self._layers,
            alarms=alarms.read(reader, data, writers=tuple(self._writers()), address_problem=self._address_problem()),
            privacy=self._privacy,
            seed=reader.take((), data, "seed", values.text, None),
        )

    def _named(self, data: Mapping[str, Any], key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the tables [key.NAME] with their names."""
        for name, value in self._reader.table((), data, key, f"[{key}.NAME]").items():
            if not isinstance(value, dict):
                self.mistakes.add((key, name), f"{quoted(value)} is not a table; write [{key}.NAME]")
            elif self._reader.check((key, name), name, values.name, None):
                yield name, value

    def _shared(self, path: KeyPath, table: Mapping[str, Any], own: Sequence[str] = ()) -> Layer:
        """Read the keys that are inherited; with `own` are named those that the table has beside them."""
        self.mistakes.add_unknown_keys(path, table, (*inheritance.KEYS, *own))
        return inheritance.read(self._reader, path, table, probes=self._probes, langs=self._langs)

    def _report_lang(self, value: Any) -> str:
        return wordings.worded(values.text(value), self._folder)

    def _out(self, value: Any) -> str:
        out = values.text(value)
        if (self._folder / out).resolve() in (self._folder, self._folder / "reports", self._folder / "probes"):
            raise ValueError(f'{quoted(out)} is where your own files lie; write another folder, such as "out"')
        return out

    def _account(self, name: str, table: Mapping[str, Any]) -> Account | None:
        path = ("account", name)
        reader = self._reader
        read_channel = values.choice(self._registry, "channel")
        channel = self._account_channels[name] = reader.need(path, table, "channel", read_channel, '"email"')
        per_minute = reader.take(path, table, "per_minute", values.whole(1), PER_MINUTE)
        per_day = reader.take(path, table, "per_day", values.whole(1), PER_DAY)
        if channel is None:
            return None  # its other keys depend on the channel
        module = self._module(channel, (*path, "channel"))
        if module is None:
            return None
        cls = module.Settings
        self.mistakes.add_unknown_keys(path, table, (*ACCOUNT, *settings.keys(cls)))
        problems = getattr(module, "problems", None) or getattr(cls, "problems", None)
        made = settings.read(reader, path, table, cls, problems)
        if made is None:
            return None
        if getattr(made, "approval", ""):
            self._approved.add(name)
        return Account(
            name=name,
            channel=channel,
            settings=made,
            per_minute=per_minute,
            per_day=per_day,
            public=_is_public(module),
            session=bool(getattr(module, "SESSION", False)),
            by_hand=_is_by_hand(module),
        )

    def _notify(self, account: Account) -> Notify | None:
        """Return who is told what a person has to do with this account, and by which account; None for nobody."""
        path = ("account", account.name)
        to = getattr(account.settings, "notify", "")
        by = getattr(account.settings, "notify_from", "")
        writers = self._writers()
        known = f"there {'is' if len(writers) == 1 else 'are'} {', '.join(writers)}" if writers else "there is none"
        if by and not to:
            self.mistakes.add(
                (*path, "notify_from"), 'nobody is to be told; add notify = "me@example.org", or leave it out'
            )
        elif by and by not in writers:
            self.mistakes.add((*path, "notify_from"), f"{quoted(by)} is no e-mail account that can tell it; {known}")
        elif to and not by and len(writers) != 1:
            cure = 'say which with notify_from = "..."' if writers else "add one, or leave notify out"
            self.mistakes.add((*path, "notify"), f"it is not clear which e-mail account tells it: {known}; {cure}")
        elif to:
            return Notify(to=to, account=by or writers[0])
        return None

    def _writers(self) -> list[str]:
        """Return the accounts by which slawatch can write to its user."""
        return sorted(
            name
            for name, channel in self._account_channels.items()
            if channel is not None and getattr(self._modules.get(channel), "WRITES", False)
        )

    def _reports(self, data: Mapping[str, Any], companies: Collection[str], lang: str) -> tuple[MailedReport, ...]:
        writers = self._writers()
        known = mailed.Known(
            companies=companies,
            accounts=self._account_channels,
            writers=tuple(writers),
            folder=self._folder,
            lang=lang,
            read_lang=self._report_lang,
            address_problem=self._address_problem(),
        )
        return mailed.read(self._reader, data, known)

    def _address_problem(self) -> Callable[[str], str | None]:
        """Return what says of an address what is wrong with it, so far as a channel that writes letters is known."""
        writers = self._writers()
        module = self._modules.get(self._account_channels[writers[0]] or "") if writers else None
        problem: Callable[[str], str | None] = getattr(module, "address_problem", lambda _address: None)
        return problem

    def _module(self, channel: str, path: KeyPath) -> ModuleType | None:
        try:
            self._modules[channel] = importlib.import_module(self._registry[channel].partition(":")[0])
        except ImportError as error:
            self.mistakes.add(path, f'"{channel}" cannot be loaded: {error}; install what it needs')
        return self._modules.get(channel)

    def _company(self, key: str, table: Mapping[str, Any], zone: str, lang: str) -> Company:
        path = ("company", key)
        reader = self._reader
        layer = self._shared(path, table, COMPANY)
        name = reader.need(path, table, "name", values.text, '"..."')
        read_relationship = values.choice([str(one) for one in Relationship], "relationship")
        named = reader.need(path, table, "relationship", read_relationship, '"own"')
        terms = _Terms(
            key=key,
            # A mistaken relationship is blamed once, not in every limit.
            relationship=Relationship(named) if named else Relationship.CONSENTED,
            reason=reader.take(path, table, "limits_reason", values.text, ""),
            zone=reader.take(path, table, "timezone", values.zone, zone),
            lang=lang,
            customer=self._customer(path, table),
            layer=layer,
            consent=reader.take(path, table, "consent", values.text, ""),
        )
        targets = self._targets(path, table, terms)
        if reader.take(path, table, "matched", values.truth, False):  # noqa: FBT003 - what holds without the key
            targets = self._matched(path, table, targets, customer=terms.customer is not None)
        domains = reader.each(path, table, "domains", values.domain)
        if domains is None:
            letters = (one.address for one in targets if one.form is Form.LETTER)  # on platforms it is their host's
            domains = tuple(sorted({address.rpartition("@")[2] for address in letters if "@" in address}))
        return Company(
            key=key,
            name=name or key,
            relationship=terms.relationship,
            zone=terms.zone,
            domains=domains,
            targets=targets,
            limits=terms.limits(reader, self._layers[""] | layer),
            limits_reason=terms.reason,
            expected=self._expected(path, table),
            customer=terms.customer,
            published_at=reader.take(path, table, "published_at", values.url, ""),
            consent=terms.consent,
            handles=self._handles(path, table),
            offers=offering.offers(reader, path, table),
            retention=self._privacy.terms(terms.relationship, privacy.of_company(reader, path, table)),
        )

    def _matched(
        self, path: KeyPath, table: Mapping[str, Any], targets: tuple[Target, ...], *, customer: bool
    ) -> tuple[Target, ...]:
        """Return the targets, each that is planned with its turn in the sets; note why there can be none."""
        planned = [one for one in targets if one.schedule is not None and one.mode is not Mode.OBSERVE]
        ways = [(one.lang, one.form, one.probes) for one in planned]
        if len(targets) < len(table.get("target", ())):
            pass  # what is wrong with the others is told already
        elif len(planned) < 2:  # noqa: PLR2004  of one there is no set
            cure = "write every, cron or random for two targets at least, or leave it out"
            self.mistakes.add((*path, "matched"), f'"true" needs targets to match; {cure}')
        elif len({(one.schedule, one.jitter) for one in planned}) > 1:
            cure = "write one every, cron or random for the company, or leave matched out"
            self.mistakes.add((*path, "matched"), f'"true" needs the same schedule for all its targets; {cure}')
        elif not for_all(self._probes, ways, customer=customer):
            cure = "name others in probes, or leave matched out"
            self.mistakes.add((*path, "matched"), f'"true" needs a probe that can be asked of all its targets; {cure}')
        turns = {id(one): turn for turn, one in enumerate(planned)}
        return tuple(replace(one, turn=turns.get(id(one))) for one in targets)

    def _handles(self, path: KeyPath, table: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
        here = (*path, "handles")
        example = 'handles = { twitter = ["@shop_help"] }'
        inner = self._reader.table(path, table, "handles", example)
        found = {}
        for channel in inner:
            if not self._reader.check((*here, channel), channel, values.choice(self._registry, "channel"), None):
                continue
            module = self._module(channel, (*here, channel))
            if module is not None and not _is_public(module):
                self.mistakes.add((*here, channel), f'"{channel}" knows no handles; write {example}')
            elif module is not None:
                found[channel] = self._reader.each(here, inner, channel, self._read_address(channel)) or ()
        return found

    def _customer(self, path: KeyPath, table: Mapping[str, Any]) -> Mapping[str, str] | None:
        here = (*path, "customer")
        inner = self._reader.table(path, table, "customer", 'customer = { number = "..." }')
        if not isinstance(table.get("customer"), dict):
            return None
        self.mistakes.add_unknown_keys(here, inner, CUSTOMER)
        number = self._reader.need(here, inner, "number", values.text, '"..."')
        return {"number": number} if number else None

    def _expected(self, path: KeyPath, table: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
        here = (*path, "expected")
        inner = self._reader.table(path, table, "expected", 'expected = { PROBE = ["..."] }')
        self.mistakes.add_unknown_keys(here, inner, self._probes, what="probe")
        facts = {probe: self._reader.each(here, inner, probe, values.text) for probe in inner}
        return {probe: words for probe, words in facts.items() if words}

    def _targets(self, path: KeyPath, table: Mapping[str, Any], company: _Terms) -> tuple[Target, ...]:
        header = f"[[{where(path)}.target]]"
        tables = table.get("target", [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self.mistakes.add((*path, "target"), f"{quoted(tables)} is not a list of tables; write {header}")
            return ()
        if not tables:
            self.mistakes.add(path, f'"target" is missing; write {header} with channel and address below')
        targets = (self._target((*path, "target", index), one, company) for index, one in enumerate(tables))
        return tuple(target for target in targets if target)

    def _target(self, path: KeyPath, table: Mapping[str, Any], company: _Terms) -> Target | None:
        reader = self._reader
        read_channel = values.choice(self._registry, "channel")
        channel = reader.need(path, table, "channel", read_channel, '"email"')
        layer = (
            self._layers[""] | self._layers.get(channel or "", {}) | company.layer | self._shared(path, table, TARGET)
        )
        address = reader.need(path, table, "address", self._read_address(channel), '"..."')
        account = self._chosen_account(path, table, channel)
        if channel and address:
            self._once(path, channel, address)
        module = self._modules.get(channel or "")
        lang = layer["language"].value if "language" in layer else company.lang
        public = module is not None and _is_public(module)
        form = _form(module, address)
        target = Target(
            company=company.key,
            channel=channel or "",
            address=address or "",
            account=account or "",
            lang=lang,
            zone=company.zone,
            standard=inheritance.standard(reader, layer, _held_to(module, address), company=company.key),
            limits=company.limits(reader, layer),
            schedule=inheritance.schedule(layer),
            jitter=inheritance.jitter(layer),
            probes=self._suitable(layer, company, lang, form),
            hours=inheritance.hours(layer),
            promise=inheritance.promise(layer),
            follow_up=inheritance.switch(layer, "follow_up", default=True),
            thanks=inheritance.switch(layer, "thanks", default=False),
            form=form,
            mode=self._mode(path, layer, company, account, module),
            direct=self._by(path, table, public=public) == "direct",
            terms=inheritance.terms(layer),
        )
        return target if channel and address and account else None

    def _by(self, path: KeyPath, table: Mapping[str, Any], *, public: bool) -> str:
        by = self._reader.take(path, table, "by", values.choice(BY, "by"), BY[0])
        if "by" in table and not public:
            self.mistakes.add((*path, "by"), f"{quoted(table['by'])} means nothing on this channel; leave it out")
        return str(by)

    def _mode(
        self, path: KeyPath, layer: Layer, company: _Terms, account: str | None, module: ModuleType | None
    ) -> Mode:
        """Return who asks. By itself slawatch does only where the company is ours, or somebody entitled has agreed."""
        given = layer.get("mode")
        if module is None or not _is_public(module):
            if given is not None and given.path[: len(path)] == path:
                self.mistakes.add(given.path, f"{quoted(given.value)} means nothing on this channel; leave it out")
            return Mode.ASSISTED if module is not None and _is_by_hand(module) else Mode.AUTO
        entitled = (
            company.relationship is Relationship.OWN or bool(company.consent) or (account or "") in self._approved
        )
        if given is None:
            return Mode.AUTO if entitled else Mode.ASSISTED
        if given.value == Mode.OBSERVE and not getattr(module, "OBSERVES", False):
            self.mistakes.add(
                given.path,
                f'"{Mode.OBSERVE}" is not possible on this channel, where nobody can search for what others ask; '
                f'write "{Mode.ASSISTED}"',
            )
        if given.value == Mode.AUTO and not entitled:
            whom = where(("company", company.key))
            self.mistakes.add(
                given.path,
                f'"{Mode.AUTO}" needs a right to ask {whom} in public by a program: relationship = "own", their '
                f'consent = "..." there, or approval = "..." at the account; else write "{Mode.ASSISTED}"',
            )
        return Mode(given.value)

    def _read_address(self, channel: str | None) -> Callable[[Any], str]:
        module = self._modules.get(channel or "")
        check = getattr(module, "address_problem", None)

        def read(value: Any) -> str:
            address = values.text(value).strip()
            problem = check(address) if check else None
            if problem:
                raise ValueError(problem)
            return address if getattr(module, "KEEPS_CASE", False) else address.lower()

        return read

    def _chosen_account(self, path: KeyPath, table: Mapping[str, Any], channel: str | None) -> str | None:
        """Return the account that was named or, without a name, the only one of the channel (None: it is mistaken)."""
        if "account" not in table:
            return self._only_account(path, channel) if channel else None
        read = values.choice(sorted(self._account_channels), "account")
        name = self._reader.take(path, table, "account", read, None)
        used_for = self._account_channels.get(name or "")
        if channel and used_for and used_for != channel:
            self.mistakes.add((*path, "account"), f'"{name}" is for "{used_for}"; name an account for "{channel}"')
            return None
        return name

    def _only_account(self, path: KeyPath, channel: str) -> str | None:
        fitting = [name for name, used_for in self._account_channels.items() if used_for == channel]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            self.mistakes.add(path, f'"account" is missing; write account = {one_of(fitting)}')
        elif None not in self._account_channels.values():  # else the mistaken one may be it
            self.mistakes.add(
                path, f'there is no account for "{channel}"; add [account.main] with channel = "{channel}"'
            )
        return None

    def _once(self, path: KeyPath, channel: str, address: str) -> None:
        first = self._taken.setdefault((channel, address), path)
        if first != path:
            line = self._reader.document.line(first)
            self.mistakes.add(
                (*path, "address"), f'"{address}" is asked by {where(first)} on line {line}; keep one of the two'
            )

    def _suitable(self, layer: Layer, company: _Terms, lang: str, form: Form) -> tuple[str, ...]:
        """Return the probes that were named and can be asked; those for customers, inherited, are passed over."""
        given = layer.get("probes")
        if given is None:
            return ()
        on_purpose = given.path[0] == "company"
        suitable = []
        for name in given.value:
            if self._probes[name].customer and company.customer is None:
                cure = 'can be asked by a customer only; add customer = { number = "..." } or leave it out'
            elif lang not in self._probes[name].wordings:
                cure = f'is not worded in "{lang}"; write it in that language or leave it out'
            elif form is not Form.LETTER and not self._probes[name].wordings[lang].posts:
                cure = f'has no short texts in "{lang}"; write [{lang}.post] with texts there or leave it out'
            else:
                suitable.append(name)
                continue
            if on_purpose:
                index = self._reader.document.at(given.path).index(name)
                self.mistakes.add((*given.path, index), f'"{name}" {cure}')
        if not suitable and not on_purpose:
            whom = where(("company", company.key))
            self.mistakes.add(given.path, f'none of these can be asked of {whom} in "{lang}"; name others there')
        return tuple(suitable)


def _form(module: ModuleType | None, address: str | None) -> Form:
    """Return in which form a target is asked: as its channel asks, which may depend on the address."""
    by_address = getattr(module, "form_of", None)
    if by_address is not None and address:
        return Form(by_address(address))
    if module is not None and _is_public(module):
        return Form.POST
    return Form(getattr(module, "FORM", Form.LETTER))


def _held_to(module: ModuleType | None, address: str | None) -> Standard:
    """Return what a target is held to where nothing was written: as its channel is, which may depend on the address."""
    by_address = getattr(module, "standard_of", None)
    found: Standard = (
        by_address(address) if by_address and address else getattr(module, "STANDARD", inheritance.STANDARD)
    )
    return found


def _is_by_hand(module: ModuleType) -> bool:
    """Whether nobody but a person asks on the channel of this module."""
    return bool(getattr(module, "BY_HAND", False))


def _is_public(module: ModuleType) -> bool:
    """Whether everybody can read along on the channel of this module."""
    return bool(getattr(module, "PUBLIC", False))
