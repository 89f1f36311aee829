"""Takes each guard of slawatch away, one at a time, and shows that its test then fails: tools/guards.py [--only WORD].

Works on a copy of the tree in a temporary folder; the checkout is never touched. What stands in tools/guards.toml is
a list of the lines whose loss would let something forbidden happen, each with the test that must not let it pass.
"""
# ruff: noqa: INP001 - a script of the Makefile's, not a package

from __future__ import annotations

import argparse
import ast
import compileall
import os
import py_compile
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = Path("tools/guards.toml")
JOBS_MAX = 2  # a mutated test may start servers; more at a time would time out for want of a processor
TEST_SECONDS = 90  # a mutation may well make a loop endless; no named test takes a third of it
PASSED, FAILED = 0, 1  # pytest's exit codes; all others mean that nothing was tried (2 interrupted, 4 usage, 5 no test)
_FAILURE = re.compile(r"[/<]\S.*:\d+: ")
PYTEST = ("-m", "pytest", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", f"--timeout={TEST_SECONDS}")


class Verdict(StrEnum):
    """What became of a mutation. Everything but CAUGHT is a fault: of the suite, or of the list."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    STALE = "STALE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A line that forbids something: `text` in `file` becomes `instead`, and then `test` (a node id) must fail."""

    name: str
    file: str
    text: str
    instead: str
    test: str

    def mutate(self, source: str) -> str:
        """Return the file without its guard.

        Raises:
            ValueError: the text is not there exactly once, or what it becomes is no Python.
        """
        if source.count(self.text) != 1:
            raise ValueError(f"its text stands {source.count(self.text)} times in {self.file}")
        mutated = source.replace(self.text, self.instead)
        if self.file.endswith(".py"):
            try:
                ast.parse(mutated)
            except SyntaxError as error:
                raise ValueError(f"{self.file} is no Python any more: {error}") from None
        return mutated


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of the tree in which tests are run and files may be broken."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Copy:
        """Copy what git knows or would take into `folder`, and make sure that this is what tests will import."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - the user's own git
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():  # one that was deleted and not committed yet is listed, too
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        # By content, not by time: a mutation of the same length within the same second would not be seen.
        compileall.compile_dir(
            folder / "slawatch", quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
        )
        copy = cls(folder=folder)
        found = copy.run("-c", "import slawatch; print(slawatch.__file__)").stdout.strip()
        if Path(found) != folder / "slawatch" / "__init__.py":
            raise SystemExit(f'tests would import slawatch from "{found}", not from the copy in {folder}')
        return copy

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run this interpreter on the copy; what it imports comes from there before any installed slawatch."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            # Then no test skips for want of something, and Hypothesis tries the same examples every time: a guard is
            # caught always or never.
            "CI": "true",
        }
        return subprocess.run(  # noqa: S603 - this interpreter on tests of this tree
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def try_without(self, guard: Guard) -> tuple[Verdict, str]:
        """Take the guard away, run its test, put the guard back. Returns what happened, and how or why."""
        path = self.folder / guard.file
        if not path.is_file():
            return Verdict.STALE, f"does not apply any more: there is no {guard.file}"
        source = path.read_text(encoding="utf-8")
        try:
            mutated = guard.mutate(source)
        except ValueError as error:
            return Verdict.STALE, f"does not apply any more: {error}"
        path.write_text(mutated, encoding="utf-8")
        try:
            done = self.run(*PYTEST, "-x", guard.test)
        finally:
            path.write_text(source, encoding="utf-8")
        if done.returncode == FAILED:
            return Verdict.CAUGHT, _how(done.stdout)
        if done.returncode == -signal.SIGTERM:  # a test of signals that nobody heeds any more
            return Verdict.CAUGHT, "pytest was ended by SIGTERM"
        if done.returncode == PASSED:
            return Verdict.SURVIVED, f"{guard.test} passes without it"
        return Verdict.STALE, f"pytest could not run {guard.test}: {_last_line(done.stdout + done.stderr)}"


def read(path: Path) -> list[Guard]:
    """Return the guards in the order of the file. A name that stands twice would hide one of them in the table."""
    guards = [Guard(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["guard"]]
    names = [guard.name for guard in guards]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SystemExit(f"{path}: these names stand twice: {'; '.join(twice)}")
    return guards


def faults_before(copy: Copy, guards: Sequence[Guard]) -> list[str]:
    """Return what fails with every guard in place: a test that always fails shows nothing."""
    tests = dict.fromkeys(guard.test for guard in guards)
    done = copy.run(*PYTEST, "-rfE", *tests)
    if done.returncode == PASSED:
        return []
    told = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return told or [_last_line(done.stdout + done.stderr)]


def main(arguments: Sequence[str]) -> int:
    """Print one line a guard and return 0 where every one was caught."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", metavar="WORD", help="only guards with this word in name, file or test")
    parser.add_argument("--stale", action="store_true", help="only look which do not apply any more; run no test")
    parser.add_argument("--how", action="store_true", help="show below each guard how its test failed without it")
    parser.add_argument("--jobs", type=int, choices=range(1, JOBS_MAX + 1), default=1, help="how many at a time")
    given = parser.parse_args(arguments)
    word = given.only.lower()
    guards = [one for one in read(ROOT / LIST) if word in f"{one.name} {one.file} {one.test}".lower()]
    if not guards:
        sys.stderr.write(f'--only: no guard has "{given.only}" in its name, file or test\n')
        return 2
    if given.stale:
        return _only_look(guards)
    began = time.monotonic()
    with ExitStack() as stack:
        folders = [
            stack.enter_context(tempfile.TemporaryDirectory(prefix="slawatch-guards-")) for _ in range(given.jobs)
        ]
        copies = [Copy.make(Path(folder).resolve()) for folder in folders]
        faults = faults_before(copies[0], guards)
        if faults:
            sys.stderr.write("with every guard in place these tests fail already:\n" + "\n".join(faults) + "\n")
            return 1
        counts = _try_all(guards, copies, how=given.how)
    seconds = time.monotonic() - began
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number or verdict is Verdict.CAUGHT)
    sys.stdout.write(f"{len(guards)} guards taken away in {seconds:.0f} s: {told}\n")
    return int(counts[Verdict.CAUGHT] < len(guards))


