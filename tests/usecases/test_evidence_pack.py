"""A pack of evidence convinces a stranger who has Python alone, and whatever was tampered with is named by its file."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.model import Facts
from slawatch.testing import INBOX
from slawatch.usecases.collect import collect
from slawatch.usecases.evidence import Packed, pack
from slawatch.usecases.report import Choice
from slawatch.usecases.tick import tick
from tests.stages import Stage, company, stages

WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = "Guten Tag, wir liefern in zwei Tagen, jedes Paket lässt sich verfolgen. Ihr J. Ott"
OTHER = "Hallo, der Laden hat samstags bis mittags geöffnet, sonst bis abends um sechs. Lena aus dem Laden"
QUESTION = "Guten Tag, um welchen Artikel geht es Ihnen denn? Bitte nennen Sie uns die Artikelnummer. J. Ott"


@contextmanager
def town(folder: Path) -> Iterator[Stage]:
    """Two companies: the shop asks back, then answers, and once later at once; nobody answers at the bakery."""
    with stages(folder) as opening:
        stage = opening(
            company("shop", schedule=WEEKLY, relationship="own"), company("bakery", schedule=WEEKLY, relationship="own")
        )
        tick(stage.world)
        stage.forward(days=1, hours=7)
        tick(stage.world)
        (asked,) = [one for one in stage.requests() if one.company == "shop"]
        stage.forward(hours=2)
        stage.far.answer(asked, QUESTION)
        collect(stage.world)
        stage.forward(hours=5)  # nobody of ours is at work, so it is our turn that long
        tick(stage.world)
        stage.forward(hours=3)
        stage.far.answer(asked, ANSWER)
        tick(stage.world)
        stage.forward(days=6, hours=14)
        tick(stage.world)
        (second,) = [one for one in stage.requests() if one.company == "shop" and one.id != asked.id]
        stage.forward(hours=1)
        stage.far.answer(second, OTHER)
        stage.far.deliver(Facts(sender="who@else.example", subjects=("hello",), own_id="x@else.example"), folder=INBOX)
        tick(stage.world)
        stage.forward(days=8)
        tick(stage.world)
        yield stage


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with town(tmp_path) as stage:
        yield stage


def packed(here: Stage, path: Path, *, redacted: bool = False, companies: tuple[str, ...] = ("shop",)) -> Packed:
    now = here.clock.now()
    choice = Choice(since=now - timedelta(days=28), until=now, companies=companies)
    return pack(here.world, path, choice, redacted=redacted)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of the shop, made once."""
    folder = tmp_path_factory.mktemp("made")
    with town(folder) as stage:
        packed(stage, folder / "pack.zip")
    return folder / "pack.zip"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The pack of the shop, extracted."""
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path / "pack")
    return tmp_path / "pack"


def check(pack: Path, *more: str) -> tuple[int, str]:
    """Run check.py as a stranger would: alone, in a Python that sees nothing of ours."""
    script = pack / "check.py" if pack.is_dir() else pack.with_name("check.py")
    if not pack.is_dir():
        with zipfile.ZipFile(pack) as archive:
            script.write_bytes(archive.read("check.py"))
    given = [] if pack.is_dir() else [str(pack)]
    done = subprocess.run(
        [sys.executable, "-I", "-B", str(script), *given, *more],
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        env={},
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def wrong(out: str) -> list[str]:
    """Return the files that are blamed, each once, the first one first."""
    lines = [line.removeprefix("WRONG  ") for line in out.splitlines() if line.startswith("WRONG  ")]
    return list(dict.fromkeys(line.partition(":")[0] for line in lines))


def test_a_pack_that_nobody_touched_is_all_right_extracted_or_not(made: Path, folder: Path) -> None:
    head = json.loads((folder / "outcomes.json").read_text())["chain"]["head"]

    code, out = check(folder, "--head", head)
    assert (code, wrong(out)) == (0, [])
    assert "4 waits worked out anew" in out
    assert "All is right." in out
    assert check(made, "--head", head)[0] == 0


def test_the_wait_for_the_answer_is_worked_out_without_the_time_it_was_our_turn(folder: Path) -> None:
    first, second = json.loads((folder / "outcomes.json").read_text())["requests"]

    assert first["paused"] == 5 * 3600 * 10**6
    assert first["answer"]["ended"]
    assert second["paused"] == 0


def test_the_same_store_at_the_same_instant_makes_the_same_file(here: Stage, tmp_path: Path) -> None:
    one, other = tmp_path / "1.zip", tmp_path / "2.zip"
    packed(here, one)
    packed(here, other)

    assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


def test_of_other_companies_and_of_our_accounts_nothing_is_in_it(here: Stage, tmp_path: Path) -> None:
    bakery = [one for one in here.requests() if one.company == "bakery"]
    packed(here, tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        chain = archive.read("chain.jsonl").decode().splitlines()

    for secret in ("bakery", "who@else.example", "smtp_host", *(one.token for one in bakery)):
        assert secret.encode() not in everything.lower()
    assert bakery
    assert any("item" not in json.loads(line) for line in chain)


def test_redacted_it_holds_no_word_of_others_and_no_token_and_still_holds_together(here: Stage, tmp_path: Path) -> None:
    packed(here, tmp_path / "pack.zip", redacted=True)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        names = archive.namelist()
        everything = b"".join(archive.read(name) for name in names if name != "report.html")

    assert [name for name in names if name.startswith("messages/")] == []
    for request in here.requests():
        assert request.token.encode() not in everything.lower()
    assert b"verfolgen" not in everything
    code, out = check(tmp_path / "pack.zip", "--head", here.world.store.chain_head())
    assert (code, wrong(out)) == (0, [])
    assert "left out" in out


def test_a_message_its_author_deleted_is_sealed_and_the_rest_still_holds(here: Stage, tmp_path: Path) -> None:
    number = here.world.store.replies()[1][0].message_id
    here.world.store.mark_gone([number])
    here.world.store.purge_gone()

    made = packed(here, tmp_path / "pack.zip")

    assert made.sealed == 1
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        assert f"messages/{number}.sealed.json" in archive.namelist()
    code, out = check(tmp_path / "pack.zip")
    assert (code, wrong(out)) == (0, [])
    assert "1 messages are sealed" in out


Tamper = Callable[[Path], object]


def edit(name: str, old: str, new: str) -> Tamper:
    """Return what replaces a piece of text in a file, once."""

    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def of_message(folder: Path) -> Path:
    return next(iter(sorted((folder / "messages").iterdir())))


def anew(folder: Path) -> None:
    """Make the manifest anew, as a forger would."""
    files = sorted(one for one in folder.rglob("*") if one.is_file() and one.name != "MANIFEST.sha256")
    lines = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder).as_posix()}\n" for one in files]
    (folder / "MANIFEST.sha256").write_text("".join(sorted(lines)), encoding="utf-8")


def test_a_byte_changed_in_any_file_names_that_file(folder: Path) -> None:
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and one.name != "MANIFEST.sha256"):
        name, before = path.relative_to(folder).as_posix(), path.read_bytes()
        path.write_bytes(before + b"\n")
        code, out = check(folder)
        path.write_bytes(before)
        assert (code, wrong(out)[0]) == (1, name)


def test_a_file_that_is_gone_or_too_many_is_named(folder: Path) -> None:
    (folder / "messages" / "more.eml").write_text("x")
    assert wrong(check(folder)[1]) == ["messages/more.eml"]
    (folder / "messages" / "more.eml").unlink()

    (folder / "report.html").unlink()
    assert wrong(check(folder)[1]) == ["report.html"]


@pytest.mark.parametrize(
    ("tamper", "blamed"),
    [
        (lambda folder: of_message(folder).write_bytes(b"From: forger"), "messages/"),
        (edit("outcomes.json", '"kind": "question"', '"kind": "answer"'), "outcomes.json"),
        (edit("outcomes.json", '"stamp_at": 1', '"stamp_at": 2'), "outcomes.json"),
        (edit("outcomes.json", '"length": ', '"length": 1'), "outcomes.json"),
        (edit("outcomes.json", '"accepted_at": 1', '"accepted_at": 2'), "outcomes.json"),
        (edit("outcomes.json", '"sent_at": 1', '"sent_at": 2'), "outcomes.json"),
        (edit("chain.jsonl", '"stamp_at": 1', '"stamp_at": 2'), "chain.jsonl"),
        (edit("chain.jsonl", '"at": 1', '"at": 2'), "chain.jsonl"),
        (edit("requests.csv", ",answered,", ",missed,"), "requests.csv"),
    ],
)
def test_a_forger_who_makes_the_manifest_anew_is_found_by_what_hangs_together(
    folder: Path, tamper: Tamper, blamed: str
) -> None:
    tamper(folder)
    anew(folder)

    code, out = check(folder)

    assert code == 1
    assert any(name.startswith(blamed) for name in wrong(out))


def test_a_head_that_was_printed_elsewhere_is_asked_for(folder: Path) -> None:
    code, out = check(folder, "--head", "ab" * 32)

    assert (code, wrong(out)) == (1, ["chain.jsonl"])


def test_what_is_no_pack_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "other.zip").write_bytes(b"no archive")
    script = Path(__file__).parents[2] / "reports" / "evidence" / "check.py"

    done = subprocess.run(
        [sys.executable, "-I", "-B", str(script), str(tmp_path / "other.zip")], capture_output=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, b"")


def test_beside_the_pack_and_without_its_name_the_check_asks_for_it(made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        (tmp_path / "check.py").write_bytes(archive.read("check.py"))
    (tmp_path / "holiday.txt").write_text("not ours")

    done = subprocess.run(
        [sys.executable, "-I", "-B", str(tmp_path / "check.py")], capture_output=True, encoding="utf-8", check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path} is no pack of evidence: name the ZIP, or the folder it was extracted to\n"


def test_a_missing_message_is_named_once(folder: Path) -> None:
    next((folder / "messages").glob("*.eml")).unlink()

    code, out = check(folder)

    assert code == 1
    assert out.count("is missing") == 1
    assert "WRONG: 1 thing\n" in out
