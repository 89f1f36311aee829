"""The command line: arguments in, one use case, words out. Each command is imported only when it is called."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from keyword import iskeyword
from types import FrameType
from typing import Any, NoReturn

import click

from slawatch import __version__
from slawatch.errors import SlawatchError

# Name, module and one line each; the line is here so that --help imports no command.
COMMANDS = {
    "demo": "The whole thing in a minute and a half, against companies made up on this machine.",
    "init": "Make a working folder: to edit, or with --email one that works at once.",
    "login": "Log in with a provider or platform by OAuth, once for each account.",
    "check": "Try config, accounts and targets; name each fault with its cure.",
    "recipe": "Try, list or record recipes: how a chat on a website is opened and read.",
    "plan": "Show what would be asked, of whom, when and at what burden; send nothing.",
    "run": "Do passes all the time, until told to end.",
    "tick": "Do one pass for cron: collect, reply, send what is due, settle.",
    "send": "Send what is due.",
    "collect": "Fetch and read what came in.",
    "audit": "Ask the chosen targets now, watch the answers come in, report.",
    "status": "Show how things stand and which requests are open.",
    "lookback": "Measure past waits in mail that is there already; send nothing.",
    "report": "Write the report, or print its figures.",
    "badge": "Write badges of the figures, for a page of your own.",
    "verify": "Say whether evidence and reports are still what they were.",
    "evidence": "Pack the evidence so that a stranger can check it.",
    "explain": "Show everything behind one request's figures.",
    "follow-up": "Show what a company asks back, and reply.",
    "adopt": "Show what waits for you to post in public; hand over the link of a post.",
    "record": "Record what you asked by hand, with a stopwatch or afterwards.",
    "skip": "Do not post something that was prepared for you.",
    "review": "Decide about messages that the rules leave to a person.",
    "costs": "Show what calls to platforms have cost.",
    "import": "Take in requests that others have timed.",
    "export": "Write requests as rows, for spreadsheets and notebooks.",
    "recompute": "Judge old evidence by today's rules and say what changes.",
    "classify": "Say what messages are, and why; needs no config.",
    "pause": "Stop sending: to everybody, a company, or from an account.",
    "resume": "Take sending up again.",
    "disclosure": "Print a page that tells companies who asks them.",
    "opt-out": "Keep the register of those who are not to be asked.",
    "retention": "Show how long things are kept, and what goes when.",
    "correction": "Keep what companies state of their figures.",
    "redact": "Show what is cut from a text before others see it.",
    "erase": "Erase all that is kept of somebody, or of a request.",
    "key": "Encrypt raw evidence: make keys, change them, see how it stands.",
    "audit-log": "Show who overrode a rule, and why.",
    "backup": "Copy the store while everything goes on.",
    "restore": "Check a backup, and let it take the store's place.",
    "abort": "Pause, and withdraw everything that has not left.",
}

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

FAILED = 1
PART_UNMEASURED = 4
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that knows its commands' names and lines by heart and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order a new user meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, None for an unknown one."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name.replace('-', '_')}{'_' * iskeyword(cmd_name)}"
        command: click.Command = importlib.import_module(f"slawatch.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command; for an unknown name suggest the nearest."""
        name = args[0]
        if name not in COMMANDS:
            from difflib import get_close_matches  # noqa: PLC0415  only a typo pays for it

            near = get_close_matches(name, COMMANDS, 1)
            ctx.fail(f'there is no command "{name}"' + (f': did you mean "{near[0]}"?' if near else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings=CONTEXT, epilog="Start with `slawatch demo`: no account needed.")
@click.version_option(__version__, prog_name="slawatch", message="%(prog)s %(version)s")
def group() -> None:
    """Ask companies ordinary questions, time how long a person there takes to answer, report it honestly.

    Exit codes: 0 done, 1 failed, 2 usage or config, 3 an objective was not met (report --check), 4 done but part could
    not be measured, 130 interrupted.
    """


def main() -> NoReturn:
    """Run the command line.

    An error made on purpose is one line and its exit code; anything else is a bug and shows its traceback.
    """
    _stop_like_ctrl_c()
    try:
        code = group.main(prog_name="slawatch", standalone_mode=False)
    except SlawatchError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except click.UsageError as error:
        click.echo(_in_a_line(error), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except OSError as error:
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        click.echo(f"{error.filename or 'output'}: {error.strerror}", err=True)
        if error.filename is None:
            _leave_the_output()
        sys.exit(FAILED)
    sys.exit(code if isinstance(code, int) else 0)


def _stop_like_ctrl_c() -> None:
    """Let a polite kill and a closed terminal end the work as Ctrl-C does. What nohup lets be ignored stays so."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    for name in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is signal.SIG_DFL:
            signal.signal(name, stop)


def _in_a_line(error: click.UsageError) -> str:
    """Return a mistake in the arguments as every other error is shown: where, what, what to do."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()  # the whole help: no mistake, but a question
    where = error.ctx.command_path if error.ctx is not None else "slawatch"
    message = " ".join(error.format_message().split()).removesuffix(".")
    return f"{where}: {message[:1].lower()}{message[1:]}; see `{where} --help`"


def _leave_the_output() -> None:
    """Send what is still to be written nowhere: there is no room for it, and Python would complain when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