def _only_look(guards: Sequence[Guard]) -> int:
    stale = 0
    for guard in guards:
        try:
            guard.mutate((ROOT / guard.file).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError) as error:
            stale += 1
            sys.stdout.write(f"{Verdict.STALE}  {guard.name}: {error}\n")
    sys.stdout.write(f"{len(guards)} guards looked for, {stale} {Verdict.STALE}\n")
    return int(stale > 0)


def _try_all(guards: Sequence[Guard], copies: Sequence[Copy], *, how: bool) -> dict[Verdict, int]:
    free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)

    def attempt(guard: Guard) -> tuple[Verdict, str]:
        copy = free.get()
        try:
            return copy.try_without(guard)
        finally:
            free.put(copy)

    width = max(len(guard.name) for guard in guards)
    counts = dict.fromkeys(Verdict, 0)
    with ThreadPoolExecutor(len(copies)) as pool:
        for guard, (verdict, why) in zip(guards, pool.map(attempt, guards), strict=True):
            counts[verdict] += 1
            caught = verdict is Verdict.CAUGHT
            shown = guard.test.rpartition("::")[2] if caught else why
            sys.stdout.write(f"{verdict:<8}  {guard.name:<{width}}  {shown}\n")
            if caught and how:
                sys.stdout.write(f"{'':8}  {why}\n")
            sys.stdout.flush()
    return counts


def _how(words: str) -> str:
    """Return the line in which pytest's shortest form of a traceback says what happened; "" where it has none."""
    return next((line for line in words.splitlines() if _FAILURE.match(line)), "")


def _last_line(words: str) -> str:
    return next((line for line in reversed(words.splitlines()) if line.strip()), "it said nothing")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
