"""Recognises what mail systems send: reports, bounces, warnings of delay. Bounces come before any other automatic mark.

No single sign decides but a machine-readable report: people forward bounces, and postmasters have out-of-office notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slawatch.classify import marks
from slawatch.classify.pattern import Pattern
from slawatch.model import Classification, Facts, MessageKind, Reason, Report

BODY_MAX = 16_384  # characters of a notice that are read; the reason stands in front of the returned original


def by_report(facts: Facts, target: str = "") -> Classification | None:
    """Return the kind of a machine-readable report, None where the message holds none.

    Where a report speaks of several recipients and one is `target`, only that one counts: our own copy may bounce while
    the company got the request. A report without action is judged by the class of its status (RFC 3463).
    """
    by_type: dict[str, list[Report]] = {}
    for report in facts.reports:
        by_type.setdefault(report.type, []).append(report)
    complaint = _COMPLAINT_SUBJECT.saw(facts.subjects)
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
    if match := _SERVICE_NOTICE.search(facts.text[:BODY_MAX]):
        return _found(_OF_SERVICE[match["what"].lower()], "service-notice", match[0])
    signs = _signs(facts)
    if not any((signs.system, signs.nobody, signs.subject, signs.warning, signs.returned, signs.recipients)):
        return None  # most letters; what follows is slow
    texts = tuple(" ".join(text[:BODY_MAX].split()) for text in (facts.text, facts.quoted))
    if signs.system or signs.nobody:
        delayed = signs.warning or ("" if _LAST_WORD.saw(texts) else _DELAY_BODY.saw(texts))
        if delayed:
            return _found(MessageKind.DELAY_NOTICE, "delay-notice", delayed)
    for rule, saw in _bounces(facts, signs, _REFUSED_BODY.saw(texts), _FAILURE_BODY.saw(texts)):
        return _found(MessageKind.BOUNCE, rule, saw)
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


def _signs(facts: Facts) -> _Signs:
    from_system = _SYSTEM_LOCAL.search(facts.sender) or _SYSTEM_NAME.search(facts.sender_name)
    return _Signs(
        system=bool(from_system) or _declared(facts) == "delivery-status",
        nobody=not facts.sender or any(_NULL_SENDER.search(value) for value in facts.headers.get("return-path", ())),
        returned=bool(facts.embedded_ids) and not facts.cited_ids,
        subject=_FAILURE_SUBJECT.saw(facts.subjects),
        warning=_DELAY_SUBJECT.saw(facts.subjects),
        recipients=", ".join(facts.headers.get("x-failed-recipients", ())),
    )


def _bounces(facts: Facts, signs: _Signs, refused: str, failure: str) -> Iterator[tuple[str, str]]:
    """Yield the rules by which the notice is a bounce, each with what it saw; two signs must agree at least."""
    if signs.recipients:
        yield "failed-recipients-header", signs.recipients
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
    match = _REPORT_TYPE.search(" ".join(facts.headers.get("content-type", ())))
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

_REPORT_TYPE = Pattern(r"report-type=\"?([a-z-]{1,40})")
_COMPLAINT_SUBJECT = Pattern(r"^complaint about message from ")
_NULL_SENDER = Pattern(r"^\s*(?:<\s*>|<?mailer-daemon)")
_SYSTEM_LOCAL = Pattern(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|post[-_.]?master|mail\.delivery\.system|ndr$"
    r"|bounces?$|mailerdaemon)",
)
_SYSTEM_NAME = Pattern(
    r"mail(?:er)?[- ]?(?:delivery|daemon)|(?:delivery|mail) (?:sub)?system|postmaster|system administrator"
    r"|systemadministrator|internet mail delivery|mail(?:er)? service",
)

# Subjects stand at the beginning: "Re: Undeliverable" and "Fwd: failure notice" were written by people.
_FAILURE_SUBJECT = Pattern(
    r"^\W{0,5}(?:\[?postmaster\]? {0,2})?(?:"
    r"undeliver(?:able|ed)|undelivered mail|non[- ]?deliver|not delivered|failure (?:notice|delivery)"
    r"|failed (?:mail|delivery)"
    r"|(?:e-?mail|mail|message)? ?deliver(?:y|ing)? ?(?:status )?(?:notification|report|failure|failed"
    r"|problem|error|has)"
    r"|(?:e-?mail|mail|message) delivery|(?:permanent|temporary) delivery|mail (?:system )?(?:error|failed"
    r"|failure|not)"
    r"|mail could not|returned (?:mail|to sender|message)|your (?:message|mail"
    r"|e-?mail) .{0,80}(?:could not|cannot|was not)"
    r"|(?:nachricht|e-?mail|mail) .{0,40}(?:nicht zugestellt|unzustellbar)|unzustellbar|nicht zustellbar"
    r"|zustellung"
    r"|fehler bei der (?:zustellung|übermittlung)|zustellungsfehler|warning: .{0,80}user unknown|rejected mail"
    r"|message rejected|could ?n.t deliver|processing error|email bounce"
    r"|benachrichtigung zum übermittlungsstatus"
    r"|échec|non remis|mensaje (?:no|devuelto)|no se (?:puede|pudo) entregar"
    r")",
)
_DELAY_SUBJECT = Pattern(
    r"^\W{0,5}(?:"
    r"warning.{0,20}(?:could not send|message .{0,60}delayed|has not yet been delivered|not yet)"
    r"|.{0,60}(?:notification|status).{0,20}\(delay(?:ed)?\)|deliver(?:y"
    r"|ed)? ?(?:status notification)?:? ?(?:delayed|warning)"
    r"|delivery status notification: warning|mail delivery warning|(?:message|mail"
    r"|delivery) (?:delivery )?delayed"
    r"|delayed mail|verzögert(?:e zustellung)?|zustellung .{0,30}verzöger|verzögerung bei der zustellung"
    r")",
)
_FAILURE_BODY = Pattern(
    r"\b[45]\d\d[ -]{1,3}#?[45]\.\d{1,3}\.\d{1,3}\b|\(#?5\.\d{1,3}\.\d{1,3}\)|#5\.\d{1,3}\.\d{1,3}"
    r"|\bsaid: ?5\d\d\b"
    r"|\b55[0-4][ -]|\b5\.[0-7]\.\d{1,2}\b"
    r"|(?:could|can|was|were) ?n[o']t (?:be )?(?:deliver|reach|sent|process)|cannot be delivered"
    r"|unable to deliver"
    r"|(?:delivery|deliver) (?:to the following .{0,60})?(?:has )?failed|failed to deliver"
    r"|not (?:be )?delivered|undeliverable"
    r"|not deliverable|returned (?:to sender|because|without)|permanent(?:ly)? (?:fatal )?(?:error|fail"
    r"|deliver)"
    r"|fatal errors|giving up on|i've given up|(?:user|recipient|mailbox|account|address|host"
    r"|domain) (?:name )?(?:is )?"
    r"(?:unknown|not found|unavailable|disabled|inactive|invalid|does ?n.t exist|does not exist|rejected)"
    r"|(?:unknown|no such|invalid|bad|unrecogni[sz]ed) (?:local )?(?:user|recipient|mailbox|address"
    r"|account|domain|host|email)"
    r"|(?:mailbox|inbox|quota).{0,30}(?:full|exceed|over)|over (?:its )?quota|not listed in"
    r"|delivery (?:error|problem|failure)"
    r"|error(?:s)? (?:during|while|in) (?:delivery|sending)|message (?:was )?rejected|rejected by|too many hops"
    r"|nicht zugestellt|nicht zustellbar|unzustellbar|zustellung .{0,60}(?:fehlgeschlagen|gescheitert"
    r"|nicht möglich)"
    r"|empfänger(?:adresse)? .{0,40}(?:unbekannt|existiert nicht|nicht gefunden)|postfach .{0,30}voll"
    r"|n'a pas pu|n'existe pas|non remis|no se pudo|no ha podido|не доставлен|não pôde|non è stato possibile",
)
# Said of mail and never of parcels: "your package could not be delivered" is a shop's letter.
_REFUSED_BODY = Pattern(
    r"\b[45]\d\d[ -]{1,3}#?[45]\.\d{1,3}\.\d{1,3}\b|\bsaid: ?5\d\d\b|\bno such user\b|\buser unknown\b"
    r"|\bunknown user\b",
    r"\b(?:message|e-?mail|mail|messages)\b.{0,160}\b(?:could ?not|can ?not|couldn't|was not"
    r"|has not been) (?:be )?delivered\b",
    r"\b(?:nachricht|e-?mail|mail)\b.{0,160}\b(?:konnte|kann|wurde) .{0,40}nicht (?:\w+ )?zugestellt\b",
    r"\bnon-?delivery report\b|\bmessage n'a pas pu\b|\bmailbox (?:is )?full\b|\bquota exceeded\b"
    r"|\bpostfach .{0,30}\bvoll\b",
)
# Amazon's mail service reports in JSON ("notificationType":"Bounce"), its quotation marks often escaped.
_SERVICE_NOTICE = Pattern(r"\b(?:notification|event)type\W{1,8}(?P<what>bounce|deliverydelay|delivery|complaint)\b")
_OF_SERVICE = {
    "bounce": MessageKind.BOUNCE,
    "deliverydelay": MessageKind.DELAY_NOTICE,
    "delivery": MessageKind.DELIVERY_RECEIPT,
    "complaint": MessageKind.ABUSE_REPORT,
}
_DELAY_BODY = Pattern(
    r"has not yet been delivered|(?:will|delivery will|still) (?:continue|be re-?tr|keep trying|be attempted)"
    r"|warning message only|no action is required on your part|do not need to resend|still being retried"
    r"|delivery .{0,40}(?:has been |is )delayed|(?:noch|bisher) nicht zugestellt|weitere zustellversuche",
)
_LAST_WORD = Pattern(
    r"(?:delivery|message|mail).{0,40}(?:failed permanently|has failed)"
    r"|permanent(?:ly)? (?:fatal )?(?:error|fail)"
    r"|giving up|(?:no longer|not) (?:be )?(?:retr|attempt)|user unknown|no such user",
)
