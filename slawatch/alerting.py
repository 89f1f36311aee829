"""Sends an alert by a service of the user's choice: the one room that knows apprise, which is loaded on use.

It decides nothing, and no word of its errors holds the service's URL, in which keys and passwords stand.
"""

from __future__ import annotations

import warnings
from urllib.parse import urlsplit

from slawatch.errors import SlawatchError


class AlertError(SlawatchError):
    """An alert did not surely reach the service; it is tried again."""


MISSING = 'apprise is not installed; run: pip install "slawatch[alerts]"'


def missing() -> str:
    """Return what to do where apprise is not installed, else ""; loads nothing."""
    from importlib.util import find_spec  # noqa: PLC0415  only a config with such alerts asks

    return "" if find_spec("apprise") else MISSING


def scheme(url: str) -> str:
    """Return what alone of a service's URL may be shown: "json", "tgram"."""
    return urlsplit(url).scheme or "unknown"


def send(url: str, *, title: str, body: str, error: bool) -> None:
    """Send it once.

    Raises:
        AlertError: it did not reach the service, or nobody knows.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of what its plug-ins import, which it loads at the first URL
        try:
            import apprise  # noqa: PLC0415  0.2 s that only an alert pays
        except ImportError:
            raise AlertError(MISSING) from None
        # Nothing is kept on disk; secrets stay out of its own log.
        memory = apprise.PersistentStoreMode.MEMORY
        asset = apprise.AppriseAsset(app_id="slawatch", app_desc="slawatch", secure_logging=True, storage_mode=memory)
        service = apprise.Apprise(asset=asset)
        known = service.add(url)
    if not known:
        raise AlertError(f"{scheme(url)}: apprise knows no such service, or the URL lacks a part; correct it")
    kind = apprise.NotifyType.FAILURE if error else apprise.NotifyType.WARNING
    if not service.notify(body=body, title=title, notify_type=kind):
        raise AlertError(f"{scheme(url)}: the service did not take it")
