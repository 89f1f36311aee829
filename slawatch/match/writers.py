"""Who wrote a message, seen from one request's company. Credits nobody with a letter that may be somebody else's.

Neither the token nor our Message-ID proves a writer: whoever was shown the letter knows both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from slawatch.durations import show
from slawatch.match.authentication import Finding, OurSide, Standing, from_outside, judge
from slawatch.match.domains import Party, domain_of
from slawatch.model import Facts, MatchEvidence, MessageKind, Reply, Writer, WrittenBy

NOTICES = frozenset(
    {MessageKind.BOUNCE, MessageKind.DELAY_NOTICE, MessageKind.DELIVERY_RECEIPT, MessageKind.ABUSE_REPORT}
)
"""What mail systems write. Read receipts are not among them: the company's own mail program makes those."""

GIVEN_UP_AFTER = timedelta(days=5)
"""How long a mail server tries to deliver a letter (RFC 5321, section 4.5.4.1: at least 4 to 5 days; Postfix 5)."""

_SECRET_ADDRESS = frozenset({MatchEvidence.DELIVERED_TO, MatchEvidence.RECIPIENT})
# Each can come only from where the letter had arrived.
_SHOWS_ARRIVAL = frozenset({MessageKind.ACKNOWLEDGEMENT, MessageKind.BOT, MessageKind.READ_RECEIPT})

_SYSTEMS = frozenset({"", "mailer-daemon", "mail-daemon", "postmaster", "mailerdaemon"})


def written_by(
    facts: Facts,
    company: Party,
    *,
    evidence: MatchEvidence,
    kind: MessageKind,
    side: OurSide,
    finding: Finding | None,
    earlier: Sequence[Reply] = (),
    after: timedelta | None = None,
) -> WrittenBy:
    """Return who wrote the message: the company, a mail system, a stranger, or somebody in the company's name.

    `evidence` is what tied it to the request, `finding` our own server's word (authentication.judge), `earlier` what
    had come for the request before and `after` how long after the request it came (None: nobody knows); those two are
    looked at for bounces only.
    """
    if kind in NOTICES:
        doubt = _doubt(kind, finding, earlier)
        if not doubt and kind is MessageKind.BOUNCE and not _from_our_system(facts, side):
            doubt = _too_late(after)
        return WrittenBy(writer=Writer.FORGED, saw=doubt) if doubt else _system(facts, company, evidence, side)
    whose = company.owns(facts.sender)
    signer = next((one for one in sorted(finding.signed) if company.owns_domain(one)), "") if finding else ""
    if not whose:
        stranger = WrittenBy(writer=Writer.STRANGER, saw=domain_of(facts.sender) or "no sender")
        return WrittenBy(writer=Writer.COMPANY, saw=f"signed by {signer}") if signer else stranger
    if finding is None:
        return WrittenBy(writer=Writer.COMPANY, saw=f"{whose}, not verified")
    if finding.standing is Standing.MISSING and from_our_side(facts, side):
        return WrittenBy(writer=Writer.COMPANY, saw=f"{whose}, through our own server")
    counts = finding.standing is Standing.CONFIRMED or (
        finding.standing is Standing.OPEN and evidence in _SECRET_ADDRESS
    )
    return WrittenBy(writer=Writer.COMPANY if counts else Writer.FORGED, saw=finding.saw)


def from_our_side(facts: Facts, side: OurSide) -> bool:
    """Whether a message never left our own servers: it says so, and nobody outside handed it in.

    Our server has nothing to verify in such a one. An audit of oneself is answered by them.
    """
    return side.holds(domain_of(facts.sender)) and not from_outside(facts, side)


def surely_ours(facts: Facts, side: OurSide) -> bool:
    """Whether a letter in our name is ours: nobody outside handed it in, or our own server confirms the name."""
    finding = judge(facts, side)
    return not from_outside(facts, side) or (finding is not None and finding.standing is Standing.CONFIRMED)


def is_our_report(facts: Facts, side: OurSide) -> bool:
    """Whether our own mail server wrote a report on a delivery.

    Only such a one may say when the company took a request over: its own word on that could shorten its wait.
    """
    return facts.sender.partition("@")[0] in _SYSTEMS and from_our_side(facts, side)


def _doubt(kind: MessageKind, finding: Finding | None, earlier: Sequence[Reply]) -> str:
    """Return what speaks against a notice, whoever it comes from; "" where nothing does.

    A bounce takes a request out of the count, so one who is too slow may like to send one. One that comes after
    something has shown that the letter had arrived is left to a person.
    """
    if finding is not None and finding.standing is Standing.REFUTED:
        return finding.saw
    before = _arrived(earlier) if kind is MessageKind.BOUNCE else ""
    return f"contradicts {before}" if before else ""


def _too_late(after: timedelta | None) -> str:
    """Return that a bounce of the far side comes when every mail server has given up, "" where it does not.

    Otherwise a company that has missed a request could take it out of the count whenever it likes.
    """
    if after is None or after <= GIVEN_UP_AFTER:
        return ""
    return f"{show(after)} after the request; mail servers give up after {show(GIVEN_UP_AFTER)}"


def _from_our_system(facts: Facts, side: OurSide) -> bool:
    host, domain = from_outside(facts, side), domain_of(facts.sender)
    return (not host and (not domain or side.holds(domain))) or (bool(host) and side.holds(domain) and side.holds(host))


def _system(facts: Facts, company: Party, evidence: MatchEvidence, side: OurSide) -> WrittenBy:
    """Judge where a notice comes from: our own system, the company's, or one on the way, which knows our envelope's id.

    Only systems on the way are told that id. One that has nothing to do with either side is a stranger.
    """
    host, domain = from_outside(facts, side), domain_of(facts.sender)
    ours = _from_our_system(facts, side)
    theirs = next((one for one in (domain, host) if one and company.owns_domain(one)), "")
    if ours or theirs:
        return WrittenBy(writer=Writer.SYSTEM, saw="our own mail system" if ours else theirs)
    name = domain or host
    if evidence is MatchEvidence.ENVELOPE_ID:
        return WrittenBy(writer=Writer.SYSTEM, saw=f"{name}, which knows our envelope")
    return WrittenBy(writer=Writer.STRANGER, saw=f"{name}, a mail system of neither side")


def _arrived(earlier: Sequence[Reply]) -> str:
    """Return what had shown before that the letter arrived: its company's own letter, or the report of a delivery."""
    for reply in earlier:
        if not reply.counts:
            continue
        delivered = reply.kind is MessageKind.DELIVERY_RECEIPT and any("delivered" in one.saw for one in reply.because)
        if reply.kind in _SHOWS_ARRIVAL or reply.kind.by_person or delivered:
            return f"the {reply.kind.value} of {reply.stamps.at:%Y-%m-%d %H:%M} UTC"
    return ""
