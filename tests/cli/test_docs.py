"""The documentation says what the code does: pages made from it, commands, exit codes, JSON, links, examples."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner

from slawatch import cli, errors, probe, resources, settings
from slawatch.app import load_config, world
from slawatch.burden import DEFAULT
from slawatch.channels.email import Settings
from slawatch.cli import demo, report
from slawatch.cli import plan as cli_plan
from slawatch.cli import status as cli_status
from slawatch.durations import show
from slawatch.match.rows import STRENGTHS
from slawatch.model import MessageKind, Relationship, VoidReason
from slawatch.report import build, render
from slawatch.statistics import ONE_SIDED, chance_of_so_few, wilson
from slawatch.testing import FakeClock
from slawatch.usecases.audit import start
from slawatch.usecases.explain import explain
from slawatch.usecases.outlook import outlook
from slawatch.usecases.plan import lay_out, preview
from slawatch.usecases.send import send_due
from slawatch.usecases.status import status
from slawatch.usecases.world import World
from tests import past, report_sample

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS]
HELP = ["-h", "--help"]  # a command remembers for good the names it was first asked for
CONFIG = """
timezone = "Europe/Berlin"
[account.main]
channel = "email"
address = "anna@example.org"
smtp_host = "localhost"
imap_host = "localhost"
smtp_password_env = "SLAWATCH_TEST_PASSWORD_THAT_NOBODY_SET"
[company.shop]
name = "Shop"
relationship = "own"
every = "7 d"
[[company.shop.target]]
channel = "email"
address = "service@shop.example"
"""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


# --- pages made from the code ---


def test_the_reference_is_what_the_code_says() -> None:
    assert tool().stale() == [], "run: python tools/reference.py"


def test_a_reference_that_differs_fails_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = tool()
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    for path, text in reference.pages().items():
        path.write_text(text, encoding="utf-8")
    assert reference.stale() == []

    (tmp_path / "config.md").write_text("something else", encoding="utf-8")

    assert reference.stale() == [tmp_path / "config.md"]


def test_the_tool_checks_as_a_script() -> None:
    done = subprocess.run([sys.executable, "tools/reference.py", "--check"], cwd=ROOT, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_and_option_is_in_the_reference(name: str) -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    section = page.partition(f"## slawatch {name}\n")[2].partition("\n## ")[0]
    command = cli.group.get_command(click.Context(cli.group), name)
    assert command is not None

    options = [flag for parameter in command.params if isinstance(parameter, click.Option) for flag in parameter.opts]

    assert section
    assert [flag for flag in options if flag not in section] == []


def test_every_key_of_an_account_is_in_the_reference_and_in_the_example() -> None:
    page = (ROOT / "docs/reference/config.md").read_text(encoding="utf-8")
    example = resources.read("config.example.toml")

    assert [key for key in settings.keys(Settings) if f"`{key}`" not in page] == []
    assert [one for one in ("address", "own_mx", "catch_all_domain") if f"{one} = " not in example] == []


# --- what is written by hand ---


def fences(text: str) -> Iterator[tuple[str, str]]:
    """Yield (language, content) of each fenced block."""
    yield from re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def quoted_commands() -> list[tuple[str, str]]:
    """Return every `slawatch ...` line in the pages and in what slawatch itself says, with where it stands."""
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        code = [line for _, content in fences(text) for line in content.splitlines()]
        code += re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
        found += [(named(path), line) for line in code]
    for path in sorted(Path(cli.__file__).parents[1].rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found += [(path.name, code) for code in re.findall(r"`(slawatch [^`]+)`", node.value)]
    return [(where, line[match.end(1) :]) for where, line in found if (match := COMMAND_LINE.search(line))]


COMMAND_LINE = re.compile(r"^((?:\$ |[*/0-9A-Za-z]+ .*? )?(?:/[\w./]*/)?slawatch )(?=-|[a-z]+\b)")
SHOWN_ONLY = {"--help", "-h", "--version"}


def words_of(line: str) -> list[str]:
    return shlex.split(re.split(r"\s(?:>>|[|>&;#]| {2,})", line)[0], comments=True)


@pytest.mark.parametrize(("where", "line"), sorted(set(quoted_commands())))
def test_every_quoted_command_line_can_be_typed(where: str, line: str) -> None:
    words = words_of(line)
    given = [word for word in words if word not in SHOWN_ONLY and not word.startswith("[")]
    if not given or given == ["COMMAND"]:
        return
    command = cli.group.get_command(click.Context(cli.group), given[0])

    assert command is not None, f"{where}: there is no command {given[0]}"
    if len(given) > 1 or command.name in ("check", "plan", "audit", "report", "tick", "status"):
        command.make_context(given[0], given[1:], help_option_names=HELP)  # raises for an option that does not exist


def test_command_lines_are_found_and_a_wrong_one_is_refused() -> None:
    found = quoted_commands()
    assert ("docs/tutorial/first-audit.md", "init shop") in found
    assert any(line.startswith("tick -c /home/anna") for _, line in found)

    command = cli.group.get_command(click.Context(cli.group), "report")
    assert command is not None
    with pytest.raises(click.NoSuchOption):
        command.make_context("report", ["--no-such-option"], help_option_names=HELP)


def slug(heading: str) -> str:
    """Return the anchor that GitHub and most others give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", "")).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)}


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        there = (path.parent / name).resolve() if name else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(link)

    assert broken == []


