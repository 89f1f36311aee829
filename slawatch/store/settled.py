"""The store's part for outcomes that are kept: pages of columns, and which requests they do not speak for. No decision.

That a request is taken out of its page when anything its outcome rests on changes is the matter of triggers (0008).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from slawatch.store.database import Database


class SettledPage(NamedTuple):
    """The columns of `n` requests as pages.pack packed them; some of them may be unsettled again."""

    page: int
    n: int
    packed: bytes
    hours: bytes | None


class SettledKind(NamedTuple):
    """What requests have in common that were asked in the same way, without which no row of theirs can be read."""

    company: str
    channel: str
    target: str
    network: str
    account: str
    origin: str

    @property
    def way(self) -> str:
        """What figures are given for, as Request.way."""
        return self.network or self.channel

    @property
    def observed(self) -> bool:
        """Whether others asked."""
        return self.origin == "observed"


class Settled(Database):
    """Outcomes that are kept."""

    def unsettled(self, since: datetime, until: datetime) -> list[int]:
        """Return the requests asked in that time that no page speaks for, by id; and those that are gone."""
        return [row["request_id"] for row in self._rows("unsettled", since=since, until=until)]

    def unsettled_ids(self) -> list[int]:
        """Return every request that no page speaks for, whatever stands in its page."""
        return [row["request_id"] for row in self._rows("unsettled_ids")]

    def settled_pages(self, since: datetime, until: datetime) -> Iterator[SettledPage]:
        """Yield the pages that hold anything asked in that time, in order."""
        # One after the other: they come to gigabytes where there are very many requests.
        cursor = self._run("settled_pages", {"since": since, "until": until})
        for row in cursor:
            yield SettledPage(row["page"], row["n"], row["packed"], row["hours"])

    def settled_page(self, page: int) -> SettledPage | None:
        """Return a page, None where there is none yet."""
        row = self._one("settled_pages", page=page)
        return SettledPage(row["page"], row["n"], row["packed"], row["hours"]) if row else None

    def put_settled_page(self, page: SettledPage, *, first: int, last: int) -> None:
        """Keep a page; its requests were asked from `first` to `last`, in microseconds since 1970."""
        with self._writing():
            self._change(
                "put_settled_page",
                page=page.page,
                n=page.n,
                packed=page.packed,
                hours=page.hours,
                first=first,
                last=last,
            )

    def settle_requests(self, ids: Sequence[int]) -> None:
        """Say that their pages speak for these requests until one of them changes."""
        with self._writing():
            self._rows_among("settle_requests", "ids", ids)

    def unsettle_requests(self, ids: Sequence[int]) -> None:
        """Have these requests derived anew."""
        with self._writing():
            self._rows_among("unsettle_requests", "ids", ids)

    def unsettle_all(self) -> None:
        """Have every request derived anew: for who does not take a kept outcome's word."""
        with self._writing():
            self._change("unsettle_all")

    def settled_kinds(self) -> dict[SettledKind, tuple[int, str]]:
        """Return every kind with its number and the basis of its rows."""
        return {
            SettledKind(*(row[name] for name in SettledKind._fields)): (row["id"], row["basis"])
            for row in self._rows("settled_kinds")
        }

    def put_settled_kinds(self, kinds: Mapping[SettledKind, str]) -> dict[SettledKind, int]:
        """Keep these kinds with their bases; returns their numbers."""
        with self._writing():
            return {
                kind: self._rows("add_settled_kind", **kind._asdict(), basis=basis)[0]["id"]
                for kind, basis in kinds.items()
            }

    def many_requests(self, since: datetime, until: datetime, *, most: int) -> int:
        """Return how many requests were asked in that time, or `most` where there are more."""
        row = self._one("many_requests", since=since, until=until, most=most)
        return int(row["n"]) if row else 0

    def companies_asked(self, since: datetime, until: datetime, *, most: int) -> int:
        """Return how many companies were asked in that time, or `most` where there are more."""
        return len(self._rows("companies_asked", since=since, until=until, most=most))

    def ids_of_campaign(self, campaign: int) -> list[int]:
        """Return the requests of an audit."""
        return [row["id"] for row in self._rows("requests_of_campaign", campaign=campaign)]
