"""Mail reports to the user's own people: when one is due, once; at will, whenever somebody says so.

The intent is committed before the first byte leaves, one letter for each recipient; nothing is ever sent again blindly.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slawatch import rhythm
from slawatch.clock import to_micros
from slawatch.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    SlawatchError,
    UsageError,
)
from slawatch.mailed import NAME, MailedReport, media_of
from slawatch.store import Letter, LetterDraft, LetterState
from slawatch.usecases import not_made
from slawatch.usecases.send import FIRST_RETRY, GIVE_UP_AFTER, LEASE, LONGEST_RETRY, rate_wait
from slawatch.usecases.world import STOP_FILE, News, World

if TYPE_CHECKING:
    from pathlib import Path

    from slawatch.channels.base import Enclosure, Note
    from slawatch.report.mail import Mail, Sending
    from slawatch.report.model import Material
    from slawatch.usecases.report import Choice

SINCE = "report since:"  # meta, with the report's name: since when the config has it
LOOKED_FOR = timedelta(days=2)  # for a letter of which nobody knows whether it left
ENCLOSED_MAX = 3_000_000  # bytes of the page as it is: within 30 seconds that leaves over a slow line, too
BACK = timedelta(days=40)  # of failures that are told of
EVENT = "mail"
AT_WILL = "|at will "  # in the key of a letter that somebody asked for, before the instant
APOLOGY = "apology|"  # begins the key of a letter to a company (apologising.py); all others go to our own people
APOLOGISED_FOR = timedelta(days=30)  # as long as the questions are; a provider may let a few dozen go in a day
DAY = timedelta(days=1)
FOLDER = "mailed"  # under the one that reports are written to


@dataclass(slots=True)
class Mailing:
    """What one pass did, by recipient. `failures` are sentences about what did not leave, or may not have."""

    sent: list[Letter] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def mail_due(world: World) -> Mailing:
    """Send every report that is due and whatever an earlier pass left; look for what may have left. Cheap where idle.

    Of several that were missed the newest alone is sent. What was due before the config had the report never is.
    """
    done = Mailing()
    if not world.config.reports and not world.store.letters(*_OPEN):
        return done
    for letter in world.store.expire_letters():
        _fail(world, letter, "nobody knows whether it left: the process that sent it did not report back", done)
    if not world.halted():
        for report in world.config.reports:
            _intend_due(world, report, done)
    _send(world, world.store.letters(LetterState.INTENDED), done)
    _look_for(world)
    return done


_OPEN = (LetterState.INTENDED, LetterState.SENDING, LetterState.UNCERTAIN)


def mail_now(world: World, report: MailedReport, choice: Choice | None = None, to: Sequence[str] = ()) -> list[Letter]:
    """Send a report at once, one letter more whatever left before; returns the letters as they then stand.

    `choice` says what it is about in place of the report's own period, `to` who gets it in place of its recipients.

    Raises:
        UsageError: nothing may be sent now.
    """
    halted = world.halted(account=report.account)
    if halted:
        raise UsageError(f"report --mail: not sent: {halted}")
    now = world.clock.now()
    made = _letters(
        world,
        replace(report, to=tuple(to) or report.to),
        choice or choice_of(world, report, now),
        once=f"{AT_WILL}{to_micros(now)}",
    )
    letters = world.store.add_letters(made)
    _send(world, letters, Mailing())
    return world.store.letters(keys=[one.key for one in letters])


def choice_of(world: World, report: MailedReport, due: datetime) -> Choice:
    """Return what a report that is due then is about."""
    from slawatch import periods  # noqa: PLC0415  only where a report is made
    from slawatch.usecases.report import Choice  # noqa: PLC0415  same

    period = rhythm.period(report.period, due, world.config.zone)
    return Choice(
        since=period.since,
        until=period.until,
        kind=periods.show(report.period),
        companies=report.companies,
        lang=report.lang,
        name=report.name,
    )


def troubles(world: World) -> list[str]:
    """Return a sentence for each report that could not be made or whose newest letter to somebody did not surely leave.

    A letter that left takes the trouble of those before it away.
    """
    found = [said for report in world.config.reports if (said := not_made.sentence(world, report.name))]
    newest = {
        (one.about, one.recipient): one for one in world.store.letters(since=world.clock.now() - BACK)
    }  # the oldest first
    return found + [sentence(one) for one in newest.values() if one.state in _TOLD and (one.attempts or one.detail)]


_TOLD = {
    LetterState.INTENDED: "not sent yet, will be tried again",
    LetterState.UNCERTAIN: "nobody knows whether it left, and it is not sent again",
    LetterState.REFUSED: "refused",
    LetterState.WITHDRAWN: "given up",
}


def sentence(letter: Letter) -> str:
    """Return what became of a letter that has not surely left."""
    return f"{_name(letter)} to {letter.recipient}: {_TOLD.get(letter.state, letter.state.value)}: {letter.detail}"


# --- what is due ---


def _intend_due(world: World, report: MailedReport, done: Mailing) -> None:
    now = world.clock.now()
    due = rhythm.newest_due(report.every, now, world.config.zone)
    since = world.store.meta(f"{SINCE}{report.name}")
    if since is None:
        world.store.set_meta(f"{SINCE}{report.name}", now.isoformat())
        return
    if due is None or due < datetime.fromisoformat(since):
        return
    choice = choice_of(world, report, due)
    # All recipients of a report are intended together: who is added to the config later gets the next one.
    before = world.store.letters(about=report.name, until=choice.until)
    if any(AT_WILL not in one.key for one in before):
        return
    failure = not_made.of(world, report.name)
    if failure is not None and failure.rests(choice.until, now):
        return
    try:
        made = _letters(world, report, choice)
    except SlawatchError as error:
        why = f"it could not be made: {error}"
        if not_made.remember(world, report.name, choice.until, why):
            world.store.event(EVENT, report.name, why)
            world.tell(News(what="not-mailed", words=f"{why}; it is tried again after growing pauses", ref=report.name))
        done.failures.append(f"report {report.name}: {why}")
        return
    not_made.forget(world, report.name)
    world.store.add_letters(made)


def key_of(report: MailedReport, until: datetime, recipient: str) -> str:
    """Return what makes a letter the same letter: which report, up to when, to whom."""
    return f"{report.name}|{until:%Y-%m-%dT%H:%MZ}|{recipient.lower()}"


def _letters(world: World, report: MailedReport, choice: Choice, once: str = "") -> list[LetterDraft]:
    """Make the report, keep its file, and return a letter for each recipient."""
    from slawatch.channels.base import Enclosure, FindsNotes, Note  # noqa: PLC0415  hardly any pass mails a report
    from slawatch.report.mail import CONTENT_ID, Sending  # noqa: PLC0415  same

    channel = world.channel(report.account)
    sender = str(getattr(world.config.accounts[report.account].settings, "address", report.account))
    worded, page = _made(world, report, choice)
    logo = report.logo.read_bytes() if report.logo else None
    media = (media_of(logo) if logo else None) or ""
    drafts = []
    for recipient in report.to:
        key = f"{key_of(report, choice.until, recipient)}{once}"
        said = worded(
            Sending(name=report.name, sender=sender, to=recipient, attached=page.name, logo=logo, logo_media=media)
        )
        shown = Enclosure(name=f"logo.{media[6:]}", media=media, raw=logo or b"", content_id=CONTENT_ID)
        note = Note(
            to=recipient,
            subject=said.subject,
            body=said.text,
            html=said.html,
            key=f"report.{blake2b(key.encode(), digest_size=12).hexdigest()}",
            lang=choice.lang,
            enclosures=(shown, page) if said.shows_logo else (page,),
            unsubscribe=said.stop,
            evidence=True,
        )
        drafts.append(
            LetterDraft(
                key=key,
                about=report.name,
                until=choice.until,
                account=report.account,
                recipient=recipient,
                subject=said.subject,
                message_id=channel.note_id(note.key) if isinstance(channel, FindsNotes) else note.key,
                packed=packed(note),
            )
        )
    return drafts


def _made(world: World, report: MailedReport, choice: Choice) -> tuple[Callable[[Sending], Mail], Enclosure]:
    """Make the report, write and remember its file; return what words its mail, and the file, a large one zipped."""
    from slawatch.channels.base import Enclosure  # noqa: PLC0415  hardly any pass mails a report
    from slawatch.usecases import reported  # noqa: PLC0415  same
    from slawatch.usecases.report import write_whole  # noqa: PLC0415  same
    from slawatch.usecases.wide import is_wide  # noqa: PLC0415  same

    day = world.clock.now().astimezone(ZoneInfo(world.config.zone)).date()
    stem = f"report-{day}" if report.name == NAME else f"report-{day}-{report.name}"
    page, material, figures, worded = _wide(world, choice) if is_wide(world, choice) else _listed(world, choice)
    written = write_whole(_free(world.config.out / FOLDER, stem), page)
    reported.keep(world, choice, material, figures, written)
    raw = written.read_bytes()
    if len(raw) <= ENCLOSED_MAX:
        return worded, Enclosure(name=written.name, media="text/html", raw=raw)
    name = f"{written.name}.zip"
    return worded, Enclosure(name=name, media="application/zip", raw=zipped(written.name, raw))


def _free(folder: Path, stem: str) -> Path:
    """Return the first name that no page has: somebody holds the others, and may want to have them verified."""
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    return next(path for name in names if not (path := folder / f"{name}.html").exists())


def _listed(world: World, choice: Choice) -> tuple[str, Material, Mapping[str, Any], Callable[[Sending], Mail]]:
    """Return page, material, figures and what words the mail, of a report that lists its requests."""
    from slawatch.report import build, mail, render  # noqa: PLC0415  hardly any pass mails a report
    from slawatch.usecases.report import gather  # noqa: PLC0415  same

    folder = world.config.folder
    book = build.build(gather(world, choice))
    page = render.html(book, lang=choice.lang, folder=folder)
    if len(page) > ENCLOSED_MAX and book.pictures[0]:
        book = build.build(gather(world, replace(choice, pictures=False)))
        page = render.html(book, lang=choice.lang, folder=folder)
    return page, book.material, render.data(book), partial(mail.mail, book, lang=choice.lang, folder=folder)


def _wide(world: World, choice: Choice) -> tuple[str, Material, Mapping[str, Any], Callable[[Sending], Mail]]:
    """Return the same of a report over very many companies or requests."""
    from slawatch.report import wide, wide_figures, wide_mail, wide_page  # noqa: PLC0415  hardly any report is of thousands
    from slawatch.usecases.wide import gather_wide  # noqa: PLC0415  same

    folder = world.config.folder
    book = wide.build(*gather_wide(world, choice))
    page = wide_page.html(book, lang=choice.lang, folder=folder)
    worded = partial(wide_mail.mail, book, lang=choice.lang, folder=folder)
    kept = wide_figures.to_keep(book, wide_page.data(book, companies=False))
    return page, book.material, kept, worded


def zipped(name: str, raw: bytes) -> bytes:
    """Return an archive that holds this one file, as every system opens one; the same for the same file."""
    import io  # noqa: PLC0415  only for a large report
    import zipfile  # noqa: PLC0415  same

    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), raw, zipfile.ZIP_DEFLATED)
    return into.getvalue()


# --- packing ---


def packed(note: Note) -> bytes:
    """Return the note as the outbox keeps it: a line of JSON, then the files' bytes, all of it compressed."""
    facts = asdict(note)
    files = [facts_of | {"raw": len(facts_of["raw"])} for facts_of in facts.pop("enclosures")]
    head = json.dumps({**facts, "enclosures": files}, ensure_ascii=False).encode()
    return zlib.compress(b"\n".join([head, b"".join(one.raw for one in note.enclosures)]))


