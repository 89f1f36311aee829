"""`slawatch explain`: everything behind one request's figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from slawatch.app import world
from slawatch.cli.lines import folded, harmless, masked, table
from slawatch.cli.options import config_option, examples, json_option, print_json
from slawatch.cli.progress import state, waited
from slawatch.cli.trail_lines import Line, at, exhibits, margin, marked, saw, steps
from slawatch.durations import show
from slawatch.following import told_again
from slawatch.hours import WEEKDAYS, Openings, ServiceHours, Span
from slawatch.model import (
    ZERO,
    FollowUp,
    Form,
    Measure,
    MessageKind,
    Objective,
    ObjectiveKind,
    Origin,
    Outcome,
    Pledge,
    Promise,
    PublishedPromise,
    Purpose,
    Reply,
    Review,
    Wait,
    Writer,
)
from slawatch.report.words import Words
from slawatch.usecases.explain import OUR_TURN, Explanation, Tally, explain
from slawatch.usecases.posts import Shown
from slawatch.usecases.trails import write_out

LABEL = 18  # columns of the words on the left
ASKED = {Measure.FIRST_RESPONSE: "first response", Measure.ANSWER: "answer"}


@click.command(
    "explain",
    epilog=examples(
        "slawatch explain R8ed9fc93",
        "slawatch explain R8ed9fc93 --json",
        "slawatch explain R8ed9fc93 --out pictures",
    ),
)
@config_option
@json_option
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the pictures of a chat, and its page in words, to files in this folder.",
)
@click.argument("request")
def command(config_path: Path, *, as_json: bool, folder: Path | None, request: str) -> None:
    """Show everything behind the figures of one REQUEST; `slawatch status` and the report list them.

    Attempts, stamps with their margins, who wrote each reply and what tied it to the request, the rules that fired,
    promises, what people decided, the steps of a chat, and each wait span by span, in service hours and by the clock.
    The secret reference
    in its subject is shortened: whoever knows it can forge a reply.
    """
    with world(config_path) as here:
        found = explain(here, request)
        words = Words(here.config.lang, folder=here.config.folder, space=" ")
        company = here.config.companies.get(found.request.company)
        written = write_out(here, found.exhibits, folder) if folder is not None else []
    secret = found.request.token
    if as_json:
        # Whoever knows one of these can write a reply that ties itself to the request.
        facts: Any = replace(found, request=replace(found.request, token=""))
        ids = (*(one.envelope_id for one in found.attempts), *(one.envelope_id for one in found.follow_ups))
        for known in (secret, found.request.message_id, *ids, *(one.own_id for one in found.follow_ups)):
            facts = masked(facts, known)
        facts["request"].pop("token")
        print_json(facts)
        return
    for line in _told(found, company.name if company else found.request.company, words, written):
        click.echo(line)


def _told(found: Explanation, name: str, words: Words, written: Sequence[Path]) -> Iterator[str]:
    """Yield the lines that tell all of it."""
    asked, secret = found.request, found.request.token
    over = f" over {asked.channel}" if asked.way != asked.channel else ""
    yield f"{asked.public_id}: {harmless(name)}, by {harmless(asked.way)}{over} to {harmless(asked.target)}"
    if asked.made_up:
        yield "made up: this request and its replies come from the practice range, not from the world"
    events: list[Reply | FollowUp] = sorted([*found.replies, *found.follow_ups], key=_when)
    told = (_reply(found, one, words) if isinstance(one, Reply) else _follow_up(one) for one in events)
    for part in (_figures(found), _asking(found), steps(found), exhibits(found, written), *told):
        for place, (label, line) in enumerate(part):
            if not place:
                yield ""
            yield from folded(f"  {label:<{LABEL}}", harmless(masked(line, secret)))
    for tally in found.tallies:
        yield from _counted(tally, found)
    yield ""
    yield from folded(
        "", "Times without an offset are UTC, by the clock of whoever stamped them; ± is how far one may be off."
    )


def _when(one: Reply | FollowUp) -> datetime:
    return one.stamps.at if isinstance(one, Reply) else one.sent_at or one.intended_at


def _figures(found: Explanation) -> Iterator[Line]:
    """Yield what came out, and what it was held to."""
    request, outcome = found.request, found.outcome
    yield "verdict", state(request, outcome) + (f": {request.void_detail}" if request.void_detail else "")
    if outcome is not None:
        yield from _wait("first response", outcome.first_response)
        yield from _in_hours(outcome.first_response_in_hours)
        if outcome.outside_hours:
            yield "", "it came while they were closed"
        yield from _wait("answer", outcome.answer)
        yield from _in_hours(outcome.answer_in_hours)
        if outcome.paused:
            yield "", f"without {show(outcome.paused)} in which it was our turn to write"
        if outcome.complete is not None:
            yield "", "states every fact that is expected" if outcome.complete else "lacks facts that are expected"
        if outcome.acknowledged is not None:
            yield "acknowledged", f"after {show(outcome.acknowledged)}, by a machine; this ends no wait"
        yield "delivery", outcome.proof.value
    for objective in found.standard.objectives:
        yield "held to", _objective(objective)
    yield from _held(found, outcome)


def _held(found: Explanation, outcome: Outcome | None) -> Iterator[Line]:
    """Yield the window and the hours that the waits are counted in."""
    standard = found.standard
    yield "window", f"{show(standard.window)}; replies are matched for {show(standard.late)}"
    if outcome is not None and outcome.window_in_hours is not None:
        yield "", f"there are {_hours(outcome.window_in_hours)} of service time in it"
    if found.hours.stated:
        yield "service hours", f"{_in_words(found.hours)}; {found.zone}"
        yield from (("", line) for line in _days_apart(found.hours))
    if found.promise is not None:
        yield "say publicly", _published(found.promise)
    looked = at(found.observed_until) if found.observed_until else "never, so far"
    yield "looked through", f"until {looked}" if found.observed_until else looked
    if found.deaf is not None:
        since, until = found.deaf
        yield (
            "maybe deaf",
            f"letters to ourselves that left from {at(since)} to {at(until) if until else 'now'} never came",
        )
        yield "", "back: an answer to this may not have reached us either"


def _asking(found: Explanation) -> Iterator[Line]:
    """Yield what was asked and how it left."""
    request, text = found.request, found.request.text
    yield "asked", f"{text.probe}, {text.lang}, variant {text.variant + 1}"
    yield "", text.subject or " ".join(text.body.split())
    yield "due", f"{at(request.due_at)}, planned in {request.zone}"
    for attempt in found.attempts:
        ended = f" to {at(attempt.ended_at)}" if attempt.ended_at else ", never reported back"
        yield f"attempt {attempt.number}", f"{at(attempt.started_at)}{ended}: {attempt.outcome.value}"
        if attempt.detail:
            yield "", attempt.detail
    if request.accepted_at is not None:
        uncertain = margin(request.accepted_uncertainty, request.accepted_uncertainty)
        public = text.form is Form.POST
        why = "it stood where everybody can read it" if public else "the company's side took it over"
        yield "wait began", f"{at(request.accepted_at)} {uncertain}: {why}"
    if request.remote_id:
        yield f"posted{' by you' if request.origin is Origin.ADOPTED else ''}", f"as {request.remote_id}"
    if request.verified_at is not None:
        yield "asked once more", f"{at(request.verified_at)}: all that was said there has come in"
    if request.continues is not None:
        told = {True: "had to tell everything again", False: "they knew", None: "whether they knew is not known"}
        yield "takes up", f"an earlier request on another way: {told[told_again(request, found.replies)]}"
    if request.copy_received_at is not None:
        yield "our own copy", f"{at(request.copy_received_at)} by our server's clock; the difference widens each wait"


def _reply(found: Explanation, reply: Reply, words: Words) -> Iterator[Line]:
    stamps = reply.stamps
    message, post = found.messages.get(reply.message_id), found.posts.get(reply.message_id)
    bystander = reply.written_by.writer is Writer.BYSTANDER
    label = "somebody else" if bystander else reply.kind.value.replace("-", " ")
    yield label, f"{at(stamps.at)} {margin(stamps.earlier, stamps.later)}"
    gone = message is not None and message.purged_at is not None
    yield "", _words(reply, post, deleted=gone)
    nobody = "(thrown away as well)" if gone else "(the empty sender)"
    yield "from", f"{post.who} ({reply.sender})" if post and post.who != reply.sender else reply.sender or nobody
    yield "written by", f"{reply.written_by.writer.value}{saw(reply.written_by.saw)}"
    yield "tied by", f"{reply.evidence.value} ({reply.strength.value}){saw(reply.saw)}"
    yield from marked(found, reply)
    if bystander:
        yield "", "counts nowhere: it is none of the company's accounts"
    if reply.in_review:
        yield "", "counts nowhere until a person decides: `slawatch review`"
    for reason in () if bystander or gone else reply.because:
        yield "because", words.rule(reason)
    if reply.kind is MessageKind.INTERIM:
        yield (
            "says",
            " and ".join(
                f"{'' if said else 'not '}{what}" for what, said in (("how long", reply.how_long), ("why", reply.why))
            ),
        )
    yield from _promises(found, reply)
    for review in found.reviews.get(reply.message_id, ()):
        yield from _review(review)
    yield "stamped by", stamps.source + (f" ({stamps.why})" if stamps.why else "")
    if stamps.internal_at is not None:
        yield "mailbox says", at(stamps.internal_at)
    if stamps.date_header_at is not None:
        yield "sender says", f"{at(stamps.date_header_at)}; never used for a wait"
    if message is not None:
        yield "evidence", f"sha256 {message.sha256}"
        yield "", f"{message.folder}, seen {at(message.seen_at)}"
        if message.gone_at is not None:
            yield "deleted", f"by its author, noticed {at(message.gone_at)}; what is known of its time and kind stays"


def _words(reply: Reply, post: Shown | None, *, deleted: bool) -> str:
    """Return what stands for a reply in a line: its subject, or where it is a post what it says."""
    if deleted:
        bystander = reply.written_by.writer is Writer.BYSTANDER
        return f"(its text was thrown away after {'a month' if bystander else 'its author had deleted it'})"
    if post is None:
        return reply.subject or "(no subject)"
    return " ".join(post.text.split()) or "(no text)"


def _promises(found: Explanation, reply: Reply) -> Iterator[Line]:
    """Yield what the reply promises and, as far as it is known, what became of it."""
    pledges = found.outcome.pledges if found.outcome else ()
    for promise in reply.promises:
        yield "promises", f"“{promise.quote}”"
        said = next((one for one in pledges if (one.message_id, one.promise) == (reply.message_id, promise)), None)
        yield "", f"about the {promise.about.value}, {_promised(promise)}{_became(said) if said else ''}"


def _promised(promise: Promise) -> str:
    if promise.within is not None:
        return f"within {show(promise.within)}"
    if promise.business_days is not None:
        return f"within {_business_days(promise.business_days)}"
    if promise.business_time is not None:
        return f"within {_hours(promise.business_time)} of service time"
    return f"by {at(promise.due_at)}" if promise.due_at else "at some time"


def _published(promise: PublishedPromise) -> str:
    """Return what the company says of its reply time, where, and when it was read there."""
    within = _business_days(promise.business_days) if promise.within is None else show(promise.within)
    seen = f", seen {promise.seen:%Y-%m-%d}" if promise.seen else ""
    return f"within {within}{saw(promise.source)}{seen}"


def _business_days(days: int | None) -> str:
    return f"{days} business day{'s' * (days != 1)}"


def _became(pledge: Pledge) -> str:
    decided = f" at {at(pledge.decided_at)}" if pledge.decided_at else ""
    return f": until {at(pledge.due_at)}, {pledge.state.value.replace('-', ' ')}{decided}"


def _review(review: Review) -> Iterator[Line]:
    """Yield who decided what when, what it was before, and why."""
    by = f"{at(review.at)} by {review.who or 'somebody'}"
    if review.undone:
        yield "decided", f"{by}: given back to the rules"
    else:
        taken = f"taken for {review.kind.value.replace('-', ' ')}" if review.kind else "its kind left as it is"
        yield "decided", f"{by}: {taken}"
    if review.was:
        yield "", f"was {review.was}"
    if review.reason:
        yield "", f"because “{review.reason}”"


def _follow_up(ours: FollowUp) -> Iterator[Line]:
    """Yield what we wrote once more."""
    label = "our thanks" if ours.purpose is Purpose.THANKS else "our reply"
    how = ", by hand" if ours.by_hand else ""
    if ours.sent_at is not None:
        yield label, f"{at(ours.sent_at)} {margin(ours.uncertainty, ours.uncertainty)}: {ours.delivery.value}{how}"
    else:
        yield label, f"{at(ours.intended_at)}: {ours.delivery.value}{how}"
    yield "", ours.subject
    if ours.detail:
        yield "", ours.detail


def _counted(tally: Tally, found: Explanation) -> Iterator[str]:
    """Yield the wait span by span as a table whose lines add up; nothing where it is a single span by the clock."""
    if not tally.spans or (tally.in_hours is None and len(tally.spans) == 1):
        return
    zone = ZoneInfo(found.zone)
    counted = [(span, _floor(span.until) - _floor(span.since)) for span in tally.spans if span.why != OUR_TURN]
    rows = [_row(span, zone, in_hours=tally.in_hours is not None) for span in tally.spans]
    by_clock = _clock(sum((length for _, length in counted), ZERO))
    in_hours = _clock(sum((length for span, length in counted if span.open), ZERO))
    rows.append((_local(tally.spans[-1].until, zone), by_clock, in_hours if tally.in_hours is not None else "", "sum"))
    heads = ("from", "by the clock", "in hours" if tally.in_hours is not None else "", "why")
    wide = [max(len(row[column]) for row in (heads, *rows)) for column in (1, 2)]
    heads, *rows = [
        (first, clock.rjust(wide[0]), hours.rjust(wide[1]), why) for first, clock, hours, why in (heads, *rows)
    ]
    yield ""
    yield f"Wait for {' and '.join(ASKED[one] for one in tally.measures)}, span by span; times in {found.zone}"
    for line in table(heads, rows, whole=heads[:3]):
        yield f"  {line}"


def _row(span: Span, zone: ZoneInfo, *, in_hours: bool) -> tuple[str, str, str, str]:
    since, until = (_floor(one) for one in (span.since, span.until))
    length = _clock(until - since)
    if span.why == OUR_TURN:
        return _local(span.since, zone), "", "", f"our turn, {length}"
    why = span.name or (("open" if in_hours else "waiting") if span.open else "closed")
    moved = span.until.astimezone(zone).utcoffset(), span.since.astimezone(zone).utcoffset()
    change = (moved[0] or ZERO) - (moved[1] or ZERO)
    if change:
        why += f", clocks {'on' if change > ZERO else 'back'} {show(abs(change))}"
    return _local(span.since, zone), length, length if span.open and in_hours else "", why


def _floor(instant: datetime) -> datetime:
    """Return the whole millisecond: what is shown of a sum is then the sum of what is shown."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _clock(length: timedelta) -> str:
    """Return hours, minutes and seconds, never days: a day of service time is none that everybody counts alike."""
    seconds, micros = divmod(length // timedelta(microseconds=1), 10**6)
    fraction = f".{micros // 1000:03}" if micros else ""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _hours(length: timedelta) -> str:
    """Return service time in words: "40 h", not "1 d 16 h"."""
    hours, rest = divmod(length, timedelta(hours=1))
    return show(length) if not hours else f"{hours} h" + (f" {show(rest)}" if rest >= timedelta(minutes=1) else "")


def _local(instant: datetime, zone: ZoneInfo) -> str:
    shown = f"{instant.astimezone(zone):%a %Y-%m-%d %H:%M:%S %z}"
    return f"{shown[:-2]}:{shown[-2:]}"


def _in_words(hours: ServiceHours) -> str:
    """Return the hours of a week in one line: "Mon-Fri 09:00-17:00, Sat 10:00-12:00"."""
    if hours.always or hours.weekly is None:
        return "always"
    parts, day = [], 0
    for openings, days in groupby(hours.weekly):
        number = len(list(days))
        named = WEEKDAYS[day] if number == 1 else f"{WEEKDAYS[day]}-{WEEKDAYS[day + number - 1]}"
        day += number
        if openings:
            parts.append(f"{named} {_openings(openings)}")
    return ", ".join(parts)


def _days_apart(hours: ServiceHours) -> Iterator[str]:
    """Yield the days that are not like others, and whose holidays are kept."""
    for occasion, openings in hours.special:
        year = f"{occasion.year}-" if occasion.year else ""
        yield f"{year}{occasion.month:02}-{occasion.day:02} {_openings(openings) or 'closed'}"
    kept = hours.holidays
    if kept is not None and (kept.country or kept.add):
        own = f"{len(kept.add)} of their own" if kept.add else ""
        country = "-".join(part for part in (kept.country, kept.region) if part)
        yield f"holidays: {', '.join(part for part in (country, own) if part)}"


def _openings(openings: Openings) -> str:
    return " and ".join(f"{_time(start)}-{_time(end)}" for start, end in openings)


def _time(seconds: int) -> str:
    """Return a time of the day, that of the next one beyond 24:00."""
    minutes = seconds // 60
    if minutes > 24 * 60:
        minutes -= 24 * 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _wait(name: str, wait: Wait | None) -> Iterator[Line]:
    if wait is not None:
        yield name, f"{waited(wait)} {margin(wait.shorter, wait.longer if wait.ended else ZERO)}".rstrip()


def _in_hours(wait: Wait | None) -> Iterator[Line]:
    """Yield the wait in service hours; one that passed while they were closed is not "0 s"."""
    if wait is None:
        return
    if not wait.length:
        yield "", "no service time passed: they were closed" if wait.ended else "no service time has passed so far"
        return
    over = "" if wait.ended else "over "
    off = margin(wait.shorter, wait.longer if wait.ended else ZERO)
    yield "", f"{over}{_hours(wait.length)} {off} in service hours"


def _objective(objective: Objective) -> str:
    """Return the objective in words: "mean of first responses at most 1 h"."""
    what = "first responses" if objective.measure is Measure.FIRST_RESPONSE else "answers"
    limit = f"{_hours(objective.limit)} in service hours" if objective.in_hours else show(objective.limit)
    if objective.kind is ObjectiveKind.MEAN or objective.at_least is None:
        return f"mean of {what} at most {limit}"
    return f"{objective.at_least * 100:.4g} % of {what} within {limit}"
