"""`slawatch import`, `export` and `slawatch.frame()`: all or nothing, known again, and back as it was."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import slawatch
from slawatch.data import parquet
from tests.cli.conftest import Call, Demo
from tests.cli.running import Done

HEAD = "request,company,channel,target,sent_at,first_response_at,answered_at,observed_until,verdict,void_reason"
ROWS = (
    "1,acme,email,help@acme.example,2026-11-01T09:00:00Z,2026-11-01T09:30:00Z,2026-11-01T10:30:00Z,2026-11-20T00:00Z,,",
    "2,acme,email,help@acme.example,2026-11-02T09:00:00Z,,,2026-11-20T00:00Z,missed,",
    "3,acme,email,help@acme.example,2026-11-19T09:00:00Z,,,2026-11-20T00:00Z,,",
    "4,acme,email,help@acme.example,2026-11-03T09:00:00Z,,,,void,bounced",
)
PERIOD = ("--period", "2026-11-01..2026-11-20")
TWEETED = ("--period", "2017-10-01..2017-12-31")
TWCS = Path(__file__).parents[3] / "shared" / "data" / "twcs" / "twcs_5000.csv"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the smallest config there is: no account, no company."""
    path = tmp_path / "config.toml"
    path.write_text('store = "store.db"\n')
    return path


@pytest.fixture
def take(call: Call, config: Path, tmp_path: Path) -> Any:
    """Import these lines, or bytes, as a file of that name."""

    def run(content: Sequence[str] | bytes, *options: object, name: str = "rows.csv") -> Done:
        raw = content if isinstance(content, bytes) else "\r\n".join(content).encode("utf-8", "surrogatepass")
        (tmp_path / name).write_bytes(raw)
        return call("import", tmp_path / name, "-c", config, *options)

    return run


def kept(config: Path) -> int:
    with sqlite3.connect(config.parent / "store.db") as store:
        (count,) = store.execute("SELECT COUNT(*) FROM request").fetchone()
    store.close()
    return int(count)


def groups(call: Call, config: Path, *period: str) -> dict[tuple[str, str], dict[str, Any]]:
    done = call("report", "-c", config, "--json", *period)
    return {(group["company"], group["channel"]): group for group in json.loads(done.out)["groups"]}


def test_a_config_without_companies_is_enough_for_import_and_report(take: Any, call: Call, config: Path) -> None:
    done = take((HEAD, *ROWS))

    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == "rows.csv: 4 rows, 4 new, 0 known"
    acme = groups(call, config, *PERIOD)["acme", "email"]
    counts = {name: acme[name] for name in ("n", "answered", "missed", "pending", "void", "origin")}
    assert counts == {"n": 3, "answered": 1, "missed": 1, "pending": 1, "void": 1, "origin": "imported"}
    assert acme["first_response"]["limit_seconds"] == 3600


def test_the_next_command_names_the_config_as_it_was_named(take: Any, config: Path) -> None:
    told = take([HEAD, *ROWS]).lines[-1]

    assert told.endswith(f"report -c {config} --period 2026-11-01..2026-11-20")


def test_importing_again_changes_nothing(take: Any, config: Path) -> None:
    take((HEAD, *ROWS))
    before = (config.parent / "store.db").read_bytes()

    done = take((HEAD, *reversed(ROWS)), name="other.csv")

    assert done.lines[0] == "other.csv: 4 rows, 0 new, 4 known"
    assert (config.parent / "store.db").read_bytes() == before


def test_what_was_answered_since_is_brought_up_to_date(take: Any, call: Call, config: Path) -> None:
    take((HEAD, *ROWS))
    answered = ROWS[2].replace(",,,", ",2026-11-19T10:00:00Z,,", 1)

    done = take((HEAD, *ROWS[:2], answered, ROWS[3]))

    assert done.lines[0] == "rows.csv: 4 rows, 0 new, 1 changed, 3 known"
    assert groups(call, config, *PERIOD)["acme", "email"]["answered"] == 2


def test_rows_that_nobody_named_are_told_apart_by_what_was_asked_when(take: Any, config: Path) -> None:
    rows = ("company,channel,sent_at", *["acme,phone,2026-11-01T09:00:00Z"] * 3, "acme,phone,2026-11-01T09:01:00Z")

    assert take(rows).lines[0] == "rows.csv: 4 rows, 4 new, 0 known"
    assert take(rows).lines[0] == "rows.csv: 4 rows, 0 new, 4 known"
    assert kept(config) == 4


