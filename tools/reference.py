"""Writes docs/reference/{commands,config,probes,recipes}.md from the code: tools/reference.py [--check].

With --check it writes nothing and fails where a page differs from what the code says. It invents no words: they come
from the commands' help, the fields' help, the comments in config.example.toml and the probes themselves.
"""
# ruff: noqa: INP001 - a script for the people who work on slawatch, not a package

from __future__ import annotations

import importlib
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from datetime import timedelta
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # behind everything: an installed slawatch is the one to describe

from slawatch import alarms, cli, config, inheritance, mailed, probe, resources, settings  # noqa: E402 - found through the path above
from slawatch.burden import Limits  # noqa: E402 - same
from slawatch.channels import BUILT_IN  # noqa: E402 - same
from slawatch.channels.webchat.recipe_reading import bases  # noqa: E402 - same
from slawatch.channels.webchat.recipe_schema import SECTIONS  # noqa: E402 - same
from slawatch.durations import show  # noqa: E402 - same
from slawatch.model import Objective, ObjectiveKind, Standard  # noqa: E402 - same
from slawatch.secret import Secret  # noqa: E402 - same

WIDTH = 118
HELP = ["-h", "--help"]
FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- Made by tools/reference.py from the code; edit that, then run it again. -->\n"

COMMANDS_HEAD = """\
# Commands

What `slawatch --help` and `slawatch COMMAND --help` say, on one page.

Most commands take `-c FILE`. Without it they use the file that the variable `SLAWATCH_CONFIG` names, else
`config.toml` in the current folder. Exit codes are the same everywhere: [exit codes](exit-codes.md). What `--json`
prints is described in [JSON](json.md).
"""

CONFIG_HEAD = """\
# config.toml

Every key. [config.example.toml](../../config.example.toml) shows all of them in use, and `slawatch init` writes a copy
of it to edit. Mistakes are reported all at once, each with its line and what to write instead.

* A **duration** is written `"30 s"`, `"5 min"`, `"1 h 30 min"`, `"5 d"` or `"2 w"`.
* A **path** is relative to the folder of the config file.
* A **secret** called `smtp_password` is given in one of four ways: `smtp_password_env = "VARIABLE"`,
  `smtp_password_file = "PATH"`, `smtp_password_command = "pass show mail"` (run without a shell; the first line it
  prints counts), or `smtp_password = "..."` itself. It is fetched when it is used, so `slawatch report` needs none.
"""

INHERITED_HEAD = """\
## What is inherited

These keys may stand in `[defaults]`, `[channel.NAME]`, `[company.KEY]` and `[[company.KEY.target]]`. Of several, the
one nearest to the target counts.
"""

OBJECTIVES_HEAD = """\
## Objectives

`first_response` and `answer` are written in one of three ways:

* `{ mean = "1 h" }`: the mean wait is at most that;
* `{ share = 0.9, within = "5 min" }`: at least that share of the waits ends within that time;
* `"none"`: the company is held to nothing here.

What holds where nothing is written:
"""

LIMITS_HEAD = """\
## Limits

What one company is asked to bear, in a table `limits`; `"none"` takes a limit away. Months and quarters are any 30 and
any 91 days, whatever the calendar says. A company with `relationship = "own"` has no limits but those written under its
own name. For one that is neither `own` nor `consented`, a limit above the default needs a `limits_reason`.
[How to ask within limits](../how-to/ask-within-limits.md).
"""

MAILED_HEAD = """\
## [[report]]

A report that leaves by e-mail when it is due. There may be several. [How to mail it](../how-to/mail-the-report.md).
"""

MAILED_MORE = """\
| `language` | the language of this one; without it that of the reports | `language = "de"` |
| `logo` | a PNG or JPEG of 60 kB at most, shown above it; without it none | `logo = "logo.png"` |"""

ALERTS_HEAD = """\
## [[alert]]

Who is told what goes wrong. There may be several. [How to get alerts](../how-to/get-alerts.md).
"""

ALERTS_MORE = """\
| `to_env`, `to_file`, `to_command` | in place of `mail`: what gives the URL of a service of apprise (a secret) | \
`to_env = "ALERT_URL"` |"""

PROBES_HEAD = """\
# Probes

What slawatch can ask. Each is a file in `probes/`; a file of the same name in a folder `probes/` beside your config
takes its place, and a new name adds one: [how to write a probe](../how-to/write-a-probe.md).

Those marked *customers only* are asked only of a company whose config names your real customer number.
"""

