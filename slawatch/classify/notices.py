"""Recognises what mail systems send: reports, bounces, warnings of delay. Bounces come before any other automatic mark.

No single sign decides but a machine-readable report: people forward bounces, and postmasters have out-of-office notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slawatch.classify import marks
from slawatch.classify import notice_words as words
from slawatch.model import Classification, Facts, MessageKind, Reason, Report

_BEGINNING_MAX = 400  # characters
BODY_MAX = 16_384  # characters of a notice that are read; the reason stands in front of the returned original


def by_report(facts: Facts, target: str = "") -> Classification | None:
    """Return the kind of a machine-readable report, None where the message holds none.

    Where a report speaks of several recipients and one is `target`, only that one counts: our own copy may bounce while
    the company got the request. A report without action is judged by the class of its status (RFC 3463).
    """
    by_type: dict[str, list[Report]] = {}
    for report in facts.reports:
        by_type.setdefault(report.type, []).append(report)
    complaint = words.COMPLAINT_SUBJECT.saw(facts.subjects)
    if "feedback-report" in by_type or _declared(facts) == "feedback-report" or complaint:
        return _found(MessageKind.ABUSE_REPORT, "feedback-report", complaint)
    if "disposition-notification" in by_type:
        return _disposition(facts, by_type["disposition-notification"][0])
    reports = by_type.get("delivery-status", [])
    reports = [report for report in reports if target and report.recipient == target] or reports
    by_action = {_action(report): report for report in reversed(reports)}
    for action, kind, rule in _BY_ACTION:
        if action in by_action:
            report = by_action[action]
            return _found(kind, rule, report.status or report.diagnostic)
    return None


def by_rules(facts: Facts) -> Classification | None:
    """Return BOUNCE or DELAY_NOTICE for a notice written as a letter, None where too little speaks for one."""
    if match := words.SERVICE_NOTICE.search(facts.text[:BODY_MAX]):
        return _found(_OF_SERVICE[match["what"].lower()], "service-notice", match[0])
    done = _done_with_it(facts)
    if done is not None:
        return done
    signs = _signs(facts)
    if not any(
        (signs.system, signs.nobody, signs.subject, signs.warning, signs.returned, signs.recipients, signs.begins)
    ):
        return None  # most letters; what follows is slow
    texts = tuple(" ".join(text[:BODY_MAX].split()) for text in (facts.text, facts.quoted))
    if signs.system or signs.nobody:
        delayed = signs.warning or ("" if words.LAST_WORD.saw(texts) else words.DELAY_BODY.saw(texts))
        if delayed:
            return _found(MessageKind.DELAY_NOTICE, "delay-notice", delayed)
    for rule, saw in _bounces(facts, signs, words.REFUSED_BODY.saw(texts), words.FAILURE_BODY.saw(texts)):
        return _found(MessageKind.BOUNCE, rule, saw)
    return None


def _done_with_it(facts: Facts) -> Classification | None:
    """Return READ_RECEIPT for what a program reports that somebody did with a mail: read it, accept a meeting."""
    subject = words.READ_SUBJECT.saw(facts.subjects)
    if subject and (saw := words.READ_BODY.saw([" ".join(facts.text[:_BEGINNING_MAX].split())])):
        return _found(MessageKind.READ_RECEIPT, "read-receipt-text", saw)
    meeting = words.MEETING_SUBJECT.saw(facts.subjects)
    calendar = words.CALENDAR.saw([*facts.headers.get("content-type", ()), *facts.headers.get("content-class", ())])
    if calendar or (meeting and not facts.text.strip()):
        return _found(MessageKind.READ_RECEIPT, "calendar-reply", meeting or calendar)
    return None


@dataclass(frozen=True, slots=True)
class _Signs:
    """What speaks for a notice before its text is read. `nobody`: no one is there to be answered."""

    system: bool
    nobody: bool
    returned: bool
    subject: str
    warning: str
    recipients: str
    begins: str


def _signs(facts: Facts) -> _Signs:
    from_system = words.SYSTEM_LOCAL.search(facts.sender) or words.SYSTEM_NAME.search(facts.sender_name)
    return _Signs(
        system=bool(from_system) or _declared(facts) == "delivery-status",
        nobody=not facts.sender
        or any(words.NULL_SENDER.search(value) for value in facts.headers.get("return-path", ())),
        returned=bool(facts.embedded_ids) and not facts.cited_ids,
        subject=words.FAILURE_SUBJECT.saw(facts.subjects),
        warning=words.DELAY_SUBJECT.saw(facts.subjects),
        recipients=", ".join(facts.headers.get("x-failed-recipients", ())),
        begins="" if facts.cited_ids else words.BEGINS_AS_BOUNCE.saw([" ".join(facts.text[:_BEGINNING_MAX].split())]),
    )


def _bounces(facts: Facts, signs: _Signs, refused: str, failure: str) -> Iterator[tuple[str, str]]:
    """Yield the rules by which the notice is a bounce, each with what it saw; two signs must agree at least."""
    if signs.recipients:
        yield "failed-recipients-header", signs.recipients
    if signs.begins:
        yield "bounce-text", signs.begins
    if failure and (signs.system or (signs.subject and (signs.returned or signs.nobody))):
        yield "bounce-text", failure
    if refused and (signs.subject or (signs.nobody and not facts.cited_ids)):
        yield "bounce-text", refused
    if signs.subject and (signs.system or signs.nobody or signs.returned):
        yield "bounce-subject", signs.subject
    if signs.system and (signs.returned or facts.sender.startswith("mailer-daemon@")) and not marks.away(facts):
        yield "returned-by-system", facts.sender


def _disposition(facts: Facts, report: Report) -> Classification:
    """Return READ_RECEIPT; some systems report with the same form that they threw the mail away (RFC 8098, 3.2.6)."""
    bounce = by_rules(facts) if report.action in {"deleted", "failed"} else None
    return bounce or _found(MessageKind.READ_RECEIPT, "disposition-report", report.action)


def _action(report: Report) -> str:
    return report.action if report.action in _ACTIONS else _ACTION_OF_STATUS.get(report.status[:1], "")


def _declared(facts: Facts) -> str:
    match = words.REPORT_TYPE.search(" ".join(facts.headers.get("content-type", ())))
    return match[1].lower() if match else ""


def _found(kind: MessageKind, rule: str, saw: str = "") -> Classification:
    return Classification(kind=kind, because=(Reason(rule=rule, saw=" ".join(saw.split())[:120]),))


_BY_ACTION = (
    ("failed", MessageKind.BOUNCE, "delivery-report-failed"),
    ("delayed", MessageKind.DELAY_NOTICE, "delivery-report-delayed"),
    ("delivered", MessageKind.DELIVERY_RECEIPT, "delivery-report-arrived"),
    ("relayed", MessageKind.DELIVERY_RECEIPT, "delivery-report-arrived"),
    ("expanded", MessageKind.DELIVERY_RECEIPT, "delivery-report-arrived"),
)
_ACTIONS = frozenset(action for action, _, _ in _BY_ACTION)
_ACTION_OF_STATUS = {"5": "failed", "4": "delayed", "2": "delivered"}

_OF_SERVICE = {
    "bounce": MessageKind.BOUNCE,
    "deliverydelay": MessageKind.DELAY_NOTICE,
    "delivery": MessageKind.DELIVERY_RECEIPT,
    "complaint": MessageKind.ABUSE_REPORT,
}
