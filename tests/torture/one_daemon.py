"""`slawatch run` in a process that begins as a copy of one that has loaded it: what test_kills.py kills."""

from __future__ import annotations

import sys

from slawatch import cli

# What a daemon loads only once it is at work.
import slawatch.channels.mastodon  # isort: skip
import slawatch.channels.twitter  # isort: skip
import slawatch.channels.xmpp  # isort: skip
import slawatch.runner.local  # isort: skip
import slawatch.runner.service  # noqa: F401  # isort: skip


def main(config: str) -> None:
    """Run until killed, or told to end; raises SystemExit with the exit code."""
    sys.argv = ["slawatch", "run", "--every", "1 s", "-c", config]
    cli.main()