def unpacked(raw: bytes) -> Note:
    """Return the note that was packed."""
    from slawatch.channels.base import Enclosure, Note  # noqa: PLC0415  hardly any pass mails a report

    head, _, rest = zlib.decompress(raw).partition(b"\n")
    facts = json.loads(head)
    files = []
    for one in facts.pop("enclosures"):
        size = one.pop("raw")
        files.append(Enclosure(**one, raw=rest[:size]))
        rest = rest[size:]
    return Note(**facts, enclosures=tuple(files))


# --- on their way ---


def _send(world: World, letters: Sequence[Letter], done: Mailing) -> None:
    resting: set[str] = set()
    paces = _Paces(world)
    for letter in letters:
        now = world.clock.now()
        gone = letter.account not in world.config.accounts
        if gone or now - letter.intended_at >= (APOLOGISED_FOR if _apologises(letter) else GIVE_UP_AFTER):
            why = f'the account "{letter.account}" is no longer in the config' if gone else letter.detail
            if world.store.settle_letter(letter, LetterState.WITHDRAWN, detail=why):
                _fail(world, letter, f"given up: {why}", done)
        elif letter.next_attempt_at > now or letter.account in resting or _held(world, letter):
            continue
        elif _apologises(letter) and not paces.allow(letter):
            continue  # like the questions: what a provider lets go in a day goes today, the rest tomorrow
        elif not _attempt(world, letter, done):
            resting.add(letter.account)  # a wrong password tried for every recipient gets an account locked


