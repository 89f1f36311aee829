"""Recognises what mail systems send: reports, bounces, warnings of delay. Bounces come before any other automatic mark.

No single sign decides but a machine-readable report: people forward bounces, and out-of-office notes come from postmasters.
"""

from __future__ import annotations

import re

from slawatch.model import Classification, Facts, MessageKind, Reason, Report

BODY_MAX = 16_384  # characters of a notice that are read; the reason stands in front of the returned original

_FAILED, _DELAYED = "failed", "delayed"
_ARRIVED = frozenset({"delivered", "relayed", "expanded"})


def by_report(facts: Facts, target: str = "") -> Classification | None:
    """Return the kind of a machine-readable report, None where the message holds none.

    Where a report speaks of several recipients and one is `target`, only that one counts: our own copy may bounce while
    the company got the request. A report without action is judged by the class of its status (RFC 3463).
    """
    by_type: dict[str, list[Report]] = {}
    for report in facts.reports:
        by_type.setdefault(report.type, []).append(report)
    declared = _declared_report(facts)
    if "feedback-report" in by_type or declared == "feedback-report":
        return _found(MessageKind.ABUSE_REPORT, "feedback-report")
    if "disposition-notification" in by_type:
        return _found(MessageKind.READ_RECEIPT, "disposition-report", by_type["disposition-notification"][0].action)
    reports = by_type.get("delivery-status", [])
    reports = [report for report in reports if target and report.recipient == target] or reports
    actions = {_action(report): report for report in reversed(reports)}
    if _FAILED in actions:
        report = actions[_FAILED]
        return _found(MessageKind.BOUNCE, "delivery-report-failed", report.status or report.diagnostic)
    if _DELAYED in actions:
        return _found(MessageKind.DELAY_NOTICE, "delivery-report-delayed", actions[_DELAYED].status)
    for action in sorted(_ARRIVED & actions.keys()):
        return _found(MessageKind.DELIVERY_RECEIPT, "delivery-report-arrived", action)
    return None


def by_rules(facts: Facts) -> Classification | None:
    """Return BOUNCE or DELAY_NOTICE for a notice written as a letter, None where too little speaks for one."""
    recipients = ", ".join(facts.headers.get("x-failed-recipients", ()))
    subject = _first(_FAILURE_SUBJECT, facts.subjects)
    warning = _first(_DELAY_SUBJECT, facts.subjects)
    body = f"{facts.text[:BODY_MAX]}\n{facts.quoted[:BODY_MAX]}"
    failure = _first(_FAILURE_BODY, (body,))
    system = _from_system(facts)
    delay = _first(_DELAY_BODY, (body,))
    returned = bool(facts.embedded_ids)
    if (warning or (delay and not _LAST_WORD.search(body))) and (system or _null_sender(facts)):
        return _found(MessageKind.DELAY_NOTICE, "delay-notice", warning or delay)
    if recipients:
        return _found(MessageKind.BOUNCE, "failed-recipients-header", recipients)
    if failure and (system or (subject and (returned or _null_sender(facts) or not facts.sender))):
        return _found(MessageKind.BOUNCE, "bounce-text", failure)
    if subject and (system or _null_sender(facts) or returned):
        return _found(MessageKind.BOUNCE, "bounce-subject", subject)
    if system and returned and not facts.cited_ids:
        return _found(MessageKind.BOUNCE, "returned-by-system", facts.sender)
    return None


def _action(report: Report) -> str:
    if report.action in {_FAILED, _DELAYED} | _ARRIVED:
        return report.action
    return {"5": _FAILED, "4": _DELAYED, "2": "delivered"}.get(report.status[:1], "")


def _declared_report(facts: Facts) -> str:
    match = _REPORT_TYPE.search(" ".join(facts.headers.get("content-type", ())))
    return match[1].lower() if match else ""


def _from_system(facts: Facts) -> bool:
    local = facts.sender.partition("@")[0]
    return bool(_SYSTEM_LOCAL.match(local) or _SYSTEM_NAME.search(facts.sender_name))


def _null_sender(facts: Facts) -> bool:
    return any(_NULL_SENDER.match(value) for value in facts.headers.get("return-path", ()))


def _first(pattern: re.Pattern[str], texts: tuple[str, ...]) -> str:
    return next((match[0] for text in texts if (match := pattern.search(text))), "")


def _found(kind: MessageKind, rule: str, saw: str = "") -> Classification:
    return Classification(kind=kind, because=(Reason(rule=rule, saw=" ".join(saw.split())[:120]),))


_REPORT_TYPE = re.compile(r"report-type=\"?([a-z-]{1,40})", re.IGNORECASE)
_NULL_SENDER = re.compile(r"^\s*(?:<\s*>|<?mailer-daemon)", re.IGNORECASE)
_SYSTEM_LOCAL = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|post[-_.]?master|mail\.delivery\.system|ndr$|bounces?$|mailerdaemon)",
)
_SYSTEM_NAME = re.compile(
    r"mail(?:er)?[- ]?(?:delivery|daemon)|(?:delivery|mail) (?:sub)?system|postmaster|system administrator"
    r"|systemadministrator|internet mail delivery|mail(?:er)? service",
    re.IGNORECASE,
)

