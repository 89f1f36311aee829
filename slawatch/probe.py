"""Reads what is asked: one TOML file a probe, strictly, with every mistake at once and each on its line.

It must not let anything pass that should not be written to a company, and decides nothing about when it is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch import tomlfile
from slawatch.errors import ConfigError
from slawatch.model import Probe, Variant, Wording
from slawatch.tomlfile import KeyPath, Mistakes, quoted

if TYPE_CHECKING:
    from slawatch.manners import Offence

LANGUAGES = ("de", "en")  # those in which manners.py knows what not to write

_PLACEHOLDER = re.compile(r"\{[^{}]*\}|[{}]")
_SUBJECT = frozenset({"{company}", "{name}", "{reference}"})
_BODY = frozenset({"{company}", "{name}"})
_AGAIN = _BODY | {"{ticket}"}
_OF_A_CUSTOMER = _BODY | {"{customer_number}"}  # only what the config says of a customer can be filled in there
_COURTESIES = {
    "thanks": _BODY,
    "customer_number": _OF_A_CUSTOMER,
    "again": _AGAIN,
    "again_subject": frozenset({"{ticket}", "{reference}"}),
    "again_short": frozenset({"{company}", "{ticket}"}),
}
_SAYS = {"customer_number": "{customer_number}", "again": "{ticket}", "again_short": "{ticket}"}
_POST = frozenset({"{company}"})  # who asks is the account itself
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

POST_MAX = 240  # of the 280 that X takes; the rest is for "@", up to 15 letters of a handle and a longer company's name
COMPANY_LENGTH = 25  # of a company's name, where the length of a post is judged before any company is known
# Whatever is not of length 1, as X's own library (twitter-text, configuration 3) has it.
_DOUBLE = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_MARKS = {"@": "would mention somebody; leave it to slawatch who is asked", "#": "would tag it; leave it out"}
_LINK = re.compile(r"https?:\S*|[\w}]+\.[^\W\d_]{2,}\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courtesies:
    """What can be said in every matter, in one language and several wordings each; may hold the placeholder {name}.

    `again` asks about a matter once more on another way, by the company's own number for it ({ticket}): in a letter
    under `again_subject`, in a post or a chat `again_short`.
    """

    thanks: tuple[str, ...]
    customer_number: tuple[str, ...]  # these hold {customer_number}
    again: tuple[str, ...] = ()
    again_subject: tuple[str, ...] = ()
    again_short: tuple[str, ...] = ()


def names(folders: Sequence[Path]) -> list[str]:
    """Return the names of all probes without reading them."""
    return sorted(_files(folders))


def load_all(folders: Sequence[Path], *, judge: bool = True) -> Mapping[str, Probe]:
    """Return all probes by name; of two files of one name that in the earlier folder counts. Missing folders are empty.

    Judging costs ten times what reading does. Where most passes send nothing, leave `judge` out and hold what is really
    about to be sent against `require_manners`.

    Raises:
        ConfigError: any file has a mistake or says what may not be written to a company; one line each, all at once.
    """
    probes: dict[str, Probe] = {}
    problems: list[str] = []
    for name, path in sorted(_files(folders).items()):
        try:
            probes[name] = load(path, judge=judge)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return probes


def load(path: Path, *, judge: bool = True) -> Probe:
    """Return the probe in one file, named after the file.

    Raises:
        ConfigError: as `load_all`.
    """
    document = tomlfile.read(path)
    mistakes = Mistakes(document)
    probe = _probe(path.stem, document.data, mistakes)
    mistakes.stop_if_any()
    if judge:  # after the mistakes: what is not even text cannot be judged
        for offence in _offences(probe):
            mistakes.add(offence.path, _said(offence))
        mistakes.stop_if_any()
    return probe


def load_courtesies(folders: Sequence[Path]) -> Mapping[str, Courtesies]:
    """Return by language what is said in every matter; of two files of one name that in the earlier folder counts.

    Raises:
        ConfigError: any file has a mistake or says what may not be written to a company; one line each, all at once.
    """
    found: dict[str, Courtesies] = {}
    problems: list[str] = []
    for lang, path in sorted(_files(folders).items()):
        try:
            found[lang] = _courtesies(path)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return found


def _courtesies(path: Path) -> Courtesies:
    document = tomlfile.read(path)
    mistakes = Mistakes(document)
    if path.stem not in LANGUAGES:
        mistakes.add((), f"{quoted(path.stem)} is no language here; name the file {tomlfile.one_of(LANGUAGES)}")
    keys = ("thanks", "customer_number", "again", "again_subject", "again_short")
    mistakes.add_unknown_keys((), document.data, keys)
    texts = {key: _strings((key,), document.data.get(key, []), mistakes) for key in keys}
    for key, each in texts.items():
        for index, text in enumerate(each):
            _check_placeholders((key, index), text, _COURTESIES[key], mistakes)
            must = _SAYS.get(key, "")
            if must not in text:
                mistakes.add((key, index), f'{quoted(text)} does not say it; write "{must}" where it stands')
    mistakes.stop_if_any()
    for key, each in texts.items():
        if key == "again_subject":
            continue  # a line above a text that is judged
        said = Wording(variants=tuple(Variant(subject="", body=text) for text in each), expects=(), follow_up="")
        for offence in _offences(Probe(name=path.stem, wordings={path.stem: said}, customer=key == "customer_number")):
            mistakes.add((key, *offence.path[2:3]), _said(offence))
    mistakes.stop_if_any()
    return Courtesies(**texts)


def lint(probe: Probe) -> list[str]:
    """Return what should not be written to a company, a line each: place, rule, words, what to do instead."""
    return [f"{probe.name}: {tomlfile.where(offence.path)}: {_said(offence)}" for offence in _offences(probe)]


def require_manners(probe: Probe) -> None:
    """Raise ConfigError with the lines of `lint` for a probe that may not be sent; return where it may."""
    faults = lint(probe)
    if faults:
        raise ConfigError(faults)


def _offences(probe: Probe) -> Iterator[Offence]:
    from slawatch.manners import offences  # noqa: PLC0415  its rules are long, and most passes send nothing

    return offences(probe)


def _said(offence: Offence) -> str:
    return f"{offence.rule}: {quoted(offence.words)}: {offence.instead}"


def _files(folders: Sequence[Path]) -> dict[str, Path]:
    return {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.toml"))}


def _probe(name: str, data: Mapping[str, Any], mistakes: Mistakes) -> Probe:
    if not _NAME.fullmatch(name):
        mistakes.add((), f'{quoted(name)} is no name for a probe; name the file like "delivery-time.toml"')
    mistakes.add_unknown_keys((), data, ("tags", "customer", *LANGUAGES))
    customer = data.get("customer", False)
    if not isinstance(customer, bool):
        mistakes.add(("customer",), f"{quoted(customer)} is neither true nor false; write it without quotes")
    if customer is True:
        for lang in LANGUAGES:
            if isinstance(data.get(lang), dict) and "post" in data[lang]:
                cure = "what only a customer can ask is nothing for the public; leave this table out"
                mistakes.add((lang, "post"), cure)
    tags = _strings(("tags",), data.get("tags", []), mistakes)
    in_reply = _OF_A_CUSTOMER if customer is True else _BODY
    wordings = {lang: _wording((lang,), data[lang], in_reply, mistakes) for lang in LANGUAGES if lang in data}
    if not wordings:
        mistakes.add((), 'there is no "de" and no "en"; write at least one of them as a table, [en]')
    return Probe(name=name, wordings=wordings, tags=tags, customer=customer is True)


def _wording(path: KeyPath, table: Any, in_reply: frozenset[str], mistakes: Mistakes) -> Wording:
    if not isinstance(table, dict):
        mistakes.add(path, f"{quoted(table)} is no table; write [{path[-1]}] on a line of its own")
        return Wording(variants=(), expects=(), follow_up="")
    mistakes.add_unknown_keys(path, table, ("expects", "follow_up", "post", "variant"))
    expects = _strings((*path, "expects"), table.get("expects", []), mistakes)
    if not table.get("expects"):
        mistakes.add((*path, "expects"), 'is missing; list what a complete answer holds: ["delivery time in days"]')
    variants = table.get("variant")
    if not isinstance(variants, list) or not variants:
        mistakes.add((*path, "variant"), f"is missing; write each wording under [[{path[-1]}.variant]]")
        variants = []
    posts, post_follow_up = _posts((*path, "post"), table["post"], mistakes) if "post" in table else ((), "")
    return Wording(
        variants=tuple(_variant((*path, "variant", index), each, mistakes) for index, each in enumerate(variants)),
        expects=expects,
        follow_up=_text((*path, "follow_up"), table, in_reply, mistakes),
        posts=posts,
        post_follow_up=post_follow_up,
    )


def _posts(path: KeyPath, table: Any, mistakes: Mistakes) -> tuple[tuple[str, ...], str]:
    if not isinstance(table, dict):
        mistakes.add(path, f"{quoted(table)} is no table; write [{tomlfile.where(path)}] on a line of its own")
        return (), ""
    mistakes.add_unknown_keys(path, table, ("follow_up", "texts"))
    if table.get("texts", []) == []:
        mistakes.add((*path, "texts"), 'is missing; list the wordings: ["…?", "…?"]')
    texts = _strings((*path, "texts"), table.get("texts", []), mistakes)
    for index, text in enumerate(texts):
        _check_placeholders((*path, "texts", index), text, _POST, mistakes)
        _check_post((*path, "texts", index), text, mistakes)
        if "?" not in text:
            mistakes.add((*path, "texts", index), f'{quoted(text)} asks nothing; write a question, with its "?"')
    follow_up = _text((*path, "follow_up"), table, frozenset(), mistakes).strip()
    _check_post((*path, "follow_up"), follow_up, mistakes)
    return texts, follow_up


def _check_post(path: KeyPath, text: str, mistakes: Mistakes) -> None:
    """Note what a platform would not take, or would make something else of."""
    if len(text.splitlines()) > 1:
        mistakes.add(path, f"{quoted(text)} is more than one line; write it on one")
    plain = unicodedata.normalize("NFKC", text)  # platforms know the fullwidth forms of these signs too
    for mark, cure in _MARKS.items():
        if mark in plain:
            mistakes.add(path, f'"{mark}" in {quoted(text)} {cure}')
    for link in _LINK.findall(plain):
        mistakes.add(path, f"{quoted(link)} would become a link; leave it out, or write a space after the full stop")
    length = post_length(text.replace("{company}", "x" * COMPANY_LENGTH))
    if length > POST_MAX:
        named = f" with a company's name of {COMPANY_LENGTH} letters" if "{company}" in text else ""
        mistakes.add(path, f"{quoted(text)} counts {length}{named}; write at most {POST_MAX}, as X counts")


def post_length(text: str) -> int:
    """Return the length as X counts it: 1 for letters of alphabets, 2 for anything else, such as Chinese and emoji.

    An emoji made of several code points counts more here than there, where it is 2.
    """
    composed = unicodedata.normalize("NFC", text)
    return len(composed) + len(_DOUBLE.findall(composed))


def _variant(path: KeyPath, table: Any, mistakes: Mistakes) -> Variant:
    if not isinstance(table, dict):
        mistakes.add(path, f"{quoted(table)} is no table; give it a subject and a body")
        return Variant(subject="", body="")
    mistakes.add_unknown_keys(path, table, ("subject", "body"))
    subject = _text((*path, "subject"), table, _SUBJECT, mistakes)
    if subject and subject.count("{reference}") != 1:
        mistakes.add(
            (*path, "subject"),
            f'{quoted(subject)} must hold "{{reference}}" exactly once: replies in a new thread are known by it',
        )
    if "\n" in subject.strip():
        mistakes.add((*path, "subject"), f"{quoted(subject)} is more than one line; write it on one")
    return Variant(subject=subject, body=_text((*path, "body"), table, _BODY, mistakes))


def _text(path: KeyPath, table: Mapping[str, Any], placeholders: frozenset[str], mistakes: Mistakes) -> str:
    text = table.get(str(path[-1]))
    if text is None:
        mistakes.add(path, "is missing; write it as a text in quotes")
        return ""
    if not isinstance(text, str) or not text.strip():
        mistakes.add(path, f"{quoted(text)} is no text; write at least a sentence in quotes")
        return ""
    _check_placeholders(path, text, placeholders, mistakes)
    return text


def _check_placeholders(path: KeyPath, text: str, placeholders: frozenset[str], mistakes: Mistakes) -> None:
    cure = f"write {tomlfile.one_of(sorted(placeholders))}" if placeholders else "leave it out"
    for found in dict.fromkeys(_PLACEHOLDER.findall(text)):
        if found not in placeholders:
            mistakes.add(path, f"{quoted(found)} is not filled in here; {cure}")


def _strings(path: KeyPath, value: Any, mistakes: Mistakes) -> tuple[str, ...]:
    if not isinstance(value, list):
        mistakes.add(path, f'{quoted(value)} is no list; write ["…", "…"]')
        return ()
    for index, each in enumerate(value):
        if not isinstance(each, str) or not each.strip():
            mistakes.add((*path, index), f"{quoted(each)} is no text; write it in quotes or leave it out")
    return tuple(str(each).strip() for each in value)
