"""Shows what would be cut from a text before anybody sees it, and by which rule. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from slawatch import rules
from slawatch.errors import UsageError
from slawatch.mail import parse
from slawatch.model import Request
from slawatch.redact import SIGN, TEXT_MAX, Cut, cuts, names_in
from slawatch.report.blot import Blot
from slawatch.report.model import Case
from slawatch.usecases.examine import is_mail
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.world import World

US = "us"  # the rule for tokens, ids, and the names and addresses that we ask under


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A text with its cuts, in order. `ours` is how often a token or we ourselves were taken out before."""

    name: str
    text: str
    cuts: tuple[Cut, ...]
    ours: int = 0

    @property
    def shown(self) -> str:
        """Return the text as it is shown to others."""
        return "".join(self._pieces(lambda cut: cut.put))

    @property
    def marked(self) -> str:
        """Return the text with each cut in brackets, its rule before it."""
        return "".join(self._pieces(lambda cut: f"[{cut.rule}: {self.text[cut.start : cut.end]}]"))

    @property
    def counts(self) -> dict[str, int]:
        """Return how often each rule cut something."""
        return dict(sorted((Counter(cut.rule for cut in self.cuts) + Counter({US: self.ours})).items()))

    def _pieces(self, put: Callable[[Cut], str]) -> Iterator[str]:
        done = 0
        for cut in self.cuts:
            yield self.text[done : cut.start]
            yield put(cut)
            done = cut.end
        yield self.text[done:]


def of(world: World, what: str) -> list[Redacted]:
    """Return the texts of a request's replies, or of a file: a letter as it was received, or plain text.

    Raises:
        UsageError: there is neither such a request nor such a file.
    """
    request = world.store.request(what)
    if request is not None:
        return list(_of_request(world, request))
    path = Path(what)
    try:
        raw = path.read_bytes()[: parse.RAW_MAX]
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise UsageError(f'redact: "{what}" is no request, and as a file: {why}; name one of the two') from None
    people: tuple[str, ...] = ()
    text = raw.decode("utf-8", "replace")
    if is_mail(raw):
        facts = parse.facts(raw.lstrip(b"\r\n"))
        text, people = facts.text, (facts.sender_name,)
    return [_redacted(world, what, text, Blot((), own=world.config.privacy.redaction), people)]


def _of_request(world: World, request: Request) -> Iterator[Redacted]:
    asked_at = request.accepted_at or request.intended_at
    choice = Choice(since=asked_at, until=world.clock.now(), companies=(request.company,), pictures=False)
    material = gather(world, choice)
    own = world.config.privacy.redaction
    for case in material.cases:
        if case.request.id == request.id:
            view = material.companies[request.company]
            blot = Blot(material.cases, ours=material.ours, own=own).within(case, keep=(view.name,))
            for number, text in case.texts.items():
                yield _redacted(world, f"message {number}", text, blot, _people(case))


def _people(case: Case) -> tuple[str, ...]:
    return tuple({*case.people, *(name for text in case.texts.values() for name in names_in(text))})


def _redacted(world: World, name: str, text: str, blot: Blot, people: tuple[str, ...]) -> Redacted:
    left = blot.without_us(text[:TEXT_MAX])
    found = cuts(left, (*people, *names_in(left)), keep=blot.keep, own=world.config.privacy.redaction)
    return Redacted(name=name, text=left, cuts=tuple(found), ours=max(0, left.count(SIGN) - text.count(SIGN)))


RULES = rules.REDACT