# Subjects stand at the beginning: "Re: Undeliverable" and "Fwd: failure notice" were written by people.
_FAILURE_SUBJECT = re.compile(
    r"^\W{0,5}(?:\[?postmaster\]? {0,2})?(?:"
    r"undeliver(?:able|ed)|undelivered mail|non[- ]?deliver|not delivered|failure (?:notice|delivery)|failed (?:mail|delivery)"
    r"|(?:e-?mail|mail|message)? ?deliver(?:y|ing)? ?(?:status )?(?:notification|report|failure|failed|problem|error|has)"
    r"|(?:e-?mail|mail|message) delivery|(?:permanent|temporary) delivery|mail (?:system )?(?:error|failed|failure|not)"
    r"|mail could not|returned (?:mail|to sender|message)|your (?:message|mail|e-?mail) .{0,80}(?:could not|cannot|was not)"
    r"|(?:nachricht|e-?mail|mail) .{0,40}(?:nicht zugestellt|unzustellbar)|unzustellbar|nicht zustellbar|zustellung"
    r"|fehler bei der (?:zustellung|übermittlung)|zustellungsfehler|warning: .{0,80}user unknown|rejected mail"
    r"|message rejected|could ?n.t deliver|processing error|email bounce|benachrichtigung zum übermittlungsstatus"
    r"|échec|non remis|mensaje (?:no|devuelto)|no se (?:puede|pudo) entregar"
    r")",
    re.IGNORECASE,
)
_DELAY_SUBJECT = re.compile(
    r"^\W{0,5}(?:"
    r"warning.{0,20}(?:could not send|message .{0,60}delayed|has not yet been delivered|not yet)"
    r"|.{0,60}(?:notification|status).{0,20}\(delay(?:ed)?\)|deliver(?:y|ed)? ?(?:status notification)?:? ?(?:delayed|warning)"
    r"|delivery status notification: warning|mail delivery warning|(?:message|mail|delivery) (?:delivery )?delayed"
    r"|delayed mail|verzögert(?:e zustellung)?|zustellung .{0,30}verzöger|verzögerung bei der zustellung"
    r")",
    re.IGNORECASE,
)
_FAILURE_BODY = re.compile(
    r"\b[45]\d\d[ -]{1,3}#?[45]\.\d{1,3}\.\d{1,3}\b|\(#?5\.\d{1,3}\.\d{1,3}\)|#5\.\d{1,3}\.\d{1,3}|\bsaid: ?5\d\d\b"
    r"|\b55[0-4][ -]|\b5\.[0-7]\.\d{1,2}\b"
    r"|(?:could|can|was|were) ?n[o']t (?:be )?(?:deliver|reach|sent|process)|cannot be delivered|unable to deliver"
    r"|(?:delivery|deliver) (?:to the following .{0,60})?(?:has )?failed|failed to deliver|not (?:be )?delivered|undeliverable"
    r"|not deliverable|returned (?:to sender|because|without)|permanent(?:ly)? (?:fatal )?(?:error|fail|deliver)"
    r"|fatal errors|giving up on|i've given up|(?:user|recipient|mailbox|account|address|host|domain) (?:name )?(?:is )?"
    r"(?:unknown|not found|unavailable|disabled|inactive|invalid|does ?n.t exist|does not exist|rejected)"
    r"|(?:unknown|no such|invalid|bad|unrecogni[sz]ed) (?:local )?(?:user|recipient|mailbox|address|account|domain|host|email)"
    r"|(?:mailbox|inbox|quota).{0,30}(?:full|exceed|over)|over (?:its )?quota|not listed in|delivery (?:error|problem|failure)"
    r"|error(?:s)? (?:during|while|in) (?:delivery|sending)|message (?:was )?rejected|rejected by|too many hops"
    r"|nicht zugestellt|nicht zustellbar|unzustellbar|zustellung .{0,60}(?:fehlgeschlagen|gescheitert|nicht möglich)"
    r"|empfänger(?:adresse)? .{0,40}(?:unbekannt|existiert nicht|nicht gefunden)|postfach .{0,30}voll"
    r"|n'a pas pu|n'existe pas|non remis|no se pudo|no ha podido|не доставлен|não pôde|non è stato possibile",
    re.IGNORECASE,
)
_DELAY_BODY = re.compile(
    r"has not yet been delivered|(?:will|delivery will|still) (?:continue|be re-?tr|keep trying|be attempted)"
    r"|warning message only|no action is required on your part|do not need to resend|still being retried"
    r"|delivery .{0,40}(?:has been |is )delayed|(?:noch|bisher) nicht zugestellt|weitere zustellversuche",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(
    r"(?:delivery|message|mail).{0,40}(?:failed permanently|has failed)|permanent(?:ly)? (?:fatal )?(?:error|fail)"
    r"|giving up|(?:no longer|not) (?:be )?(?:retr|attempt)|user unknown|no such user",
    re.IGNORECASE,
)
