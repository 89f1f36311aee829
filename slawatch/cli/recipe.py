"""`slawatch recipe`: try, list and record recipes of website chats. No message is sent to anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from slawatch.cli.lines import harmless, table
from slawatch.cli.options import examples, json_option, print_json, program
from slawatch.tomlfile import unknown


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
    help="A folder with vendors' recipes of your own.",
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
