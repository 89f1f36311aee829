"""What people get wrong on the command line: one line each, what to do instead, and never a traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from slawatch import __version__, app
from slawatch.cli import COMMANDS
from tests.cli.conftest import Call
from tests.cli.running import command, environment, run
from tests.stages import ACCOUNT, company

WITHOUT_CONFIG = ("demo", "init", "classify", "recipe")  # a recipe is tried before there is a config
WITHOUT_STORE = ("lookback", "restore")  # these look at a mailbox, or at a backup, first
READS_CONFIG = sorted(set(COMMANDS) - set(WITHOUT_CONFIG))


def words_of(name: str) -> tuple[str, ...]:
    """Return a command as it can be given, without its config."""
    given = {
        "explain": ("explain", "R00000000"),
        "follow-up": ("follow-up", "R00000000"),
        "record": ("record", "acme/phone", "--sent", "now"),
        "skip": ("skip", "R00000000"),
        "abort": ("abort", "--yes"),
        "audit": ("audit", "--yes"),
        "lookback": ("lookback", "--imap"),
        "import": ("import", __file__),
        "evidence": ("evidence", "pack.zip"),
        "correction": ("correction", "list"),
        "erase": ("erase", "anna@shop.example"),
        "key": ("key", "status"),
        "opt-out": ("opt-out", "list"),
        "redact": ("redact", "R00000000"),
        "restore": ("restore", "backup.db"),
    }
    return given.get(name, (name,))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(ACCOUNT + company("shop"), encoding="utf-8")
    return path


# --- words ---


def test_without_words_it_shows_what_there_is(call: Call) -> None:
    done = call()

    assert done.code == 2
    assert all(f"  {name} " in done.err for name in COMMANDS)


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_with_an_example(call: Call, name: str, option: str) -> None:
    done = call(name, option)

    assert done.code == 0
    assert done.out.startswith(f"Usage: slawatch {name} ")
    shown = done.out.count(f"\n    slawatch {name}")
    assert f"\n  Example{'s' if shown > 1 else ''}:\n    slawatch {name}" in done.out
    assert max(map(len, done.lines)) <= 100


def test_the_version_is_said(call: Call) -> None:
    assert call("--version").out == f"slawatch {__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("statsu",), 'slawatch: there is no command "statsu": did you mean "status"?; see `slawatch --help`'),
        (("frobnicate",), 'slawatch: there is no command "frobnicate"; see `slawatch --help`'),
        (("explain",), "slawatch explain: missing argument 'REQUEST'; see `slawatch explain --help`"),
        (("status", "--jsno"), "slawatch status: no such option '--jsno'. Did you mean '--json'?; see "),
        (("plan", "--ahead", "1 hr"), "slawatch plan: invalid value for '--ahead': \"1 hr\" is not a duration; write "),
        (("report", "--audit", "last"), "slawatch report: invalid value for '--audit': 'last' is not a valid integer"),
        *(
            (
                ("report", "--pdf", "r.pdf", option),
                f'--pdf: prints the HTML report, and "{option}" makes none; give one of them only',
            )
            for option in ("--json", "--text", "--mail")
        ),
        (("report", "--json", "--text"), '--json: "--text" asks for another form; give one of them only'),
        (("report", "--text", "--out", "r"), '--out: is where the HTML report goes, and "--text" makes none; give one'),
        (("--frob",), "slawatch: no such option '--frob'"),
    ],
)
def test_a_slip_of_the_fingers_is_one_line(call: Call, words: tuple[str, ...], message: str) -> None:
    done = call(*words)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)
    assert len(done.err.splitlines()) == 1


# --- config ---


@pytest.mark.parametrize("name", READS_CONFIG)
def test_a_config_that_is_not_there_is_one_line_for_every_command(call: Call, tmp_path: Path, name: str) -> None:
    done = call(*words_of(name), "-c", tmp_path / "config.toml")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{tmp_path / 'config.toml'}: ")
    assert "slawatch init" in done.err
    assert len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [], "nothing is made beside it"


def test_each_mistake_in_it_is_a_line_of_its_own(call: Call, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace('"Europe/Berlin"', '"Europe/Brelin"', 1)
        .replace("smtp_host", "smtp_hots")
        .replace("1000\n", '"x"\n'),
        encoding="utf-8",
    )

    done = call("status", "-c", config)

    assert (done.code, done.out) == (2, "")
    lines = done.err.splitlines()
    assert len(lines) >= 3
    assert all(line.startswith(f"{config}:") for line in lines)
    assert any("Europe/Berlin" in line for line in lines)
    assert any('did you mean "smtp_host"?' in line for line in lines)


def test_a_config_that_is_a_folder_is_one_line(call: Call, tmp_path: Path) -> None:
    done = call("status", "-c", tmp_path)

    assert done.code == 2
    assert len(done.err.splitlines()) == 1


def test_an_option_counts_more_than_the_variable(config: Path, tmp_path: Path) -> None:
    done = run("status", "-c", config, cwd=tmp_path, env={"SLAWATCH_CONFIG": "/nowhere/config.toml"})

    assert done.code == 0, done.err
    assert run("status", cwd=tmp_path, env={"SLAWATCH_CONFIG": "/nowhere/config.toml"}).code == 2
    assert run("status", cwd=tmp_path).code == 0, "else the one in the folder"


# --- store and folders ---


def test_a_store_that_a_newer_slawatch_has_written_is_left_alone(call: Call, config: Path) -> None:
    assert call("status", "-c", config).code == 0
    store = config.parent / "slawatch.db"
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = store.read_bytes()

    for name in sorted(set(READS_CONFIG) - set(WITHOUT_STORE)):
        done = call(*words_of(name), "-c", config)

        assert done.code == 1, name
        assert len(done.err.splitlines()) == 1, name
        assert "newer" in done.err
    assert store.read_bytes() == before


def test_a_store_that_is_none_is_one_line(call: Call, config: Path) -> None:
    (config.parent / "slawatch.db").write_text("this is no database, and long enough to be seen as none" * 99)

    done = call("status", "-c", config)

    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert "slawatch.db" in done.err


def without_rights(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that may write only where its rights allow, be the tests run by root."""
    as_root = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*as_root, *command(*words)], cwd=cwd, env=environment(), capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("tick",),
        ("init", "new"),
        ("report", "--out", "r.html"),
        ("plan", "--out", "x"),
        ("demo", "--quick"),
    ],
)
def test_a_folder_that_cannot_be_written_is_one_line(config: Path, words: tuple[str, ...]) -> None:
    folder = config.parent
    folder.chmod(0o555)
    try:
        done = without_rights(*words, cwd=folder)
    finally:
        folder.chmod(0o755)

    assert done.returncode == 1, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "Permission denied" in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml"]