def test_every_page_is_linked_from_the_index_or_from_one_it_links() -> None:
    index = ROOT / "docs/index.md"
    reached: set[Path] = set()
    waiting = [index]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for link in re.findall(r"\]\(([^)#\s]+\.md)", page.read_text(encoding="utf-8")):
            there = (page.parent / link).resolve()
            if there not in reached and there.is_file():
                waiting.append(there)

    assert [named(path) for path in DOCS if path not in reached] == []
    assert "(docs/index.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_pages_that_the_code_names_exist() -> None:
    sources = [*Path(cli.__file__).parents[1].rglob("*.py"), ROOT / "config.example.toml"]
    missing = []
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for name, heading in re.findall(r'(docs/[\w/-]+\.md)(?:, "([^"]+)")?', text):
            page = ROOT / name
            if not page.is_file() or (heading and slug(heading) not in anchors(page)):
                missing.append(f"{path.name}: {name} {heading}".strip())

    assert missing == []


def test_exit_codes_agree() -> None:
    page = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE)}
    in_help = {int(code) for code in re.findall(r"(\d+) [a-z]", (cli.group.help or "").partition("Exit codes:")[2])}
    raised = {
        one.exit_code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.SlawatchError)
    }
    used = raised | {0, report.NOT_MET, cli.PART_UNMEASURED, cli.INTERRUPTED}

    assert documented == in_help == used


def test_the_demo_is_described_with_its_own_figures() -> None:
    from slawatch.practice.companies import COMPANIES  # noqa: PLC0415 - heavy, and only here
    from slawatch.practice.demo import FACTOR  # noqa: PLC0415 - same

    command = demo.command.help or ""
    decision = (ROOT / "docs/decisions/0003-the-demo-runs-600-times-as-fast.md").read_text(encoding="utf-8")

    assert f"{FACTOR} times" in command
    assert f"{FACTOR} times" in decision
    assert {len(COMPANIES): "twelve"}[12] in command


