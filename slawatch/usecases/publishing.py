"""The right of reply: shows a company its figures first, keeps others' reports waiting, keeps what it answers.

Whoever overrides that says why, and the audit log keeps it. Sends nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from slawatch.errors import UsageError
from slawatch.store import Correction, Embargo
from slawatch.usecases.report import Choice, write_whole
from slawatch.usecases.world import World

STATEMENT, CORRECTION = "statement", "correction"
EMBARGOED, LIFTED, SAID = "embargo began", "embargo overridden", "correction added"  # actions of the audit log
FOLDER = "packets"  # under the one that reports are written to
LANGS = ("en", "de")  # of the letter, whoever reads it
LEAST = timedelta(days=1)
WORDS_MAX = 4000  # characters; more is a document, to be linked to


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What a company is given before others see its figures. `files` are the report, the evidence and the letters."""

    embargo: Embargo
    folder: Path
    files: tuple[Path, ...]


def embargo(world: World, choice: Choice, length: timedelta) -> list[Packet]:
    """Write the packet of each company of the choice, and let nobody else see the figures until that time is over.

    Raises:
        UsageError: it is too short to be any use, or nobody was asked in that period.
    """
    if length < LEAST:
        raise UsageError('--embargo: a company needs at least a day to reply; write "14 d"')
    asked = {one.company for one in world.store.requests(since=choice.since, until=choice.until)}
    keys = [key for key in choice.companies if key in asked] if choice.companies else sorted(asked)
    if not keys:
        raise UsageError("--embargo: nobody was asked in this period; choose another one")
    return [_packet(world, replace(choice, companies=(key,)), key, world.clock.now() + length) for key in keys]


def require_free(world: World, choice: Choice, *, override: str = "") -> list[Embargo]:
    """Return the embargoes that were overridden; none where none holds.

    A report about one company alone is what that company was given, and is no publication yet.

    Raises:
        UsageError: a company of the choice still has time to reply.
    """
    if len(choice.companies) == 1:
        return []
    holding = [
        one
        for one in world.store.embargoes(choice.since, choice.until)
        if not choice.companies or one.company in choice.companies
    ]
    if holding and not override:
        last = max(holding, key=lambda one: one.ends_at)
        names = ", ".join(sorted({one.company for one in holding}))
        raise UsageError(
            f"report: {names} may reply until {last.ends_at:%Y-%m-%d %H:%M} UTC; wait, or leave "
            'them out with --company, or say why not: --override-embargo "..."'
        )
    for one in holding:
        world.store.lift_embargo(one.id, override)
        world.store.audit(LIFTED, f"company:{one.company}", override)
    return holding


def add(
    world: World, company: str, kind: str, words: str, *, request: str = "", changed: str = "", actor: str = ""
) -> Correction:
    """Keep what a company states, or what was corrected; it stands in every report from now on.

    Raises:
        UsageError: there is no such company or request, or it says nothing, or a whole document.
    """
    world.require_company(company)
    given = words.strip()
    if not given or len(given) > WORDS_MAX:
        raise UsageError(f"correction: write from 1 to {WORDS_MAX} characters, here are {len(given)}")
    if request:
        found = world.store.request(request)
        if found is None or found.company != company:
            raise UsageError(f'correction: "{request}" is no request to {company}; see "slawatch status"')
        request = found.public_id
    with world.store.together():
        made = world.store.add_correction(company, kind, given, request=request, changed=changed.strip())
        world.store.audit(SAID, f"company:{company}", f"{kind} {made.id}", actor=actor)
    return made


def _packet(world: World, choice: Choice, key: str, ends_at: datetime) -> Packet:
    from slawatch.report import build, render  # noqa: PLC0415  numpy and jinja are loaded only by what renders
    from slawatch.usecases import reported  # noqa: PLC0415  same
    from slawatch.usecases.evidence import pack  # noqa: PLC0415  same
    from slawatch.usecases.report import gather  # noqa: PLC0415  same

    name = re.sub(r"[^\w.-]+", "-", key)  # a company that was imported may be called anything
    folder = world.config.out / FOLDER / f"{world.clock.now():%Y-%m-%d}-{name}"
    book = build.build(gather(world, choice))
    page = write_whole(folder / "report.html", render.html(book, lang=choice.lang, folder=world.config.folder))
    reported.keep(world, choice, book.material, render.data(book), page)
    evidence = folder / "evidence.zip"
    packed = pack(world, evidence, choice)
    letters = [
        write_whole(folder / f"letter.{lang}.txt", _letter(world, choice, key, ends_at, lang, packed.requests))
        for lang in LANGS
    ]
    files = (page, evidence, *letters)
    with world.store.together():
        made = world.store.add_embargo(
            key, since=choice.since, until=choice.until, ends_at=ends_at, sha256=_digest(files)
        )
        world.store.audit(EMBARGOED, f"company:{key}", f"until {ends_at:%Y-%m-%d %H:%M} UTC")
    return Packet(embargo=made, folder=folder, files=files)


def _letter(world: World, choice: Choice, key: str, ends_at: datetime, lang: str, requests: int) -> str:
    """Return the covering letter, to be sent by a person: nothing leaves by itself."""
    from slawatch.report.words import Words  # noqa: PLC0415  loaded with what renders

    words = Words(lang, folder=world.config.folder, space=" ")
    company = world.config.companies.get(key)
    zone = company.zone if company else world.config.zone
    return words.say(
        "embargo.letter",
        company=company.name if company else key,
        since=words.minute(choice.since, zone),
        until=words.minute(choice.until, zone),
        ends=words.minute(ends_at, zone),
        zone=zone,
        questions=words.say("count.question", n=requests),
        head=world.store.chain_head(),
    )


def _digest(files: Sequence[Path]) -> str:
    hashed = hashlib.sha256()
    for path in files:
        hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()
