"""What slawatch says to those it asks: the page that discloses it, and the letter when everything is called off.

Fills in words of reports/notices.*.toml; sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slawatch import burden, resources, tomlfile
from slawatch.durations import show
from slawatch.errors import ConfigError, UsageError
from slawatch.model import Request
from slawatch.usecases.world import World


def words(lang: str, world: World) -> Mapping[str, Any]:
    """Return the notices' words in a language. Raises UsageError where nobody has them."""
    try:
        path = resources.find(f"reports/notices.{lang}.toml", world.config.folder)
    except UsageError:
        raise UsageError(
            f'--lang: "{lang}" has no reports/notices.{lang}.toml; write "en" or "de", or add one'
        ) from None
    return tomlfile.read(path).data


def disclosure(world: World, lang: str, *, who: str = "", contact: str = "") -> str:
    """Return the page in Markdown, with today's config: who is asked how often, from where, and how to opt out.

    Names no company: it is for everybody to read. `who` and `contact` stand in place of the first account's.
    """
    said = words(lang, world)
    page = said["page"]
    targets = [target for company in world.config.companies.values() for target in company.targets]
    channels = sorted({said["channel"].get(one.channel, one.channel) for one in targets})
    more = sum(bool(burden.raised(company.limits)) for company in world.config.companies.values())
    values = {
        "who": who or _name(world),
        "contact": contact or _contact(world),
        "companies": _counted(said["count"]["company"], len(world.config.companies)),
        "channels": ", ".join(channels) or "–",
        "month": burden.DEFAULT.month,
        "month_all": burden.DEFAULT.month_all_channels,
        "cooldown": show(burden.DEFAULT.cooldown) if burden.DEFAULT.cooldown else "–",
        "minutes": burden.AGENT_MINUTES,
    }
    exceptions = {**values, "companies": _counted(said["count"]["company"], more)}
    limits = [page["limits"].format(**values)]
    if more:
        limits.append(page["limits_more"].format(**exceptions))
    parts = [
        f"# {page['title'].format(**values)}",
        page["intro"].format(**values),
        f"## {page['plan_title']}",
        page["plan"].format(**values),
        " ".join(limits),
        f"## {page['data_title']}",
        page["data"].format(**values),
        f"## {page['account_title']}",
        page["account"].format(**values),
        "\n".join(f"- {one}" for one in _senders(world)) or "–",
        f"## {page['stop_title']}",
        page["stop"].format(**values),
        f"## {page['right_title']}",
        page["right"].format(**values),
    ]
    return "\n\n".join(parts) + "\n"


def apology(world: World, lang: str, requests: Sequence[Request], *, sender: str, contact: str) -> tuple[str, str]:
    """Return subject and text of the letter to whom these requests asked.

    Raises:
        ConfigError: the user's own words have a gap that nothing fills.
    """
    said = words(lang, world)["apology"]
    asked = sorted(request.accepted_at or request.intended_at for request in requests)
    values = {
        "since": _day(asked[0], requests[0].zone, lang),
        "until": _day(asked[-1], requests[0].zone, lang),
        "questions": _counted(said["question"], len(requests)),
        "whose": _counted(said["whose"], len(requests)),
        "sender": sender,
        "contact": contact,
        "name": str(getattr(world.config.accounts[requests[0].account].settings, "name", "")) or sender,
    }
    try:
        return said["subject"].format(**values), said["body"].strip().format(**values) + "\n"
    except (KeyError, IndexError, ValueError) as error:
        raise ConfigError([f"reports/notices.{lang}.toml: apology: nothing fills {error}"]) from None


def _day(instant: datetime, zone: str, lang: str) -> str:
    day = instant.astimezone(ZoneInfo(zone))
    return f"{day:%d.%m.%Y}" if lang == "de" else f"{day:%Y-%m-%d}"


def _counted(forms: Mapping[str, str], number: int) -> str:
    return forms["one" if number == 1 else "other"].format(n=number)


def _senders(world: World) -> list[str]:
    """Return what identifies each account to those it asks."""
    lines = []
    for name, account in world.config.accounts.items():
        known = (str(getattr(account.settings, key, "")) for key in ("address", "handle", "user"))
        lines.append(f"{next(filter(None, known), name)} ({account.channel})")
    return lines


def _contact(world: World) -> str:
    for account in world.config.accounts.values():
        if account.channel == "email":
            return str(getattr(account.settings, "address", ""))
    return next(iter(_senders(world)), "–")


def _name(world: World) -> str:
    for account in world.config.accounts.values():
        if name := str(getattr(account.settings, "name", "")):
            return name
    return next(iter(_senders(world)), "–")