# --- tables and examples that repeat what the code holds ---


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its first two lines."""
    below = (ROOT / page).read_text(encoding="utf-8").partition(f"\n{heading}\n")[2]
    lines = re.search(r"(?:^\|.*\n)+", below, flags=re.MULTILINE)
    assert lines is not None, f"{page}: no table below {heading}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[0].splitlines()[2:]]


def test_the_table_of_kinds_is_that_of_the_model() -> None:
    documented = {row[0]: row[1:4] for row in rows("docs/explanation.md", "## Kinds of messages")}

    assert documented.keys() == {str(kind) for kind in MessageKind}
    for kind in MessageKind:
        writer, first, answer = documented[kind]
        assert (writer == "a person") is kind.by_person
        assert (writer == "a machine") is (kind.automatic is True)
        assert (first == "yes") is kind.by_person
        assert (answer == "yes") is (kind is MessageKind.ANSWER)


def test_the_table_of_evidence_is_that_of_the_matching() -> None:
    documented = [(row[1], row[3]) for row in rows("docs/explanation.md", "## How a reply is recognised")]

    assert documented == [(str(evidence), str(strength)) for evidence, strength in STRENGTHS.items()]


def test_the_table_of_proofs_is_computed_right() -> None:
    for in_time, interval, proof in rows("docs/explanation.md", "## Objectives"):
        some, of = (int(number) for number in re.findall(r"\d+", in_time))
        low, high = wilson(some / of, of)
        least, most = (float(number) for number in re.findall(r"[\d.]+", interval))

        assert (abs(100 * low - least) < 0.5, abs(100 * high - most) < 0.5) == (True, True), in_time
        chance = chance_of_so_few(some, of, 0.9)
        too_few = f"not proven: {chance:.0%} of those who keep it look as bad".replace("%", " %")
        below = "proven not met" if chance <= ONE_SIDED else too_few
        said = "proven met" if low >= 0.9 else below if high < 0.9 else "not proven"
        assert proof.strip("*") == said, in_time


def test_the_documented_limits_hold() -> None:
    documented = {row[0].strip("`"): row[1] for row in rows("docs/how-to/ask-within-limits.md", "The defaults:")}
    held = {one.name: getattr(DEFAULT, one.name) for one in fields(DEFAULT)}

    assert documented == {name: str(value) if isinstance(value, int) else show(value) for name, value in held.items()}


def test_every_relationship_and_every_reason_to_be_void_is_documented() -> None:
    relationships = [row[0].strip("`") for row in rows("docs/how-to/ask-within-limits.md", "## What holds")]
    reasons = [row[0] for row in rows("docs/how-to/when-something-fails.md", '## A request is "void"')]

    assert relationships == [str(one) for one in Relationship]
    assert sorted(reasons) == sorted(str(one) for one in VoidReason)


def test_the_probe_of_the_how_to_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs/how-to/write-a-probe.md").read_text(encoding="utf-8")
    path = tmp_path / "engraving.toml"
    path.write_text(next(content for language, content in fences(text) if language == "toml"), encoding="utf-8")

    found = probe.load(path)

    assert len(found.wordings["en"].variants) == 2


def test_six_edited_lines_make_a_config_for_ones_own_mailbox(tmp_path: Path) -> None:
    text = (ROOT / "docs/tutorial/first-audit.md").read_text(encoding="utf-8")
    edits = next(content for language, content in fences(text) if language == "toml").splitlines()
    lines = resources.read("config.example.toml").splitlines()
    at = 0
    for edit in edits:
        key = edit.partition(" = ")[0]
        at = next(n for n in range(at, len(lines)) if re.match(rf"#?{key} = ", lines[n]))
        lines[at] = edit
    path = tmp_path / "config.toml"
    path.write_text("\n".join(lines), encoding="utf-8")

    config, _ = load_config(path)

    assert len(edits) == 6
    (account,), (company,) = config.accounts.values(), config.companies.values()
    assert account.settings.address == company.targets[0].address == "anna@example.org"
    assert (account.settings.name, company.name, company.relationship) == ("Anna Example", "My own desk", "own")


# --- JSON ---


def shape(value: Any) -> Any:
    """Return the keys of a document, all the way down; of a list the keys of everything in it together.

    What is null in one of a list and holds something in another holds it.
    """
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        found: Any = None
        for inner in value:
            one = shape(inner)
            if isinstance(found, dict):
                found |= {key: keys for key, keys in one.items() if keys is not None or key not in found}
            elif found is None:
                found = one
        return [found]
    return None


def documented_json(command: str) -> Any:
    page = (ROOT / "docs/reference/json.md").read_text(encoding="utf-8")
    section = page.partition(f"## slawatch {command} --json\n")[2].partition("\n## ")[0]
    return json.loads(next(content for language, content in fences(section) if language == "json"))


def test_the_json_of_a_report_is_as_documented() -> None:
    documented = documented_json("report")
    made = json.loads(json.dumps(render.whole_data(build.build(report_sample.four_weeks()), None)))
    for document in (documented, made):
        document["method"]["observed_until"] = document["method"]["costs"] = {}  # their keys are names of accounts

    assert shape(made) == shape(documented)


def test_the_json_of_a_look_back_is_as_documented(tmp_path: Path) -> None:
    made = past.make(36)
    path = past.write_mbox(tmp_path / "all.mbox", made.mails)

    done = CliRunner().invoke(cli.group, ["lookback", "--mbox", str(path), "--ours", past.ME, "--json"])
    found = json.loads(done.stdout)

    documented = documented_json("lookback")
    for document in (documented, found["lookback"]):
        document["left_out"] = {}  # its keys are the reasons there were
    assert shape(found.pop("lookback")) == shape(documented)
    assert found.keys() == documented_json("report").keys()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    with world(path, clock=FakeClock()) as found:
        yield found


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value, default=str))


def test_the_json_of_a_plan_is_as_documented(here: World) -> None:
    until = here.clock.now() + timedelta(days=14)
    lay_out(here, until)

    previews = preview(here, until)
    facts = cli_plan._document(previews, outlook(here, previews), [])

    assert len(previews) == 2
    assert shape(as_json(facts)) == shape(documented_json("plan"))


def test_the_json_of_a_check_is_as_documented(here: World) -> None:
    done = CliRunner().invoke(cli.group, ["check", "-c", str(here.config.path), "--json"])

    assert shape(json.loads(done.stdout)) == shape(documented_json("check"))


def test_the_json_of_status_and_explain_is_as_documented(here: World) -> None:
    start(here, here.config.companies["shop"].targets, over=timedelta(0), until=None, name="all")
    send_due(here)  # the password is not there, so the request stays open

    made, documented = as_json(cli_status._facts(status(here))), documented_json("status")
    top = asdict(explain(here, made["open"][0]["request"]))

    assert made["looks"].keys() == {"main"}
    for document in (documented, made):
        document["paused"] = document["looks"] = {}  # their keys are names
        document["our_turn"] = []  # tests/cli/test_cli_follow_up.py has one
        document["to_post"] = []  # tests/cli/test_cli_adopt.py has one
    assert shape(made) == shape(documented)
    page = (ROOT / "docs/reference/json.md").read_text(encoding="utf-8").partition("## slawatch explain --json")[2]
    assert [key for key in top if f"`{key}`" not in page] == []