RECIPES_HEAD = """\
# Recipes

Every key of a recipe: a file that says how a visitor opens a company's chat on its website, where its lines stand and
who wrote each of them ([how to write one](../how-to/write-a-recipe.md)). Mistakes are reported all at once, each with
its line and what to write instead.

* A **selector** is in [Playwright's language](https://playwright.dev/python/docs/other-locators): CSS, or
  `role=button[name="Chat"]`, `text=Chat` and so on. Shadow roots are looked into.
* A **CSS selector** is CSS alone, where the page itself looks: in `[transcript]` and `[flags]`, and for `done` and
  `failed`. Shadow roots are looked into here as well.
* A **pattern** is a regular expression of Python, searched for anywhere in the text.
* A **duration** is written `"5 s"`, `"10 min"` or `"1 h 30 min"`; keys that end in `_ms` are plain milliseconds.
"""

STEPS = """\
## Steps

Each step does one thing:

| step | does |
| --- | --- |
| `{ wait = "#chat" }` | waits until the element is visible |
| `{ click = "#chat" }` | clicks it as with the mouse: it must be visible, and nothing may lie over it |
| `{ dispatch = "#chat" }` | clicks it by script, whatever lies over it |
| `{ fill = "#name", value = "{persona.name}" }` | types the value into a field |
| `{ select = "#topic", value = "Delivery" }` | chooses from a list, by what it says or by its value |
| `{ check = "#privacy" }` | ticks a box |
| `{ press = "Escape" }` | presses a key; with `on = "#field"` in that element |

and may hold, too:

| key | means | without it |
| --- | --- | --- |
| `optional` | `true`: passed over where its element does not come | it must come |
| `timeout` | how long its element may take to come | 3 s where it is optional, else what `limits.open` leaves |
| `frame` | the iframes it lies in, the outermost first | `[consent]` and `[open]`: the page; later: `open.frame` |

Nothing of a recipe is run as a script in the page: one that you got from somebody else cannot do more than click and
type.
"""

VENDORS_HEAD = """\
## Vendors

With `vendor = "NAME"` a recipe is built on one of these, or on one of your own in `recipes/vendors/`. What is
*unverified* was not run against the vendor's software by us: see with `slawatch recipe check` whether it holds.

| vendor | state | about |
| --- | --- | --- |"""

REFERS = ("as above", "as there")  # how the example's later tables refer to its first ones
TABLE_NAMES = {name: name for name in ("account", "channel", "company", "defaults", "report")}


# --- commands ---


def commands_page() -> str:
    """Return the page about the command line."""
    parts = [MADE, COMMANDS_HEAD, "| command | does |\n| --- | --- |"]
    parts += [f"| [`{name}`](#slawatch-{name}) | {_cell(line)} |" for name, line in cli.COMMANDS.items()]
    for name in cli.COMMANDS:
        parts.append("\n" + "\n".join(_command(name)))
    return "\n".join(parts) + "\n"


def _command(name: str) -> Iterator[str]:
    context = click.Context(cli.group, info_name="slawatch", help_option_names=HELP)
    command = cli.group.get_command(context, name)
    if command is None:
        raise LookupError(f'"{name}" stands in COMMANDS but is no command')
    yield from _described(command, name, context)
    if isinstance(command, click.Group):
        parent = click.Context(command, info_name=name, parent=context)
        for inner in command.list_commands(parent):
            yield "\n#" + "\n".join(_described(command.commands[inner], f"{name} {inner}", parent))


def _described(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    inner = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent)
    arguments = " ".join(command.collect_usage_pieces(inner))
    yield f"## slawatch {name}\n"
    yield f"```\nslawatch {name} {arguments}\n```\n"
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        yield textwrap.fill(_code_cron(" ".join(paragraph.split())), WIDTH) + "\n"
    records = [parameter.get_help_record(inner) for parameter in command.get_params(inner)]
    yield "| option | does |\n| --- | --- |"
    for record in records:
        if record is not None and record[1]:
            yield f"| `{record[0]}` | {_cell(record[1])} |"
    examples = [line.strip() for line in (command.epilog or "").splitlines() if line.startswith("  ")]
    if examples:
        yield "\n```sh\n" + "\n".join(examples) + "\n```"


