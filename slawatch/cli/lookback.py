"""`slawatch lookback`: the waits in mail that lies somewhere already. Sends nothing, writes into no mailbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slawatch.cli.bar import shown_progress
from slawatch.cli.lines import counted, harmless, table
from slawatch.cli.options import config_option, examples, json_option, local, machine_zone, moment, print_json
from slawatch.durations import show
from slawatch.errors import UsageError

if TYPE_CHECKING:
    from slawatch.config import Config
    from slawatch.mail.archive import Archive
    from slawatch.report.book import Book, Group
    from slawatch.usecases.lookback import LookedBack
    from slawatch.usecases.questions import Wanted
    from slawatch.usecases.survey import Ours

TOP = 20
EVERY_ACCOUNT = "*"
HEADS = ("Company", "Questions", "Answered", "Missed", "Open", "Void", "Median wait")
GUESS_FROM = 2000  # letters that are looked at to guess who we are


@click.command(
    "lookback",
    epilog=examples(
        "slawatch lookback --imap",
        "slawatch lookback --mbox Inbox --mbox Sent --ours anna@example.org",
        "slawatch lookback --maildir ~/Maildir --as answerer --ours shop.example --since 2026-01-01",
        "slawatch lookback --imap main --company shop=shop.example,shop.example.com --text",
    ),
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@config_option
@json_option
@click.option(
    "--imap",
    "account",
    metavar="[ACCOUNT]",
    is_flag=False,
    flag_value=EVERY_ACCOUNT,
    help="Read the mailbox of this account of the config, without ACCOUNT that of the only one; nothing in it changes.",
)
@click.option("--folder", "folders", multiple=True, help="Only this folder of it; may be given several times.")
@click.option("--mbox", "mboxes", multiple=True, type=click.Path(path_type=Path), help="An mbox file; likewise.")
@click.option("--maildir", "maildirs", multiple=True, type=click.Path(path_type=Path), help="A Maildir; likewise.")
@click.option(
    "--as",
    "role",
    type=click.Choice(["asker", "answerer"]),
    default="asker",
    show_default=True,
    help="Our letters and what outsiders answered, or outsiders' letters and what we answered.",
)
@click.option(
    "--ours",
    multiple=True,
    metavar="ADDRESS|DOMAIN",
    help="Who we are; may be given several times. Default: the addresses of the config's accounts.",
)
@click.option("--since", "first", default="", metavar="DAY", help="Only questions from this day on (2026-01-01).")
@click.option("--until", "last", default="", metavar="DAY", help="Only questions up to this day.")
@click.option(
    "--company",
    "companies",
    multiple=True,
    metavar="NAME=DOMAIN,...",
    help="Only this company, whose domains or addresses these are; may be given several times.",
)
@click.option("--top", type=click.IntRange(min=1), default=TOP, show_default=True, help="So many companies at most.")
@click.option("--excerpts", is_flag=True, help="Show how letters begin, too; they are other people's.")
@click.option("--text", "as_text", is_flag=True, help="Print the figures as plain text.")
@click.option("--out", "path", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the HTML file.")
def command(
    config_path: Path,
    *,
    paths: tuple[Path, ...],
    as_json: bool,
    account: str | None,
    folders: tuple[str, ...],
    mboxes: tuple[Path, ...],
    maildirs: tuple[Path, ...],
    role: str,
    ours: tuple[str, ...],
    first: str,
    last: str,
    companies: tuple[str, ...],
    top: int,
    excerpts: bool,
    as_text: bool,
    path: Path | None,
) -> None:
    """Measure past waits in mail that is there already: a mailbox by IMAP, mbox files, Maildirs.

    Nothing is sent, nothing in a mailbox changes, nothing goes into the store. Letters are put together into
    conversations; each that opens one counts as a question. Automatic mail is told apart as in every other report,
    newsletters are left out, and what nobody has answered counts as waiting up to the newest letter.

    PATH is an mbox file or a Maildir, as --mbox and --maildir name them. Files need no config.
    """
    from slawatch.report import build  # noqa: PLC0415 - numpy takes its time to load
    from slawatch.usecases.lookback import look_back  # noqa: PLC0415 - what reads mail does, too

    config = _config(config_path, needed=account is not None)
    mboxes = (*mboxes, *(one for one in paths if not one.is_dir()))
    maildirs = (*maildirs, *(one for one in paths if one.is_dir()))
    if account is None and not mboxes and not maildirs:
        raise UsageError("lookback: name what to read: --imap, --mbox FILE or --maildir DIR")
    if folders and account is None:
        raise UsageError("lookback: --folder needs --imap beside it")
    zone = config.zone if config else machine_zone()
    since = moment(first, zone, where="--since") if first else None
    until = moment(last, zone, where="--until", end=True) if last else None
    if since and until and since >= until:
        raise UsageError(f'--until: "{last}" is before --since "{first}"')
    made_at = _now()
    archives = _archives(config, account, folders, mboxes, maildirs, since=since, now=made_at)
    wanted = _wanted(config, role, _ours(ours, config, archives), companies, top, since, until, excerpts=excerpts)
    with shown_progress(quiet=as_json) as tell:
        found = look_back(archives, wanted, made_at=made_at, show=tell)
        tell("computing", 1.0)
        book = build.build(found.material)
    if as_json:
        print_json(_data(found, book))
        return
    if as_text and book.entries:
        click.echo(_text(book, wanted, config))
        return
    _tell(found, book, wanted)
    if book.entries:
        folder = config.out if config else Path("out")
        written = _write(book, wanted, config, path or folder / f"lookback-{role}-{made_at:%Y-%m-%d}.html")
        click.echo(f"report: {written.as_uri()}")


# --- what to read ---


def _config(path: Path, *, needed: bool) -> Config | None:
    if not needed and not path.exists():
        return None
    from slawatch.app import load_config  # noqa: PLC0415 - on use

    return load_config(path)[0]


def _archives(
    config: Config | None,
    account: str | None,
    folders: Sequence[str],
    mboxes: Sequence[Path],
    maildirs: Sequence[Path],
    *,
    since: datetime | None,
    now: datetime,
) -> list[Archive]:
    from slawatch.mail.archive import Maildir, Mbox  # noqa: PLC0415 - on use

    found: list[Archive] = [*map(Mbox, mboxes), *map(Maildir, maildirs)]
    if config is not None and account is not None:
        from slawatch.clock import SystemClock  # noqa: PLC0415 - on use
        from slawatch.usecases.lookback import mailbox_of  # noqa: PLC0415 - same

        name = _account(config, account)
        found.append(mailbox_of(config, name, folders=folders, since=since, now=now, clock=SystemClock()))
    return found


def _account(config: Config, name: str) -> str:
    mail = [one for one, account in config.accounts.items() if account.channel == "email"]
    known = ", ".join(mail) or "none"
    if name != EVERY_ACCOUNT:
        if name not in mail:
            raise UsageError(f'--imap: there is no e-mail account "{name}" in {config.path.name}; there are: {known}')
        return name
    if len(mail) != 1:
        raise UsageError(f"--imap: name the account; {config.path.name} has: {known}")
    return mail[0]


def _ours(names: Sequence[str], config: Config | None, archives: Sequence[Archive]) -> Ours:
    from slawatch.usecases.survey import Ours  # noqa: PLC0415 - on use

    accounts = config.accounts.values() if config else ()
    given = list(names) or [str(getattr(one.settings, "address", "")) for one in accounts if one.channel == "email"]
    if not given:
        raise UsageError(f"lookback: say who you are with --ours ADDRESS{_guess(archives)}")
    for one in given:
        if "." not in one.rpartition("@")[2] and not one.endswith("localhost"):
            raise UsageError(f'--ours: "{one}" is neither an address (anna@shop.example) nor a domain (shop.example)')
    return Ours.read(given)


def _guess(archives: Sequence[Archive]) -> str:
    """Return who most letters came to, for the reader to take or leave."""
    from contextlib import ExitStack  # noqa: PLC0415 - on use

    from slawatch.usecases.survey import addresses  # noqa: PLC0415 - same

    with ExitStack() as stack:
        for one in archives:
            stack.enter_context(one)
        often = Counter(addresses(archives, GUESS_FROM)).most_common(1)
    return f"; most letters here came to {harmless(often[0][0])}" if often else ""


def _wanted(
    config: Config | None,
    role: str,
    ours: Ours,
    companies: Sequence[str],
    top: int,
    since: datetime | None,
    until: datetime | None,
    *,
    excerpts: bool,
) -> Wanted:
    from slawatch.usecases.questions import Wanted  # noqa: PLC0415 - on use

    named = dict(pair for one in companies for pair in _company(one))
    names = dict(named)
    standards = {}
    for company in config.companies.values() if config else ():
        standards.update({company.name: company.targets[0].standard} if company.targets else {})
        for domain in company.domains if not companies else ():
            names[domain] = company.name
    return Wanted(
        ours=ours,
        we_ask=role == "asker",
        since=since,
        until=until,
        top=top,
        names=names,
        only_named=bool(companies),
        standards=standards,
        zone=config.zone if config else machine_zone(),
        lang=config.lang if config else "en",
        excerpts=excerpts,
        config_digest=config.digest if config else "none",
    )


def _company(text: str) -> Iterator[tuple[str, str]]:
    """Yield (domain or address, company) of "NAME=DOMAIN,ADDRESS"."""
    name, equals, rest = text.partition("=")
    domains = [one.strip().lower() for one in rest.split(",") if one.strip()]
    if not (name.strip() and equals and domains):
        raise UsageError(f'--company: "{text}" is not of the form NAME=DOMAIN or NAME=DOMAIN,DOMAIN')
    for domain in domains:
        yield domain, name.strip()


# --- what came out ---


def _tell(found: LookedBack, book: Book, wanted: Wanted) -> None:
    """Print in a few lines what the figures rest on, and the companies."""
    from slawatch.report.sentences import Sentences  # noqa: PLC0415 - on use

    words = Sentences("en", folder=None, space=" ")
    past = found.past
    click.echo(
        f"read {counted(past.letters, 'letter')} in {', '.join(map(harmless, past.sources))}: "
        f"{counted(past.conversations, 'conversation')}, {counted(len(book.entries), 'question')} "
        f"{'of ours' if wanted.we_ask else 'to us'}"
    )
    for line in words.left_out(book):
        click.echo(f"  {line}")
    if found.observed_until is not None:
        click.echo(f"answers are seen up to {local(found.observed_until, wanted.zone)} ({wanted.zone})")
    if not book.entries:
        who, side = ("yours", "--as answerer") if wanted.we_ask else ("outsiders", "--as asker")
        click.echo(
            f"nothing to measure: no letter of {who} began a conversation; give sent and received mail, all your "
            f"addresses with --ours, or try {side}"
        )
        return
    if found.observed_until is None:
        click.echo(f"note: there is no letter of {'theirs' if wanted.we_ask else 'ours'}; give sent and received mail")
    rows = [_row(group) for group in sorted(book.groups, key=lambda group: -group.n) if group.company]
    for line in table(HEADS, rows, whole=HEADS[1:]):
        click.echo(line)
    if book.in_review:
        click.echo(f"note: {words.waiting(book)}")
    if found.groups > wanted.top:
        click.echo(f"the {wanted.top} with the most questions of {found.groups}; --top shows more")


def _row(group: Group) -> tuple[str, ...]:
    """Return what became of a company's questions; an unanswered one is missed once its window has closed."""
    name = group.company.name if group.company else ""
    median = group.first_response.median
    return (
        harmless(name),
        str(group.n),
        str(group.answered),
        str(group.missed),
        str(group.pending),
        str(group.void_total) if group.void_total else "",
        show(median) if median is not None else "–",
    )