def test_one_bad_row_and_nothing_is_imported(take: Any, config: Path) -> None:
    done = take((HEAD, *ROWS, "5,acme,email,,yesterday,,,,,"))

    assert done.code == 1
    assert "nothing was imported: mend the bad rows, or leave them out with --skip-bad" in done.lines[0]
    assert '    line 6: sent_at: "yesterday" is not a time; write 2026-11-01T09:30:00Z' in done.out
    assert kept(config) == 0


def test_bad_rows_can_be_left_out(take: Any, config: Path) -> None:
    done = take((HEAD, *ROWS, "5,acme,email,,yesterday,,,,,"), "--skip-bad")

    assert done.code == 0
    assert done.lines[0] == "rows.csv: 5 rows, 4 new, 0 known, 1 bad"
    assert kept(config) == 4


def test_of_many_bad_rows_some_are_shown_and_all_written(take: Any, tmp_path: Path) -> None:
    done = take((HEAD, *["=1,,email,,2026-11-01T09:00:00Z,,,,,"] * 332), "--bad", tmp_path / "bad.csv")

    assert done.out.count("    line ") == 20
    assert f"    and 312 more; all are in {tmp_path / 'bad.csv'}" in done.out
    with (tmp_path / "bad.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 332


def test_a_dry_run_keeps_nothing(take: Any, config: Path) -> None:
    done = take((HEAD, *ROWS), "--dry-run")

    assert done.lines[0] == "rows.csv: 4 rows, 4 new, 0 known; nothing was imported (--dry-run)"
    assert kept(config) == 0


def test_a_verdict_that_the_times_contradict_is_listed_and_not_believed(take: Any, call: Call, config: Path) -> None:
    done = take((HEAD, f"{ROWS[0][:-2]},missed,", f"{ROWS[2][:-2]},missed,"))

    assert '    line 2: verdict: "missed", by its times "answered"' in done.out
    assert '    line 3: verdict: "missed", by its times "pending"' in done.out
    assert groups(call, config, *PERIOD)["acme", "email"]["missed"] == 0


def test_their_columns_can_have_names_of_their_own(take: Any, call: Call, config: Path) -> None:
    rows = ("Brand;Way;Opened;Priority", "acme;email;2026-11-01 09:00;high")
    maps = ("--map", "Brand=company", "--map", "Way=channel", "--map", "Opened=sent_at")

    done = take(rows, "--delimiter", ";", "--timezone", "Europe/Berlin", *maps)

    assert done.lines[:2] == ["rows.csv: 1 row, 1 new, 0 known", "  columns not used: Priority"]
    out = call("export", "-c", config).out
    assert ",acme,email,,,,imported,2026-11-01T08:00:00Z," in out


@pytest.mark.parametrize(
    ("content", "options", "why"),
    [
        (("a;b;c", "1;2;3"), (), 'the columns are separated by ";"; say --delimiter ";" (and --map theirs=ours'),
        (("brand,channel,sent_at",), (), 'there is no column "company"; say --map theirs=company. It has "brand", '),
        (("company,company,channel,sent_at",), (), 'there are two columns "company"'),
        ((HEAD,), ("--map", "brnd=company"), '--map: rows.csv has no column "brnd"; it has "request"'),
        ((HEAD,), ("--map", "company=compny"), '"compny" is no column of ours (did you mean "company"?)'),
        ((HEAD,), ("--map", "company"), '--map: "company" is not of the form THEIRS=OURS'),
        ((HEAD,), ("--delimiter", ";;"), '--delimiter: ";;" is not one character'),
        ((HEAD,), ("--timezone", "Mars"), '--timezone: "Mars" is no time zone'),
        ((), (), "the first line is empty; it must name the columns"),
        ("company".encode("utf-16"), (), "it is UTF-16"),
        (b"PK\x03\x04", (), "it is a spreadsheet or a ZIP file"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_its_cure(
    take: Any, content: Sequence[str] | bytes, options: Sequence[str], why: str
) -> None:
    done = take(content, *options)

    assert done.code == 2
    assert why in done.err
    assert done.err.count("\n") == 1


def test_hostile_cells_are_bad_rows_and_the_others_are_read(take: Any, config: Path) -> None:
    good = "acme,email,2026-11-01T09:00:00Z,"
    lines = ["\ufeffcompany,channel,sent_at,target", f"{good}a\0b", f"{good}{'x' * 10_000_000}", f"{good}ok", "a,b"]
    raw = "\r\n".join(lines).encode() + b"\r\n" + good.encode() + b"caf\xe9"

    done = take(raw)

    assert "5 rows, 1 new, 0 known, 4 bad" in done.lines[0]
    assert 'line 2: target: "a\\x00b" holds control characters' in done.out
    assert "line 3: a cell is longer than 131072 characters" in done.out
    assert "line 5: it has 2 cells, the head has 4" in done.out
    assert 'line 6: target: "caf\\udce9" is not UTF-8' in done.out
    assert kept(config) == 0


def test_a_file_without_answers_lets_nobody_be_said_to_miss_one(take: Any, call: Call, config: Path) -> None:
    head, row = "company,channel,sent_at,first_response_at", "acme,email,2026-11-{:02}T09:00Z,2026-11-{:02}T09:30Z"
    rows = [row.format(day, day) for day in range(1, 13)]

    done = take([head, *rows])
    shown = call("report", "--text", "-c", config, *PERIOD).out
    (group,) = json.loads(call("report", "--json", "-c", config, *PERIOD).out)["groups"][:1]

    assert "  no row has answered_at: the report speaks of first responses alone" in done.out
    assert "Says nothing about answers. No row of rows.csv tells when a matter was dealt with." in shown
    assert "Answer, 90 % within 24 h" not in shown
    assert [one["measure"] for one in group["objectives"]] == ["first_response"]

    # One answer among them, and of the others the file says that there was none.
    done = take([f"{head},answered_at", *(f"{one}," for one in rows[:-1]), f"{rows[-1]},2026-11-12T10:00Z"])
    shown = call("report", "--text", "-c", config, *PERIOD).out

    assert "answered_at" not in done.out
    assert "Says nothing about answers" not in shown
    assert "Answer, 90 % within 24 h" in shown


def test_of_very_many_companies_without_answers_none_is_held_to_one(take: Any, call: Call, config: Path) -> None:
    head, row = "company,channel,sent_at,first_response_at", "acme-{},email,2026-11-01T09:00Z,2026-11-01T09:30Z"

    take([head, *(row.format(number) for number in range(61))])
    groups = json.loads(call("report", "--json", "-c", config, *PERIOD).out)["groups"]

    assert len(groups) == 62
    assert {one["measure"] for group in groups for one in group["objectives"]} == {"first_response"}


def test_of_very_many_companies_it_is_said_how_many_requests_each_file_brought(
    take: Any, call: Call, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slawatch.usecases.wide.COMPANIES_MAX", 0)
    take((HEAD, *ROWS), name="first.csv")
    # Of the second one, which is known already, more is said now; so each file stands for two spans of requests.
    later = ROWS[1].replace(",,,2026-11-20", ",2026-11-02T10:00:00Z,,2026-11-20").replace("missed", "")
    take(
        (HEAD, later, ROWS[0].replace("1,acme", "5,acme", 1).replace("2026-11-01", "2026-11-07")),
        name="later.csv",
    )
    outside = [
        row.replace(f"{number},acme", f"{number + 5},acme", 1).replace("2026-11", "2026-12")
        for number, row in enumerate(ROWS, start=1)
    ]
    take((HEAD, *outside), name="december.csv")

    brought = json.loads(call("report", "-c", config, "--json", *PERIOD).out)["method"]["imports"]

    assert [(one["file"], one["requests"]) for one in brought] == [("first.csv", 3), ("later.csv", 2)]


def test_what_cannot_be_read_is_not_called_empty_as_well(take: Any) -> None:
    done = take(["company,channel,sent_at", "acme,email,yesterday"])

    assert 'line 2: sent_at: "yesterday" is not a time; write 2026-11-01T09:30:00Z\n' in done.out


def test_a_name_stands_once_in_a_file(take: Any) -> None:
    done = take((HEAD, ROWS[0], ROWS[1], ROWS[0]))

    assert 'line 4: request: "1" stands in line 2 already' in done.out
    assert done.code == 1


def test_without_a_config_the_error_says_how_small_one_may_be(call: Call, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(HEAD)

    done = call("import", tmp_path / "rows.csv", "-c", tmp_path / "none.toml")

    assert done.code == 2
    assert 'one with the line store = "slawatch.db" is enough' in done.err


def test_nothing_else_touches_what_was_imported(take: Any, call: Call, config: Path) -> None:
    take((HEAD, *ROWS))
    before = groups(call, config, *PERIOD)

    for words in (("tick",), ("recompute",), ("status",)):
        assert call(*words, "-c", config).code == 0

    assert groups(call, config, *PERIOD) == before


def test_every_imported_request_can_be_explained(take: Any, call: Call, config: Path) -> None:
    take((HEAD, *ROWS))
    with sqlite3.connect(config.parent / "store.db") as store:
        names = [name for (name,) in store.execute("SELECT public_id FROM request")]
    store.close()

    for name in names:
        assert call("explain", name, "-c", config).code == 0
        assert call("explain", name, "-c", config, "--json").code == 0


# --- out, and in again ---


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "jsonl"])
def test_what_is_exported_and_imported_elsewhere_gives_the_same_figures(
    take: Any, call: Call, config: Path, tmp_path: Path, form: str
) -> None:
    take((HEAD, *ROWS, "=5,@beta,twitter,@beta,2026-11-03T09:00:00.123456Z,2026-11-03T09:05:00Z,,,,"))
    other = tmp_path / "other" / "config.toml"
    other.parent.mkdir()
    other.write_text('store = "store.db"\n')

    assert call("export", tmp_path / f"out.{form}", "-c", config).out == f"{tmp_path / f'out.{form}'}: 5 rows\n"
    done = call("import", tmp_path / f"out.{form}", "-c", other)

    assert done.lines[0] == f"out.{form}: 5 rows, 5 new, 0 known"
    assert groups(call, other, *PERIOD) == groups(call, config, *PERIOD)
    assert call("export", "-c", other).out == call("export", "-c", config).out


CARRIED = ("n", "answered", "missed", "pending", "void", "late", "objectives", "first_response", "acknowledged")


def test_the_demos_export_imported_into_a_new_store_gives_the_same_figures(
    call: Call, demo: Demo, tmp_path: Path
) -> None:
    ever = ("--period", "2000-01-01..2100-01-01")
    config = tmp_path / "config.toml"
    config.write_text(demo.config.read_text().replace('"demo.db"', '"other.db"'))
    (tmp_path / "recipes").symlink_to(demo.folder / "recipes")
    call("export", tmp_path / "demo.csv", "-c", demo.config)

    done = call("import", tmp_path / "demo.csv", "-c", config)

    assert " new, 0 known" in done.lines[0], done
    assert "verdict" not in done.out
    before, after = groups(call, demo.config, *ever), groups(call, config, *ever)
    assert before.keys() == after.keys()
    for key, group in before.items():
        # Our own turn after a question is nothing that a row can say; where there was none, answers agree as well.
        asked_back = group["asked_back"]["n"]
        carried = [name for name in CARRIED if name != "objectives" or not asked_back]
        assert {name: group[name] for name in carried} == {name: after[key][name] for name in carried}, key
        assert asked_back or group["answer"] == after[key]["answer"], key
    again = call("import", tmp_path / "demo.csv", "-c", config)
    assert " 0 new, " in again.lines[0]
    assert " 0 new, " in call("import", tmp_path / "demo.csv", "-c", demo.config).lines[0]


def test_a_dash_stands_for_the_pipe(take: Any, call: Call, config: Path) -> None:
    take([HEAD, *ROWS])

    assert call("export", "-", "-c", config).out == call("export", "-c", config).out
    assert json.loads(call("export", "-", "--format", "json", "-c", config).out)[0]["company"] == "acme"


def test_an_export_is_whole_or_not_there(take: Any, call: Call, config: Path, tmp_path: Path) -> None:
    take((HEAD, *ROWS))
    (tmp_path / "out.csv").write_text("old")
    (tmp_path / "store.db").rename(tmp_path / "kept.db")
    (tmp_path / "store.db").write_bytes(b"damaged" * 1000)

    assert call("export", tmp_path / "out.csv", "-c", config).code == 1

    assert (tmp_path / "out.csv").read_text() == "old"
    assert not list(tmp_path.glob(".out.csv*"))


def test_a_sheet_holds_texts_and_dates_and_no_formulas(take: Any, call: Call, config: Path, tmp_path: Path) -> None:
    take((HEAD, '"=HYPERLINK(""https://evil.example"")",acme,email,@help,2026-11-01T09:00:00Z,,,,,'))

    call("export", tmp_path / "out.xlsx", "-c", config)

    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.namelist()
    cells = {one.get("r"): one for one in ET.fromstring(sheet).iter() if one.tag.endswith("}c")}  # noqa: S314
    assert "<f>" not in sheet
    assert not [name for name in names if "externalLink" in name or "hyperlink" in name]
    assert 'state="frozen"' in sheet
    assert "".join(cells["A2"].itertext()) == '=HYPERLINK("https://evil.example")'
    assert float("".join(cells["H2"].itertext())) == 46327.375  # days since 1899-12-30, in UTC


def test_parquet_without_its_library_names_the_extra(
    call: Call, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)

    done = call("export", tmp_path / "out.parquet", "-c", config)

    assert done.code == 2
    assert done.err == 'Parquet needs pyarrow: pip install "slawatch[parquet]", or use CSV\n'


def test_parquet_keeps_instants_as_timestamps_in_utc(take: Any, call: Call, config: Path, tmp_path: Path) -> None:
    take((HEAD, *ROWS))
    call("export", tmp_path / "out.parquet", "-c", config)

    _, parts = parquet.library()
    table = parts.read_table(tmp_path / "out.parquet")
    assert str(table.schema.field("sent_at").type) == "timestamp[us, tz=UTC]"
    assert table["sent_at"][0].as_py() == datetime(2026, 11, 1, 9, tzinfo=UTC)


def test_a_frame_has_times_in_utc_and_the_verdict_as_a_category(take: Any, config: Path) -> None:
    take((HEAD, *ROWS))

    frame = slawatch.frame(config)

    assert list(frame["verdict"]) == ["answered", "missed", "pending", "void"]
    assert list(frame["verdict"].cat.categories) == ["answered", "missed", "pending", "void"]
    assert str(frame["sent_at"].dtype) == "datetime64[us, UTC]"
    wait = frame["first_response_at"] - frame["accepted_at"]
    assert wait[0].total_seconds() == 1800
    assert frame["first_response_at"].isna().sum() == 3
    assert len(slawatch.frame(config, period="2026-11-02..2026-11-03")) == 2


def test_a_frame_of_nothing_has_all_its_columns(config: Path) -> None:
    frame = slawatch.frame(config)

    assert (len(frame), str(frame["sent_at"].dtype)) == (0, "datetime64[us, UTC]")


# --- tweets ---


@pytest.fixture
def tweets(tmp_path: Path) -> Path:
    """Return the first of the set's tweets: conversations whole, but for a few at the end."""
    with TWCS.open(encoding="utf-8") as file:
        lines = [next(file) for _ in range(400)]
    path = tmp_path / "twcs.csv"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.data
def test_a_company_that_was_imported_is_named_to_who_spells_it_otherwise(take: Any, call: Call, config: Path) -> None:
    take([HEAD, *ROWS])

    other, near = (call("report", "-c", config, "--company", name).err for name in ("alder", "ACME"))

    assert other == 'company: there is no "alder" in config.toml or among those asked; known are: acme\n'
    assert near == 'company: there is no "ACME" in config.toml or among those asked; write "acme"\n'


def test_tweets_that_are_not_said_to_be_such_are_known(call: Call, config: Path) -> None:
    done = call("import", TWCS, "-c", config)

    assert done.code == 2
    assert done.err.startswith(
        'twcs_5000.csv:1: there is no column "company"; these are tweets: say --format twcs. It has'
    )


def test_a_broken_row_of_tweets_is_named_and_nothing_imported(call: Call, config: Path) -> None:
    done = call("import", TWCS, "--format", "twcs", "-c", config, "--dry-run")

    assert done.code == 1
    assert done.lines[0].startswith("twcs_5000.csv: 5001 rows, 1,347 new, 0 known, 2 bad; nothing was imported")
    assert "line 2589: it has 6 cells, the head has 8" in done.out
    assert kept(config) == 0


@pytest.mark.data
def test_tweets_become_observed_requests_with_replies_judged_by_the_rules(
    call: Call, config: Path, tweets: Path
) -> None:
    words = ("import", tweets, "--format", "twcs", "-c", config)
    done = call(*words)

    assert (done.code, done.lines[0]) == (0, "twcs.csv: 361 rows, 91 new, 0 known")
    document = json.loads(call("report", "-c", config, "--json", *TWEETED, "--company", "sprintcare").out)
    (source,) = document["method"]["imports"]
    assert source["answered_only"] is True
    group = next(one for one in document["groups"] if one["company"] == "sprintcare")
    assert (group["origin"], group["n"], group["answered"]) == ("observed", 3, 3)
    assert group["handed_off"] == 3
    assert call(*words).lines[0] == "twcs.csv: 361 rows, 0 new, 91 known"


@pytest.mark.data
def test_what_others_asked_is_not_followed_up(call: Call, config: Path, tweets: Path) -> None:
    call("import", tweets, "--format", "twcs", "-c", config)
    with sqlite3.connect(config.parent / "store.db") as store:
        ((asked_back,), *_) = store.execute(
            "SELECT public_id FROM request JOIN reply ON reply.request_id = request.id"
            " JOIN derived ON derived.message_id = reply.message_id WHERE derived.kind = 'question'"
        )
    store.close()

    for words in (("follow-up", asked_back), ("follow-up", asked_back, "--send")):
        done = call(*words, "-c", config)
        assert done.code == 2
        assert "it was imported: others asked, and only they can write again" in done.err


@pytest.mark.data
def test_replies_in_tweets_can_be_judged_again_and_decided_about(call: Call, config: Path, tweets: Path) -> None:
    call("import", tweets, "--format", "twcs", "-c", config)
    before = groups(call, config, *TWEETED)

    assert "nothing changed" in call("recompute", "-c", config).out
    assert groups(call, config, *TWEETED) == before
    waiting = json.loads(call("review", "-c", config, "--json").out)
    number = next(one["message"] for one in waiting)
    said = ("--reason", "thanks are an answer here")
    assert call("review", number, "--kind", "answer", *said, "-c", config).code == 0
    after = groups(call, config, *TWEETED)
    assert after != before
    assert call("review", number, "--undo", *said, "-c", config).code == 0
    assert groups(call, config, *TWEETED) == before


@pytest.mark.data
def test_a_report_over_answered_conversations_says_that_silence_is_not_in_it(
    call: Call, config: Path, tweets: Path
) -> None:
    call("import", tweets, "--format", "twcs", "-c", config)

    for lang, words in (("en", "take no share of unanswered requests from it"), ("de", "lässt sich daraus nicht")):
        config.write_text(f'store = "store.db"\nlanguage = "{lang}"\n')
        out = config.parent / f"{lang}.html"
        call("report", "-c", config, *TWEETED, "--company", "sprintcare", "--out", out)
        assert words in out.read_text(encoding="utf-8")


def test_an_imported_company_is_held_to_what_the_config_says_of_its_channel(
    take: Any, call: Call, config: Path
) -> None:
    config.write_text(
        'store = "store.db"\n[defaults]\nwindow = "3 d"\n'
        '[channel.email]\nfirst_response = { share = 0.5, within = "10 min" }\n'
    )
    take((HEAD, *ROWS))

    acme = groups(call, config, *PERIOD)["acme", "email"]
    assert acme["first_response"]["limit_seconds"] == 600
    assert [one["kind"] for one in acme["objectives"]] == ["share", "share"]


def test_the_notebooks_example_computes_what_it_says(take: Any, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take((HEAD, *ROWS))
    monkeypatch.chdir(config.parent)
    page = Path(__file__).parents[2] / "docs" / "how-to" / "analyse-in-a-notebook.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    made: dict[str, Any] = {}

    for block in blocks:
        compile(block, page.name, "exec")
        if "matplotlib" not in block:  # nothing of ours needs it
            exec(block, made)  # noqa: S102  our own page

    assert made["curves"]["acme"].round(3).to_dict() == {0.5: 0.667, 15.0: 0.667, 423.0: 0.667}


def test_a_pack_of_imported_requests_holds_together_without_any_message(
    take: Any, call: Call, config: Path, tmp_path: Path
) -> None:
    take((HEAD, *ROWS))

    done = call("evidence", "-c", config, tmp_path / "pack.zip", *PERIOD)

    assert (done.code, done.err) == (0, "")
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path / "pack")
    outcomes = json.loads((tmp_path / "pack" / "outcomes.json").read_text(encoding="utf-8"))
    assert [one["file"] for one in outcomes["requests"][0]["replies"]] == [None, None]
    checked = subprocess.run(
        [sys.executable, "-I", "-B", tmp_path / "pack" / "check.py"], capture_output=True, encoding="utf-8", check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "4 requests were timed by others" in checked.stdout