def _code_cron(text: str) -> str:
    """Return the text with a crontab line in it as code, or its asterisks would be taken for emphasis."""
    return re.sub(r"(\*/\d+ \* \* \* \* .*)$", r"`\1`", text)


# --- config ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A key in config.example.toml: the table it stands in, its value there, and what is said about it."""

    table: str
    key: str
    value: str
    words: str


def example_keys() -> list[Shown]:
    """Return every key of config.example.toml in order, switched on or off, with the words beside or above it."""
    shown = []
    table, above = "", ""
    for line in resources.read("config.example.toml").splitlines():
        header = re.fullmatch(r"#?\[+([a-z][\w.-]*)\]+(\s*#.*)?", line)
        key = re.fullmatch(r"#?([a-z_]+) = (.+)", line)
        if header:
            table = _table(header[1])
            above = ""
        elif key:
            value, _, beside = key[2].partition("  # ")
            shown.append(Shown(table=table, key=key[1], value=value.strip(), words=beside.strip() or above))
        else:
            above = f"{above} {line.removeprefix('#').strip()}".strip() if line.startswith("# ") else ""
    return shown


def _table(header: str) -> str:
    """Return the name a table goes by on this page: "company.example-shop.target" is "target"."""
    parts = header.split(".")
    return parts[-1] if parts[-1] in ("target", "limits") else TABLE_NAMES.get(parts[0], parts[0])


def config_page() -> str:
    """Return the page about the config."""
    shown = example_keys()
    top = [key for key in config.TOP if key not in TABLE_NAMES]
    parts = [
        MADE,
        CONFIG_HEAD,
        "## At the top\n",
        *_shown_rows(shown, [*top, "ping_env", "ping_fail_env", "metrics"], ("",)),
        "\n" + INHERITED_HEAD,
        *_shown_rows(shown, [key for key in inheritance.KEYS if key != "limits"], ("defaults", "channel", "company")),
        "\n`limits` has a section [below](#limits).\n",
        OBJECTIVES_HEAD,
        *(_held_to(name, _module(where)) for name, where in BUILT_IN.items()),
        "\n" + LIMITS_HEAD,
        *_shown_rows(shown, [one.name for one in fields(Limits)], ("limits",)),
        "\n## [account.NAME]\n",
        "Where the questions come from and the answers go to. Keys of every account:\n",
        *_shown_rows(shown, config.ACCOUNT, ("account",)),
    ]
    for name, where in BUILT_IN.items():
        parts += [f'\nKeys of an account with `channel = "{name}"`:\n', *_settings_rows(_module(where).Settings)]
    parts += [
        "\n## [company.KEY]\n",
        "Who is asked. KEY is your own short name for the company; commands and figures use it.\n",
        *_shown_rows(shown, [key for key in config.COMPANY if key != "target"], ("company",)),
        "\n## [[company.KEY.target]]\n",
        "One address of the company. There may be several.\n",
        *_shown_rows(shown, config.TARGET, ("target",)),
        "\n" + MAILED_HEAD,
        *_shown_rows(shown, [key for key in mailed.REPORT if key not in ("language", "logo")], ("report",)),
        MAILED_MORE,
        "\n" + ALERTS_HEAD,
        *_shown_rows(shown, [key for key in settings.keys(alarms.Table) if not key.startswith("to")], ("alert",)),
        ALERTS_MORE,
    ]
    return "\n".join(parts) + "\n"


def _module(where: str) -> Any:
    return importlib.import_module(where.partition(":")[0])


def _shown_rows(shown: Sequence[Shown], keys: Iterable[str], tables: Sequence[str]) -> Iterator[str]:
    yield "| key | means | for example |\n| --- | --- | --- |"
    for key in keys:
        found = [one for table in tables for one in shown if (one.table, one.key) == (table, key)]
        told = next((one for one in found if one.words and not one.words.startswith(REFERS)), None)
        if told is None:
            raise LookupError(f'config.example.toml does not explain "{key}"')
        yield f"| `{key}` | {_cell(told.words)} | `{key} = {told.value}` |"