def _data(found: LookedBack, book: Book) -> dict[str, Any]:
    """Return what `report --json` says, and what it rests on."""
    from slawatch.report import render  # noqa: PLC0415  jinja is loaded only by what renders

    past = found.past
    return {
        **render.whole_data(book, None),
        "lookback": {
            "as": "asker" if past.we_asked else "answerer",
            "sources": list(past.sources),
            "letters": past.letters,
            "conversations": past.conversations,
            "companies": found.groups,
            "left_out": dict(past.left_out),
            "noted": dict(past.noted),
            "observed_until": found.observed_until,
        },
    }


def _text(book: Book, wanted: Wanted, config: Config | None) -> str:
    from slawatch.report import render  # noqa: PLC0415  jinja is loaded only by what renders

    return render.text(book, lang=wanted.lang, folder=config.folder if config else None)


def _write(book: Book, wanted: Wanted, config: Config | None, path: Path) -> Path:
    from slawatch.report import render  # noqa: PLC0415  jinja is loaded only by what renders
    from slawatch.usecases.report import write_whole  # noqa: PLC0415 - on use

    return write_whole(path, render.html(book, lang=wanted.lang, folder=config.folder if config else None))


def _now() -> datetime:
    from slawatch.clock import SystemClock  # noqa: PLC0415 - on use

    return SystemClock().now()
