"""What `slawatch check` asks of every account on a platform for posts, beside what the platform itself says."""

from __future__ import annotations

from slawatch.channels.base import Finding
from slawatch.channels.social.platform import Platform, Profile
from slawatch.channels.social.settings import SocialSettings, handle_of
from slawatch.errors import ChannelError


def findings(platform: Platform, settings: SocialSettings, account: str) -> list[Finding]:
    """Return one finding a question; where nobody can log in, that alone."""
    try:
        found = list(platform.check())
        if all(one.ok for one in found):
            found += _about_account(platform, settings, account)
    except ChannelError as error:
        return [Finding(ok=False, what=f"{account}: {platform.name} does not answer", cure=str(error))]
    return found


def _about_account(platform: Platform, settings: SocialSettings, account: str) -> list[Finding]:
    me = platform.me()
    found = []
    if me.handle.lower() != handle_of(settings.handle):
        cure = f'log in as that account, or write handle = "@{me.handle}"'
        what = f'{account}: whoever logs in is @{me.handle}, not "{settings.handle}"'
        found.append(Finding(ok=False, what=what, cure=cure))
    if me.protected:
        cure = "make the account public: what only followers see asks nobody"
        found.append(Finding(ok=False, what=f"{account}: @{me.handle} is protected", cure=cure))
    return found or [Finding(ok=True, what=f"{account}: asks as @{me.handle}, for everybody to see")]


def not_as_named(me: Profile, settings: SocialSettings) -> str:
    """Return that somebody else is logged in than the config names, and what to do; "" where all is well."""
    if me.handle.lower() == handle_of(settings.handle):
        return ""
    return f'whoever logs in is @{me.handle}, not "{settings.handle}"; log in as that account, or correct handle'
