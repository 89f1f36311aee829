"""Prints a report to PDF with the Chromium that is on this machine. Makes no page, and asks nothing of the network.

Chromium's own command line is enough; what drives a browser for chats is not needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from slawatch.errors import OutputError

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CURE = "install Chromium (on Debian: apt install chromium), or print the HTML file to a PDF in any browser"
SECONDS_MAX = 300  # a report of 20,000 requests took less than a tenth of that
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-dev-shm-usage",
)


def print_to_pdf(page: str, path: Path) -> Path:
    """Print a page to a PDF file, whole or not at all; returns the file's absolute path.

    Raises:
        OutputError: there is no Chromium here, it printed nothing, or the file cannot be written there.
    """
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise OutputError(f"report: --pdf: there is no Chromium on this machine; {CURE}")
    # Not beside the file: a Chromium from a snap may write only where its user's own files are.
    with tempfile.TemporaryDirectory(prefix="slawatch-pdf-") as folder:
        source, made = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, encoding="utf-8")
        said = _run(program, source, made, Path(folder) / "profile")
        if not made.is_file() or not made.read_bytes().startswith(b"%PDF-"):
            raise OutputError(f'report: --pdf: "{program}" printed nothing ({said}); {CURE}')
        return _placed(made, path)


def _run(program: str, source: Path, made: Path, profile: Path) -> str:
    """Let the browser print; returns the last line it said, for an error."""
    # Its sandbox does not start for root. The page is our own file, holds no script and may load nothing.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    command = [program, *FLAGS, *sandbox, f"--user-data-dir={profile}", f"--print-to-pdf={made}", source.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS_MAX, check=False)  # noqa: S603 - found on the path
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutputError(f'report: --pdf: "{program}" could not print ({error}); {CURE}') from error
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def _placed(made: Path, path: Path) -> Path:
    """Move the file to its place so that a reader there sees the old one or the new one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        shutil.copyfile(made, name)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise OutputError(
            f'report: --pdf: "{path}" cannot be written ({error.strerror}); write it elsewhere'
        ) from error
    return path.resolve()