def send_letters(world: World, letters: Sequence[Letter]) -> Mailing:
    """Try these letters once now, those that nothing holds; what could not leave is tried again by later passes."""
    done = Mailing()
    _send(world, letters, done)
    return done


def apology_key(company: str, address: str, newest: str) -> str:
    """Return what makes an apology the same one: to whom, and about what up to which request."""
    return f"{APOLOGY}{company}|{address.lower()}|{newest}"


def _held(world: World, letter: Letter) -> bool:
    """Whether something keeps the letter here for now.

    An apology leaves although everything is paused: the abort that it belongs to has paused it. It never goes to whom
    wants to be left alone.
    """
    if not _apologises(letter):
        return bool(world.halted(account=letter.account))
    company = letter.key.removeprefix(APOLOGY).partition("|")[0]
    stopped = (world.config.folder / STOP_FILE).exists() or f"account:{letter.account}" in world.store.paused()
    return stopped or world.store.opted_out(company, letter.recipient) is not None


def _apologises(letter: Letter) -> bool:
    return letter.key.startswith(APOLOGY)


class _Paces:
    """How fast apologies leave: as fast as the questions that they are about did, whoever else was told meanwhile."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._left: dict[str, list[datetime]] = {}

    def allow(self, letter: Letter) -> bool:
        """Whether the account's rate lets this one go now; if so it counts as gone."""
        now = self._world.clock.now()
        left = self._left.get(letter.account)
        if left is None:
            left = self._world.store.sent_instants(letter.account, now - DAY)
            tried = self._world.store.letters(since=now - APOLOGISED_FOR - DAY)
            left += [one.started_at for one in tried if _apologises(one) and one.started_at is not None]
            self._left[letter.account] = left
        if rate_wait(self._world, letter.account, [one for one in left if one > now - DAY]) is not None:
            return False
        left.append(now)
        return True