def test_a_report_that_cannot_be_written_leaves_nothing_half_done(call: Call, config: Path) -> None:
    (config.parent / "taken").write_text("mine", encoding="utf-8")

    done = call("report", "-c", config, "--out", config.parent / "taken" / "r.html")

    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert (config.parent / "taken").read_text(encoding="utf-8") == "mine"


# --- init ---


def test_init_makes_a_folder_that_says_what_to_do_next(call: Call, tmp_path: Path) -> None:
    done = call("init", tmp_path / "shop")

    config = tmp_path / "shop" / "config.toml"
    assert done.code == 0
    assert done.lines[0] == f"made {config}"
    assert [line.split()[0] for line in done.lines[2:]] == ["1.", "2.", "3.", "4."]
    assert all(f" -c {config} " in line for line in done.lines[3:])
    assert config.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "shop" / ".gitignore").read_text(encoding="utf-8").splitlines()[0] == "out/"


def test_what_init_made_loads_at_once_and_lacks_nothing_but_the_password(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path / "shop")

    with app.world(tmp_path / "shop" / "config.toml") as world:
        assert set(world.config.companies) == {"example-shop"}
    checked = call("check", "-c", tmp_path / "shop" / "config.toml")

    assert checked.code == 1
    assert "SLAWATCH_PASSWORD" in checked.out


def test_init_never_overwrites(call: Call, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("mine", encoding="utf-8")

    done = call("init", tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f'{tmp_path / "config.toml"}: exists already and is left as it is; name another folder: slawatch init "DIR"\n'
    )
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / ".gitignore").exists()


def test_init_keeps_a_gitignore_that_is_there(call: Call, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.bak\n", encoding="utf-8")

    assert call("init", tmp_path).code == 0

    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "*.bak\n"


def test_init_works_where_one_stands(tmp_path: Path) -> None:
    done = run("init", cwd=tmp_path)

    assert done.code == 0
    assert " -c " not in done.out
    assert (tmp_path / "config.toml").exists()


def test_its_example_is_the_one_beside_the_package(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path)
    example = tmp_path / "again"
    shutil.copytree(tmp_path, example, ignore=shutil.ignore_patterns("again"))

    assert (example / "config.toml").read_text(encoding="utf-8").startswith("# slawatch: which companies are asked")
