"""`slawatch recipe`: try, list and record recipes of website chats. No message is sent to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from slawatch.app import load_config
from slawatch.cli import FAILED
from slawatch.cli.lines import folded, harmless, table
from slawatch.cli.options import config_option, examples, json_option, print_json, program
from slawatch.errors import UsageError
from slawatch.tomlfile import SHOWN_MAX, unknown

if TYPE_CHECKING:
    from slawatch.channels.webchat.settings import Settings
    from slawatch.channels.webchat.steps import Passed
    from slawatch.usecases.recipes import Checked

NOBODY = "Anna Example"  # for a form before a chat, where nothing else is given
OFFERED_MAX = 12  # of what a page offers where a step fails
WIDE = 8  # columns of the word each line of a check begins with


class _Group(click.Group):
    """A group that suggests the nearest command for an unknown one, as slawatch itself does."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or say what is near."""
        if args[0] not in self.commands:
            ctx.fail(unknown("command", args[0], self.commands))
        return super().resolve_command(ctx, args)


@click.group(
    "recipe",
    cls=_Group,
    epilog=examples(
        "slawatch recipe check recipes/acme.toml",
        "slawatch recipe list",
        "slawatch recipe record https://shop.example/contact",
    ),
)
def command() -> None:
    """Try, list and record recipes: how a visitor opens a company's chat on its website, and reads its lines.

    A recipe is a file in the folder recipes/ beside the config; the address of a target with the channel webchat is its
    name. No message is sent by any of these.
    """


@command.command(
    "check",
    short_help="Open a chat up to its input, step by step; send nothing.",
    epilog=examples(
        "slawatch recipe check recipes/acme.toml",
        'slawatch recipe check recipes/acme.toml --name "Anna Example" --email anna@example.org --out pictures',
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@config_option
@click.option("--name", default="", help="Who asks, for a form before the chat; that of the config unless given.")
@click.option("--email", default="", help="Their e-mail address, likewise.")
@click.option("--browser", default="", help="The browser's program, likewise.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/recipe-check"),
    show_default=True,
    help="Where the picture of the page at the end goes, and the page in words.",
)
def check_(file: Path, config_path: Path, *, name: str, email: str, browser: str, out: Path) -> int:
    """Try a recipe: open its page and go as far as the input that takes text, naming each step as it passes.

    No message is sent. A form before the chat is filled in, and sent where the recipe's steps do so. The exit code is 1
    where a step fails; then it says which, what it looked for and what was there instead.

    No config is needed. Where there is one with a webchat account, name, address and browser are taken from it.
    """
    from slawatch.usecases.recipes import check  # noqa: PLC0415 - on use only

    settings = _visitor(config_path, {"name": name, "email": email, "browser": browser})
    done = check(file, settings, out=out, tell=lambda passed: click.echo(_step(passed)))
    for line in _outcome(done):
        click.echo(line)
    return FAILED if done.fault else 0


@command.command(
    "list",
    short_help="List vendors whose recipes yours can be built on.",
    epilog=examples("slawatch recipe list", "slawatch recipe list --json"),
)
@click.option(
    "--recipes",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("recipes"),
    show_default=True,
    help="The folder with recipes; its folder vendors/ holds vendors' of your own.",
)
@json_option
def list_(folder: Path, *, as_json: bool) -> None:
    """List the vendors whose recipes yours can be built on: vendor = "NAME".

    Those called proven were run against the vendor's software. The others were not: they are a beginning.
    """
    from slawatch.usecases.recipes import vendors  # noqa: PLC0415 - on use only

    found = vendors(folder)
    if as_json:
        print_json([{"name": one.name, "proven": one.proven, "about": one.about} for one in found])
        return
    rows = [(one.name, "proven" if one.proven else "unverified", one.about) for one in found]
    for line in table(("Vendor", "State", "About"), rows, whole=("Vendor", "State")):
        click.echo(line)


@command.command(
    "record",
    short_help="Write one by pointing at the chat's parts in a window.",
    epilog=examples(
        "slawatch recipe record https://shop.example/contact",
        "slawatch recipe record https://shop.example/contact --out recipes/acme.toml",
    ),
)
@click.argument("url")
@click.option(
    "--out",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The recipe's file; by default recipes/ and the site's name.",
)
@click.option("--browser", default="", help="The browser's program; chromium or google-chrome unless given.")
def record_(url: str, path: Path | None, *, browser: str) -> None:
    """Open the page at URL in a window; point at the chat's parts as the bar there asks; write the recipe.

    Needs a display. The page sees no click while you point, but for those that open the chat. A line is sent to the
    company only if you type and send one yourself.
    """
    from slawatch.usecases.recipes import place_for, record  # noqa: PLC0415 - on use only

    file = path or place_for(url)
    record(url, file, browser=browser, tell=lambda words: click.echo(harmless(words)))
    click.echo(f"{file} is written; now try it: {program()} recipe check {file}")


def _visitor(config_path: Path, options: dict[str, str]) -> Settings:
    """Return who tries it: as the options say, else the config's first webchat account, else nobody."""
    from slawatch.channels.webchat.settings import Settings  # noqa: PLC0415 - on use only

    found = Settings(name=NOBODY)
    named = click.get_current_context().get_parameter_source("config_path") is not ParameterSource.DEFAULT
    if named or config_path.is_file():
        accounts = load_config(config_path)[0].accounts.values()
        found = next((one.settings for one in accounts if isinstance(one.settings, Settings)), found)
    made = replace(
        found,
        name=options["name"] or found.name,
        email=options["email"] or found.email,
        browser=options["browser"] or found.browser,
    )
    for key, problem in made.problems():
        raise UsageError(f"--{key}: {problem}")
    return made


def _step(passed: Passed) -> str:
    step = passed.step
    where = "" if isinstance(step, str) else f"{step.place.rpartition(': ')[2]}: "
    end = " (optional, and not there)" if passed.skipped else ""
    return harmless(f"{'skipped' if passed.skipped else 'ok':<{WIDE}}{passed.seconds:5.1f} s  {where}{step}{end}")


def _outcome(done: Checked) -> Iterator[str]:
    if done.fault:
        yield from folded(f"{'FAULT':<{WIDE}}", harmless(done.fault))
        if done.reason:
            yield f"{'':<{WIDE}}a request would be void: {done.reason}"
        offered = ", ".join([*done.instead[:OFFERED_MAX], *(["…"] if len(done.instead) > OFFERED_MAX else [])])
        yield from folded(" " * WIDE, harmless(f"the page offers: {offered or 'nothing to click or to type in'}"))
    for seen in done.seen:
        what = f"flags.{seen.name}: {seen.value}" if seen.kind == "flag" else f'{seen.author}: "{_cut(seen.text)}"'
        rule = f" ({seen.rule})" if seen.rule else " (no rule fits)" if seen.kind == "item" else ""
        yield from folded(f"{'seen':<{WIDE}}", harmless(what + rule))
    base = done.recipe.base
    if base is not None and not base.proven:
        yield from folded(f"{'note':<{WIDE}}", f'the vendor\'s recipe "{base.name}" is unverified: {base.about}')
    for path in done.pictures:
        yield f"{'wrote':<{WIDE}}{path}"
    if not done.fault:
        yield f"it works: the input takes text after {done.seconds:.1f} s; no message was sent"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"
