"""The store's part for what steers the whole: campaigns, pauses, events, notes to ourselves. Knows no request."""

from __future__ import annotations

from datetime import datetime

from slawatch.clock import from_micros
from slawatch.model import Campaign
from slawatch.store.database import Database
from slawatch.store.rows import Event, campaign_of


class Control(Database):
    """Campaigns, pauses, events and single values."""

    def meta(self, key: str) -> str | None:
        """Return the value kept under `key`."""
        row = self._one("meta", key=key)
        return None if row is None else str(row["value"])

    def set_meta(self, key: str, value: str) -> None:
        """Keep one value, in place of an earlier one."""
        with self._writing():
            self._change("set_meta", key=key, value=value)

    def add_campaign(self, name: str, until: datetime | None) -> Campaign:
        """Open a campaign that starts now."""
        with self._writing():
            (row,) = self._rows("add_campaign", name=name, started_at=self._now(), until=until)
        return campaign_of(row)

    def campaign(self, campaign_id: int | None = None, *, still_open: bool = False) -> Campaign | None:
        """Return that campaign, without an id the latest one; with `still_open` the latest that has not ended."""
        row = self._one("campaign", id=campaign_id, still_open=still_open)
        return None if row is None else campaign_of(row)

    def end_campaign(self, campaign_id: int) -> None:
        """Note that the campaign ended now; ending it again changes nothing."""
        with self._writing():
            self._change("end_campaign", id=campaign_id, now=self._now())

    def pause(self, scope: str, why: str) -> None:
        """Keep everything in the scope ("*", "company:K" or "account:A") from being sent until `resume`."""
        with self._writing():
            self._change("pause", scope=scope, why=why, now=self._now())

    def resume(self, scope: str) -> bool:
        """End a pause. False where there was none."""
        with self._writing():
            return self._change("resume", scope=scope) == 1

    def paused(self) -> dict[str, str]:
        """Return the reason of every pause by its scope."""
        return {row["scope"]: row["why"] for row in self._rows("paused")}

    def event(self, kind: str, ref: str, detail: str) -> None:
        """Note something that happened now. No letter's contents and no secrets."""
        with self._writing():
            self._change("add_event", now=self._now(), kind=kind, ref=ref, detail=detail)

    def events(self, since: datetime) -> list[Event]:
        """Return what was noted since, oldest first."""
        return [
            Event(at=from_micros(row["at"]), kind=row["kind"], ref=row["ref"], detail=row["detail"])
            for row in self._rows("events", since=since)
        ]
