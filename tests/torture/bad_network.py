"""What the tests of a bad network share: at which octets a fault strikes, and what one pass through it said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from slawatch import cli
from slawatch.cli import PART_UNMEASURED
from tests.servers.proxy import CUTS, Fault, Proxy, Way

WAYS: tuple[Way, ...] = ("up", "down")
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} \S.*")
LONGEST_LINE = 600


def spread(longest: int, most: int) -> list[int]:
    """Return up to `most` places from 0 to `longest`, both included, evenly apart; all of them where `most` is 0."""
    if most == 0 or longest < most:
        return list(range(longest + 1))
    if most == 1:
        return [longest // 2]
    return sorted({round(longest * number / (most - 1)) for number in range(most)})


def faults(proxy: Proxy, most: int) -> Iterator[Fault]:
    """Yield what is to be tried, by how much a connection through this proxy carries while all is well."""
    for way in WAYS:
        longest = proxy.longest[way]
        for kind in CUTS:
            yield from (Fault(kind=kind, after=after, way=way) for after in spread(longest, most))
        # Each of these costs a time-out: a third of the places, the first octet always among them.
        yield from (Fault(kind="silence", after=after, way=way) for after in spread(longest, (most + 2) // 3))
        yield Fault(kind="crawl", after=longest // 3, way=way)
        yield Fault(kind="split", way=way)
        yield Fault(kind="late", way=way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a pass printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def blind(self) -> bool:
        """Whether the pass says that something could not be measured."""
        return self.code == PART_UNMEASURED

    def in_order(self) -> None:
        """Assert that it is what a person can read: lines with their time, no traceback, a code that is documented."""
        assert self.code in {0, PART_UNMEASURED}, self
        assert self.err == "", self
        for line in self.out.splitlines():
            assert LINE.fullmatch(line), self
            assert len(line) < LONGEST_LINE, self


@dataclass(frozen=True)
class Shell:
    """The command line, in this process."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, words: Sequence[str], *, config: Path) -> Said:
        """Run a command as people type it."""
        self.monkeypatch.setattr("sys.argv", ["slawatch", *words, "-c", str(config)])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self.capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(code=ended.value.code, out=out, err=err)
