"""`slawatch lookback` and `slawatch init --email` as people call them: what they show, refuse, and leave alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import past
from tests.cli.conftest import Call
from tests.cli.running import run, terminal


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """Write a past into two mbox files; return their folder."""
    made = past.make(36)
    for name in ("inbox", "sent"):
        past.write_mbox(tmp_path / f"{name}.mbox", [one for one in made.mails if one.folder == name])
    return tmp_path


FILES = ("--mbox", "inbox.mbox", "--mbox", "sent.mbox", "--ours", past.ME)


def test_files_need_no_config_and_the_lines_say_what_the_figures_rest_on(mail: Path) -> None:
    done = run("lookback", *FILES, cwd=mail)

    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == "read 116 letters in inbox.mbox, sent.mbox: 72 conversations, 36 questions of ours"
    assert "  9 left out: they went to several companies at once" in done.lines
    assert any(line.split() == ["shop0.example", "3", "2", "1", "0", *line.split()[5:]] for line in done.lines)
    report = Path(done.lines[-1].removeprefix("report: file://"))
    assert report.parent == mail / "out"
    assert "<script" not in report.read_text(encoding="utf-8")


def test_on_a_terminal_a_bar_shows_how_far_it_is_and_nothing_of_it_stays(mail: Path) -> None:
    with terminal("lookback", *FILES, cwd=mail) as shown:
        done = shown.end()

    assert done.code == 0
    assert "judging 36 questions" in done.out
    assert "━" not in done.out[done.out.rindex("read 116 letters") :]


def test_the_files_are_as_they_were_and_nothing_but_the_report_is_written(mail: Path) -> None:
    before = {path.name: path.read_bytes() for path in mail.iterdir()}

    run("lookback", *FILES, cwd=mail)

    assert {path.name: path.read_bytes() for path in mail.iterdir() if path.is_file()} == before
    assert [path.name for path in mail.iterdir() if path.is_dir()] == ["out"]


def test_paths_alone_are_taken_for_what_they_are(mail: Path, call: Call) -> None:
    past.write_maildir(mail / "Maildir", past.make(9).mails)

    done = call("lookback", mail / "inbox.mbox", mail / "Maildir", "--ours", past.ME, "--json")

    found = json.loads(done.out)["lookback"]
    assert found["sources"] == ["inbox.mbox", "Maildir"]


def test_one_company_may_have_several_domains(mail: Path) -> None:
    done = run("lookback", *FILES, "--company", "Laden=shop2.example,shop3.example", "--text", cwd=mail)

    assert done.code == 0
    assert "Laden by e-mail" in done.lines
    assert "shop5.example" not in done.out


def test_with_one_side_s_mail_alone_it_says_that_the_other_s_is_missing(mail: Path) -> None:
    done = run("lookback", "--mbox", "sent.mbox", "--ours", past.ME, cwd=mail)

    assert done.code == 0
    assert "note: there is no letter of theirs; give sent and received mail" in done.lines


def test_letters_that_count_nowhere_are_told_beside_the_unanswered_questions(tmp_path: Path) -> None:
    def letter(day: int, head: str, words: str) -> str:
        when = f"Date: Mon, {day} Jan 2026 09:00:00 +0000\nReceived: from a by b; Mon, {day} Jan 2026 09:00:00 +0000\n"
        return f"From x Mon Jan  {day} 09:00:00 2026\n{head}Message-ID: <m{day}@own.example>\n{when}\n{words}\n\n"

    asked, came = f"From: {past.ME}\nTo: a@shop.example\n", f"From: Eva <a@shop.example>\nTo: {past.ME}\n"
    letters = (
        letter(5, f"{asked}Subject: the table\n", "When will it be there?"),
        letter(6, f"{asked}Subject: the table\n", "What does it cost?"),
        letter(7, f"{came}Subject: Re: the table\n", "The oak table costs 200 euros."),
    )
    (tmp_path / "all.mbox").write_text("".join(letters), encoding="utf-8")

    done = run("lookback", "all.mbox", "--ours", past.ME, cwd=tmp_path)

    said = "note: 1 letter in this report counts nowhere, and a question that only it answers counts as unanswered: "
    assert f"{said}1 is only weakly matched." in done.lines


@pytest.mark.parametrize("form", [(), ("--text",)])
def test_where_nobody_asked_anything_it_says_what_may_be_missing(mail: Path, form: tuple[str, ...]) -> None:
    done = run("lookback", "inbox.mbox", "--ours", "somebody@else.example", *form, cwd=mail)

    assert (done.code, done.err) == (0, "")
    assert done.lines[-1] == (
        "nothing to measure: no letter of yours began a conversation; give sent and received mail, all your addresses "
        "with --ours, or try --as answerer"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "lookback: name what to read: --imap, --mbox FILE or --maildir DIR"),
        (
            ("--mbox", "sent.mbox", "--folder", "x", "--ours", "a@b.example"),
            "lookback: --folder needs --imap beside it",
        ),
        (("--mbox", "gone", "--ours", "a@b.example"), '--mbox: "gone" is not there'),
        (("--maildir", ".", "--ours", "a@b.example"), '--maildir: "." is no Maildir: there is no cur/ or new/ in it'),
        (("--mbox", "sent.mbox", "--ours", "anna"), '--ours: "anna" is neither an address (anna@shop.example) nor'),
        (("--mbox", "sent.mbox", "--ours", "a@b.example", "--company", "x"), '--company: "x" is not of the form NAME='),
        (("--mbox", "sent.mbox", "--ours", "a@b.example", "--since", "soon"), '--since: "soon" is not a day'),
        (
            ("--mbox", "sent.mbox", "--ours", "a@b.example", "--since", "2026-02-02", "--until", "2026-02-01"),
            '--until: "2026-02-01" is before --since "2026-02-02"',
        ),
        (("--imap",), 'config.toml: there is no such file; "slawatch init" writes one'),
    ],
)
def test_each_mistake_is_one_line_with_its_cure(mail: Path, words: tuple[str, ...], said: str) -> None:
    done = run("lookback", *words, cwd=mail)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1


def test_who_we_are_is_guessed_for_the_reader_and_not_taken(mail: Path) -> None:
    done = run("lookback", "--mbox", "inbox.mbox", cwd=mail)

    assert done.code == 2
    assert done.err == f"lookback: say who you are with --ours ADDRESS; most letters here came to {past.ME}\n"


# --- init ---


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--name", "Anna"), 2, "init: the other options need an address; write --email YOUR@ADDRESS"),
        (("--email", "anna"), 2, '--email: "anna" has no "@"'),
        (("--email", "anna@own.example"), 2, "init: nobody is there to type the password"),
        (
            ("--email", "anna@own.example", "--password-env", "A", "--password-command", "b"),
            2,
            "init: the password is given in several ways; keep one",
        ),
        (
            ("--email", "anna@own.example", "--imap", "localhost:1", "--smtp", "localhost:1", "--password-env", "HOME"),
            1,
            "--imap: no mail is to be read from localhost:1 (localhost:1: nobody listens there",
        ),
        (("--email", "anna@tuta.com", "--password-env", "HOME"), 1, "anna@tuta.com: Tuta offers neither IMAP nor SMTP"),
    ],
)
def test_what_init_cannot_do_is_one_line_and_writes_nothing(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("init", *words, cwd=tmp_path)

    assert done.code == code
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
