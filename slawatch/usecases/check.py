"""Try what a request would depend on, and say what is wrong and how to mend it. Sends nothing to any company."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from slawatch import probe, rhythm
from slawatch.channels.base import Finding, Identity
from slawatch.config import exposures
from slawatch.errors import ChannelError, ConfigError
from slawatch.model import Relationship
from slawatch.store import Found
from slawatch.usecases import opting
from slawatch.usecases.locking import trouble
from slawatch.usecases.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One finding and where it was made."""

    where: str
    ok: bool
    what: str
    cure: str = ""

    @property
    def result(self) -> str:
        """What it comes to: "ok", "warning" or "fault", as a channel's finding has it."""
        return Finding(ok=self.ok, what=self.what, cure=self.cure).result


def check(world: World) -> list[Checked]:
    """Return the findings: config, probes, accounts, targets, and whether sending is halted."""
    companies = world.config.companies
    targets = sum(len(company.targets) for company in companies.values())
    findings = [
        Checked(
            where=world.config.path.name,
            ok=True,
            what=", ".join(
                (
                    _counted(len(companies), "company", "companies"),
                    _counted(targets, "target", "targets"),
                    _counted(len(world.config.accounts), "account", "accounts"),
                )
            ),
        )
    ]
    findings += [Checked(where="note", ok=True, what=exposed) for exposed in exposures(world.config)]
    findings += [
        Checked(
            where=f"probe {name}", ok=False, what=fault, cure="change the wording; see docs/how-to/write-a-probe.md"
        )
        for name, one in sorted(world.probes.items())
        for fault in probe.lint(one)
    ]
    for account in world.config.accounts:
        try:
            found = world.channel(account).check()
            findings += [
                Checked(
                    where=f"account {account}", ok=one.ok, what=one.what.removeprefix(f"{account}: "), cure=one.cure
                )
                for one in found
            ]
            if all(one.ok for one in found):
                findings += _handles(world, account)
        except (ChannelError, ConfigError) as error:
            findings.append(Checked(where=f"account {account}", ok=False, what=str(error), cure="see the message"))
    findings += _keys(world)
    findings += _never_asked(world)
    findings += _unpublished(world)
    findings += _mailed(world)
    findings += [
        Checked(where=f"{target.company} ({target.channel})", ok=True, what=f'"{target.address}" is {entry.words}')
        for target, entry in opting.left_alone(world)
    ]
    halted = world.halted()
    if halted:
        findings.append(
            Checked(
                where="sending", ok=False, what=halted, cure="`slawatch resume`, or remove the file, when you are ready"
            )
        )
    return findings


def _unpublished(world: World) -> list[Checked]:
    """Warn of companies that never agreed and whose address nobody can show to be public.

    Who publishes an address agrees to be asked within their usual business (BGH, 17 July 2008, I ZR 75/06 and
    I ZR 197/05); where an address was found decides whether that holds.
    """
    never_agreed = (Relationship.COMPETITOR, Relationship.PUBLIC_INTEREST)
    return [
        Checked(
            where=company.key,
            ok=True,
            what=f'it is "{company.relationship}", and where its addresses are published is not on record',
            cure='write published_at = "https://..." there: the page on which they invite questions',
        )
        for company in world.config.companies.values()
        if company.relationship in never_agreed and not company.published_at and not company.consent
    ]


def _mailed(world: World) -> list[Checked]:
    """Say of each mailed report when it leaves next and to whom; addresses were checked with the config."""
    findings = []
    zone = world.config.zone
    for report in world.config.reports:
        due = rhythm.next_due(report.every, world.clock.now(), zone)
        when = f"{due.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}" if due else "never"
        kept = getattr(world.config.accounts[report.account].settings, "copy", True)
        findings.append(
            Checked(
                where=f"report {report.name}",
                ok=due is not None,
                what=f"next {when} ({zone}) from {report.account} to {', '.join(report.to)}",
                cure=(
                    "correct every; it names no day there is"
                    if due is None
                    else ""
                    if kept
                    else "copy is off: where the server's reply is lost, nobody can tell whether a report left"
                ),
            )
        )
    return findings


def _keys(world: World) -> list[Checked]:
    """Return whether raw evidence can be encrypted and read; nothing where it is meant to be in the clear, and is."""
    used = world.store.keys_in_use()
    if world.config.privacy.key_file is None and not any(used):
        return []
    wrong = trouble(world)
    if wrong:
        return [Checked(where="key", ok=False, what=wrong.removeprefix("key: "), cure="see docs/how-to/keep-less.md")]
    clear = used.get("", 0)
    cure = f'{_counted(clear, "raw form", "raw forms")} in the clear; run "slawatch key apply"' if clear else ""
    return [Checked(where="key", ok=True, what="raw evidence is encrypted" + (f"; {cure}" if cure else ""))]


def _never_asked(world: World) -> list[Checked]:
    """Name the targets whose schedule nobody keeps: their chats would end with the pass that asks."""
    sessions = {name for name, account in world.config.accounts.items() if account.session}
    return [
        Checked(
            where=f"{target.company} ({target.channel})",
            ok=True,
            what=f'"{target.address}" is never asked by its schedule: a chat there ends with the pass that begins it',
            cure='ask with `slawatch audit`, and leave out "every" and "cron" here',
        )
        for company in world.config.companies.values()
        for target in company.targets
        if target.schedule is not None and target.account in sessions
    ]


def _handles(world: World, account: str) -> list[Checked]:
    """Look up anew who the companies' handles belong to on a channel on which everybody can read along.

    A handle may have passed to somebody else since it was first looked up; then nobody's replies would count any more.
    """
    from slawatch.usecases import in_public  # noqa: PLC0415  who only writes letters has no use for it

    channel = in_public.as_public(world.channel(account))
    if channel is None:
        return []
    name = world.config.accounts[account].channel
    known = world.store.identities(name)
    wanted = in_public.addresses_of(world, account)
    found = channel.identify(wanted) if wanted else {}
    findings = []
    for address in wanted:
        now, before = found.get(address), known.get(address)
        if now is None:
            findings.append(
                Checked(where=address, ok=False, what=f"there is no such account on {name}", cure="correct the config")
            )
        elif before is not None and before.id != now.id:
            findings.append(
                Checked(
                    where=address,
                    ok=False,
                    what=f'it belongs to another account now ("{_called(now)}"), not to "{_called(before)}" any more',
                    cure="find out who that is, and correct the config: replies are still counted by the old account",
                )
            )
        else:
            findings.append(Checked(where=address, ok=True, what=f'"{_called(now)}" on {name}'))
    return findings


def _called(one: Identity | Found) -> str:
    return one.name or f"@{one.handle}"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
