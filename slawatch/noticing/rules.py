"""The rules: from facts to troubles. Each has a threshold to be raised and another to end, so that none flickers.

Where nobody at all is heard our own side is suspected first: one trouble stands in place of those it would explain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slawatch.durations import show
from slawatch.model import Objective
from slawatch.noticing.facts import DiskFacts, Facts, Kind, RequestFacts, Severity, Trouble

DEEP = frozenset({Kind.OBJECTIVE, Kind.PROMISE, Kind.BUDGET, Kind.RECEIPT, Kind.SILENCE})
"""The kinds that need requests to be gathered; the others cost nothing."""

# Of a share of 0.9 three misses among five are a chance of 1 in 117, so hardly ever luck.
MISSED, AMONG = 3, 5
KEPT = 2  # in a row, which end it
FAILING = timedelta(minutes=15)  # three passes of five minutes: servers restart
GAP = timedelta(hours=2)  # shorter ones hide no working day
TOLD_OF = timedelta(days=7)  # what is over and was not told within that is no news
RECEIPTS = 5  # that came without exception, from which on one is usual
NO_RECEIPTS = 2  # in a row: one may have been lost on its way back
SOON = timedelta(hours=1)  # receipts come within minutes; their machines rest, too
SILENT, COMPANIES = 3, 3  # requests, of so many companies: two may keep the same holiday
REVIEW, REVIEWED = 10, 5
FREE, LOW = 200_000_000, 1_000_000_000  # bytes: error, warning
FREE_SHARE = 0.02  # of a small disk, which never has those


def wrong(facts: Facts, standing: Collection[str] = ()) -> list[Trouble]:
    """Return what is wrong now; `standing` are the keys of what was wrong before, which end by another threshold."""
    blinded = _blinded(facts, standing)
    return [
        *_accounts(facts),
        *_blind(facts),
        *_silence(facts, standing),
        *_objectives(facts, standing, blinded),
        *_promises(facts, blinded),
        *_budgets(facts, blinded),
        *_receipts(facts, blinded),
        *_review(facts, standing),
        *_disk(facts.disk, standing),
        *_canaries(facts),
    ]


def unjudged(facts: Facts, standing: Collection[str]) -> frozenset[str]:
    """Return those of the standing keys that nobody can judge now: that they are not told as wrong is not their end."""
    blinded = _blinded(facts, standing)
    ways = {f":{one.company}:{one.way}" for one in facts.requests if one.account in blinded}
    of_companies = [key for key in standing if key.partition(":")[0] in _OF_COMPANIES]
    return frozenset(key for key in of_companies if any(f"{way}:" in f"{key}:" for way in ways))


_OF_COMPANIES = frozenset({str(one) for one in DEEP} - {str(Kind.SILENCE), str(Kind.PROMISE)})


def _blinded(facts: Facts, standing: Collection[str]) -> set[str]:
    """Return the accounts by which nobody can be blamed: what we could not see is not theirs."""
    deaf = {account for account, _ in _silent(facts, standing)}
    deaf |= {one.account for one in facts.canaries if one.lost_since is not None}
    return deaf | {one.name for one in facts.accounts if one.failing_since is not None}


def _at(facts: Facts, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(facts.zone)):%Y-%m-%d %H:%M %Z}"


def _ours(key: str, kind: Kind, severity: Severity, words: str) -> Trouble:
    return Trouble(key=key, kind=kind, severity=severity, words=words, ours=True)


def _accounts(facts: Facts) -> Iterator[Trouble]:
    for one in facts.accounts:
        if one.failing_since is not None and facts.now - one.failing_since >= FAILING:
            words = (
                f"account {one.name} cannot be read since {_at(facts, one.failing_since)}: {one.why}; "
                "until it can, nobody is said to have missed anything; find the fault with: slawatch check"
            )
            yield _ours(f"account:{one.name}", Kind.ACCOUNT, Severity.ERROR, words)
        if one.warning:
            words = f"account {one.name}: {one.warning}"
            yield _ours(f"quota:{one.name}", Kind.DISK, Severity.WARNING, words)


def _blind(facts: Facts) -> Iterator[Trouble]:
    for one in facts.accounts:
        for since, until in one.gaps:
            if until - since < GAP or facts.now - until > TOLD_OF:
                continue
            yield Trouble(
                key=f"blind:{one.name}:{since:%Y%m%dT%H%MZ}",
                kind=Kind.BLIND,
                severity=Severity.WARNING,
                words=f"nobody looked into account {one.name} from {_at(facts, since)} to {_at(facts, until)}; "
                "see why no pass was done then. What came in is stamped by the servers; where they stamp nothing its "
                "wait is wider",
                ours=True,
                passing=True,
            )


def _by_account(requests: Iterable[RequestFacts]) -> dict[str, list[RequestFacts]]:
    found: dict[str, list[RequestFacts]] = {}
    for one in requests:
        found.setdefault(one.account, []).append(one)
    return found


def _silent(facts: Facts, standing: Collection[str]) -> Iterator[tuple[str, list[RequestFacts]]]:
    """Yield the accounts to which nobody has written since, with the requests that should have been heard of."""
    for account, requests in _by_account(facts.requests).items():
        unheard: list[RequestFacts] = []
        for one in reversed(requests):
            if one.heard:
                break  # somebody was heard of who was asked later than all that would follow
            if one.waited >= one.patience:
                unheard.append(one)
        many = len(unheard) >= SILENT and len({one.company for one in unheard}) >= COMPANIES
        if many or (unheard and f"silence:{account}" in standing):
            yield account, unheard


def _silence(facts: Facts, standing: Collection[str]) -> Iterator[Trouble]:
    for account, unheard in _silent(facts, standing):
        words = (
            f"nobody at all was heard on account {account} of the last {len(unheard)} requests, since "
            f"{_at(facts, unheard[-1].asked_at)}; look at our own side first, whether letters leave and come in: "
            "slawatch check. What companies missed is not told until somebody is heard"
        )
        yield _ours(f"silence:{account}", Kind.SILENCE, Severity.ERROR, words)


def _by_way(requests: Iterable[RequestFacts], blinded: Collection[str]) -> Mapping[tuple[str, str], list[RequestFacts]]:
    found: dict[tuple[str, str], list[RequestFacts]] = {}
    for one in requests:
        if one.account not in blinded:
            found.setdefault((one.company, one.way), []).append(one)
    return found


def _objectives(facts: Facts, standing: Collection[str], blinded: Collection[str]) -> Iterator[Trouble]:
    for (company, way), requests in sorted(_by_way(facts.requests, blinded).items()):
        decided: dict[Objective, list[tuple[bool, str]]] = {}
        for one in requests:
            for objective, kept in one.kept:
                if kept is not None:
                    decided.setdefault(objective, []).append((kept, one.name))
        for objective, each in decided.items():
            key = f"objective:{company}:{way}:{objective.measure}:{show(objective.limit)}"
            last = each[-AMONG:]
            missed = [name for kept, name in last if not kept]
            recovered = all(kept for kept, _ in each[-KEPT:])
            if not recovered and (len(missed) >= MISSED or key in standing):
                words = (
                    f"{facts.names.get(company, company)} ({way}): {_called(objective)} missed in {len(missed)} of the "
                    f"last {len(last)} requests{_evidence(missed)}; it is over with {KEPT} kept in a row"
                )
                yield Trouble(key=key, kind=Kind.OBJECTIVE, severity=Severity.ERROR, words=words, ours=False)


def _evidence(names: Sequence[str]) -> str:
    """Return where to look: the newest of these requests."""
    known = [name for name in names if name]
    return f"; see: slawatch explain {known[-1]}" if known else ""


def _called(objective: Objective) -> str:
    return f"{objective.measure.replace('_', ' ')} within {show(objective.limit)}"


def _promises(facts: Facts, blinded: Collection[str]) -> Iterator[Trouble]:
    for one in facts.promises:
        if one.account in blinded or facts.now - one.due_at > TOLD_OF:
            continue
        name = facts.names.get(one.company, one.company)
        words = f"{name} ({one.way}): what they promised for {_at(facts, one.due_at)} did not come by then"
        words += _evidence([one.request])
        yield Trouble(
            key=f"promise:{one.key}",
            kind=Kind.PROMISE,
            severity=Severity.WARNING,
            words=words,
            ours=False,
            passing=True,
        )


def _budgets(facts: Facts, blinded: Collection[str]) -> Iterator[Trouble]:
    for one in facts.budgets:
        if one.account in blinded:
            continue
        objective = one.objective
        words = (
            f"{facts.names.get(one.company, one.company)} ({one.way}): the error budget of {_called(objective)} is "
            f"{'used up' if one.used_up else 'nearly used up'} in the period from {one.period} on: "
            f"{one.used} of {one.allowed} misses; see: slawatch report"
        )
        yield Trouble(
            key=f"budget:{one.company}:{one.way}:{objective.measure}:{show(objective.limit)}",
            kind=Kind.BUDGET,
            severity=Severity.ERROR if one.used_up else Severity.WARNING,
            words=words,
            ours=False,
        )


def _receipts(facts: Facts, blinded: Collection[str]) -> Iterator[Trouble]:
    """Find companies whose machines always sent a receipt, and now do not: our letters probably do not arrive.

    A request to which a person replied needs no receipt: it did arrive.
    """
    for (company, way), requests in sorted(_by_way(facts.requests, blinded).items()):
        lacking = 0
        for one in reversed(requests):
            if one.heard:
                break
            if one.waited >= _patience(requests):
                lacking += 1
        before = [one for one in requests if one.heard]
        usual = before[-RECEIPTS:]
        if lacking < NO_RECEIPTS or len(usual) < RECEIPTS or any(one.receipt is None for one in usual):
            continue
        words = (
            f"{facts.names.get(company, company)} ({way}): the receipt that always came did not for the last {lacking} "
            f"requests{_evidence([one.name for one in requests])}. Our letters probably do not arrive: that is "
            "delivery, not the company's fault"
        )
        yield _ours(f"receipt:{company}:{way}", Kind.RECEIPT, Severity.WARNING, words)


def _patience(requests: Sequence[RequestFacts]) -> timedelta:
    """Return how long to wait for a receipt: three times the longest that one ever took."""
    return max([SOON, *(3 * one.receipt for one in requests if one.receipt is not None)])


def _review(facts: Facts, standing: Collection[str]) -> Iterator[Trouble]:
    if facts.review >= (REVIEWED if "review" in standing else REVIEW):
        words = f"{facts.review} messages wait for a person, and do not count until then; decide with: slawatch review"
        yield _ours("review", Kind.REVIEW, Severity.WARNING, words)


def _disk(disk: DiskFacts | None, standing: Collection[str]) -> Iterator[Trouble]:
    if disk is None:
        return
    low = min(LOW, disk.size * FREE_SHARE * 5)
    if disk.free < low * (1.2 if "disk" in standing else 1):
        full = disk.free < min(FREE, disk.size * FREE_SHARE)
        words = f"{disk.free // 1_000_000} MB are left on the disk of the store; make room before nothing can be kept"
        yield _ours("disk", Kind.DISK, Severity.ERROR if full else Severity.WARNING, words)


def _canaries(facts: Facts) -> Iterator[Trouble]:
    """Find out by letters to ourselves that we are deaf or dumb, whatever the mailbox says."""
    for one in facts.canaries:
        if one.lost_since is not None:
            words = (
                f"account {one.account} may be deaf: no letter to ourselves came back since that of "
                f"{_at(facts, one.lost_since)}; what companies write may not come in either, so nobody is asked from "
                "it until one comes back. See whether mail to its address arrives, and in which folder: slawatch check"
            )
            yield _ours(f"canary:{one.account}", Kind.CANARY, Severity.ERROR, words)
        elif one.failing_since is not None and facts.now - one.failing_since >= FAILING:
            words = (
                f"account {one.account} cannot send: no letter leaves since {_at(facts, one.failing_since)}: {one.why}"
                "; find the fault with: slawatch check"
            )
            yield _ours(f"dumb:{one.account}", Kind.CANARY, Severity.ERROR, words)