def _name(letter: Letter) -> str:
    if _apologises(letter):
        return "apology"
    return f"report {letter.about}" if letter.about else "report"


def _attempt(world: World, letter: Letter, done: Mailing) -> bool:
    """Try once; whatever ends this process in between leaves the letter to its lease. False: the server is away."""
    taken = world.store.start_letter(letter, worker=world.worker, lease=LEASE)
    if taken is None or taken.packed is None:
        return True

    def finish(state: LetterState, detail: str, **more: datetime) -> None:
        world.store.finish_letter(taken, state, worker=world.worker, detail=detail, **more)

    try:
        at, evidence = _written(world, taken, unpacked(taken.packed))
    except ChannelRefusedError as error:
        finish(LetterState.REFUSED, str(error))
        _fail(world, letter, f"refused: {error}", done)
    except ChannelUnavailableError as error:
        now = world.clock.now()
        # As long again as it has been tried for: the pauses double without counting the tries.
        retry_at = now + min(max(now - letter.intended_at, FIRST_RETRY), LONGEST_RETRY)
        finish(LetterState.INTENDED, str(error), retry_at=max(retry_at, error.retry_at or now))
        _fail(world, letter, f"not sent, will be tried again: {error}", done)
        return False
    except ChannelUncertainError as error:
        finish(LetterState.UNCERTAIN, str(error))
        _fail(world, letter, f"nobody knows whether it left: {error}", done)
    else:
        finish(LetterState.SENT, evidence, sent_at=at)
        done.sent.append(letter)
        world.tell(News(what="mailed", words=f'"{letter.subject}" to {letter.recipient}', ref=letter.about))
    return True


def _written(world: World, letter: Letter, note: Note) -> tuple[datetime, str]:
    from slawatch.channels.base import Sent, Writes  # noqa: PLC0415  hardly any pass mails a report

    channel = world.channel(letter.account)
    if not isinstance(channel, Writes):
        raise ChannelRefusedError(f'{letter.account}: no e-mail can leave from it; correct "account" of the report')
    said = channel.write(note)
    return (said.accepted_at, said.evidence) if isinstance(said, Sent) else (world.clock.now(), "")


def _look_for(world: World) -> None:
    """Settle what may have left by the mailbox's own evidence. What is not found proves nothing and stays uncertain."""
    for letter in world.store.letters(LetterState.UNCERTAIN, since=world.clock.now() - LOOKED_FOR):
        if letter.account not in world.config.accounts:
            continue
        from slawatch.channels.base import FindsNotes, Sent  # noqa: PLC0415  hardly any pass finds one

        channel = world.channel(letter.account)
        if not isinstance(channel, FindsNotes):
            continue
        try:
            found = channel.find_note(letter.message_id.partition("@")[0])
        except ChannelError as error:
            world.tell(News(what="not-observed", words=f"cannot look: {error}", ref=letter.about))
            continue
        if isinstance(found, Sent):
            world.store.settle_letter(letter, LetterState.SENT, detail=found.evidence, sent_at=found.accepted_at)
            world.tell(News(what="settled", words=f"it did leave to {letter.recipient}", ref=letter.about))


def _fail(world: World, letter: Letter, why: str, done: Mailing) -> None:
    world.store.event(EVENT, letter.key, why)
    world.tell(News(what="not-mailed", words=f"to {letter.recipient}: {why}", ref=letter.about))
    done.failures.append(f"{_name(letter)} to {letter.recipient}: {why}")