def _settings_rows(cls: Any) -> Iterator[str]:
    hints = get_type_hints(cls)
    yield "| key | means | written as | without it |\n| --- | --- | --- | --- |"
    for one in fields(cls):
        secret = Secret in (hints[one.name], *get_args(hints[one.name]))
        keys = [key for key in settings.keys(cls) if key.removeprefix(one.name) in ("", "_env", "_file", "_command")]
        name = ", ".join(f"`{key}`" for key in keys) if secret else f"`{one.name}`"
        help_ = one.metadata.get("help")
        if not help_:
            raise LookupError(f'the field "{one.name}" of {cls.__module__} has no help')
        yield f"| {name} | {_cell(help_)} | {'a secret' if secret else _type(hints[one.name])} | {_default(one)} |"


def _type(hint: Any) -> str:
    if NoneType in get_args(hint):
        return _type(next(inner for inner in get_args(hint) if inner is not NoneType))
    if get_origin(hint) is Literal:
        *most, last = (f'`"{value}"`' for value in get_args(hint))
        return f"{', '.join(most)} or {last}"
    if get_origin(hint) is tuple:
        return "a list of texts"
    words = {bool: "`true` or `false`", int: "a whole number", float: "a number", timedelta: "a duration"}
    return {**words, str: "text", Path: "a path"}[hint]


def _default(one: Field[Any]) -> str:
    if one.default is MISSING:
        return "must be given"
    value = one.default
    if value in ("", None, ()):
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, timedelta):
        value = show(value)
    return f'`"{value}"`' if isinstance(value, str | Path) else f"`{value}`"


def _held_to(name: str, module: Any) -> str:
    standard: Standard = getattr(module, "STANDARD", inheritance.STANDARD)
    objectives = "; ".join(f"`{one.measure}` {_objective(one)}" for one in standard.objectives)
    return f"* `{name}`: {objectives}; window {show(standard.window)}, late replies for {show(standard.late)}."


def _objective(objective: Objective) -> str:
    if objective.kind is ObjectiveKind.MEAN:
        return f"mean at most {show(objective.limit)}"
    return f"{objective.at_least:.0%} within {show(objective.limit)}".replace("%", " %")


# --- probes ---


def probes_page() -> str:
    """Return the page about the probes that come with slawatch."""
    folder = resources.find("probes")
    parts = [MADE, PROBES_HEAD]
    for name, one in sorted(probe.load_all((folder,)).items()):
        about = (folder / f"{name}.toml").read_text(encoding="utf-8").splitlines()[0].removeprefix("#").strip()
        parts.append(f"## {name}\n\n{about}{' *Customers only.*' if one.customer else ''}\n")
        parts.append(f"* tags: {', '.join(one.tags)}")
        for lang, wording in one.wordings.items():
            facts = "; ".join(wording.expects)
            parts.append(f"* `{lang}`, {len(wording.variants)} wordings. A complete answer says: {facts}")
            if wording.posts:
                parts.append(f"* `{lang}` in public: {len(wording.posts)} posts")
        parts.append("")
    return "\n".join(parts)


# --- recipes ---


def recipes_page() -> str:
    """Return the page about the keys of a recipe, and the vendors' recipes that come with slawatch."""
    parts = [MADE, RECIPES_HEAD]
    for name, section in SECTIONS.items():
        parts.append(f"## [{name}]\n" if name else "## At the top\n")
        parts.append(textwrap.fill(section.help, WIDTH) + "\n")
        parts.append("| key | means | for example | without it |\n| --- | --- | --- | --- |")
        parts += [
            f"| `{key}` | {_cell(one.help)} | `{key} = {_cell(one.example)}` | {one.without or 'must be given'} |"
            for key, one in section.keys.items()
        ]
        parts.append("")
    parts.append(STEPS)
    parts.append(VENDORS_HEAD)
    parts += [
        f"| `{one.name}` | {'proven' if one.proven else '*unverified*'} | {_cell(one.about)} |" for one in bases()
    ]
    return "\n".join(parts) + "\n"


# --- the pages ---


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def pages() -> dict[Path, str]:
    """Return every page that is made from the code, by where it lies."""
    return {
        FOLDER / "commands.md": commands_page(),
        FOLDER / "config.md": config_page(),
        FOLDER / "probes.md": probes_page(),
        FOLDER / "recipes.md": recipes_page(),
    }


def stale() -> list[Path]:
    """Return the pages that do not say what the code says."""
    return [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def main() -> int:
    """Write the pages, or with --check name those that are stale; returns the exit code."""
    if "--check" in sys.argv[1:]:
        old = stale()
        for path in old:
            sys.stderr.write(f"{path.relative_to(ROOT)}: differs from the code; run: python tools/reference.py\n")
        return 1 if old else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
