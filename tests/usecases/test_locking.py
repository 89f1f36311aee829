"""Raw evidence under keys: nothing of it in the clear on disk, the same figures, and one clear line without the key."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from slawatch import encryption
from slawatch.cli.report import write_report
from slawatch.errors import LockedError, UsageError
from slawatch.usecases import locking, retaining
from slawatch.usecases.chained import verify_chain, verify_judgements
from slawatch.usecases.recompute import recompute
from slawatch.usecases.report import Choice
from slawatch.usecases.tick import tick
from slawatch.usecases.verify import verify_report
from tests.stages import Opening, Stage, company

WEEKLY = 'cron = "0 9 * * Mon"'
KEYED = 'key_file = "evidence.key"\n'
ANSWER = f"{bytes(range(0xA1, 0xFF)).decode('latin-1')} Wir liefern in zwei Tagen. Draußen schneit es. Ihr Service"


def opened(stage: Opening, top: str = "") -> Stage:
    """Open the stage with this at the top of its config."""
    here = stage(company("shop", relationship="own", schedule=WEEKLY))
    path = here.world.config.path
    path.write_text(top + path.read_text())
    return stage()


def asked(here: Stage) -> Stage:
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    here.forward(hours=2)
    for request in here.requests():
        here.far.answer(request, ANSWER)
    tick(here.world)
    here.world.store.pause("*", "")
    return here


def the_key(here: Stage) -> Path:
    return here.world.config.folder / "evidence.key"


def packed_of(here: Stage) -> list[bytes]:
    """Return what the file would hold of each raw form if it were in the clear."""
    import zlib  # noqa: PLC0415  here alone

    return [zlib.compress(here.world.store.raw(one.sha256))[:40] for one in here.world.store.messages()]


def files(here: Stage) -> bytes:
    store = here.world.config.store
    return b"".join(path.read_bytes() for path in sorted(store.parent.glob(f"{store.name}*")))


def keyed(stage: Opening) -> Stage:
    here = opened(stage, KEYED)
    locking.new(here.world)
    here.world.store.forget_keys()
    return asked(here)


def test_what_comes_in_is_never_in_the_clear_on_disk(stage: Opening) -> None:
    plain = asked(opened(stage))
    assert [one for one in packed_of(plain) if one not in files(plain)] == []


def test_under_a_key_it_is_nowhere_in_the_clear_and_reads_the_same(stage: Opening) -> None:
    here = keyed(stage)

    assert [one for one in packed_of(here) if one in files(here)] == []
    assert "" not in here.world.store.keys_in_use()
    assert verify_chain(here.world).holds
    assert verify_judgements(here.world) == ()
    assert recompute(here.world).requests == ()


def test_evidence_that_was_there_before_is_encrypted_and_the_old_bytes_are_gone(stage: Opening) -> None:
    here = asked(opened(stage))
    packed = packed_of(here)
    here.world.config.path.write_text(KEYED + here.world.config.path.read_text())
    here = stage()
    locking.new(here.world)

    assert locking.lock_all(here.world, lambda _done: None) == len(packed)

    assert [one for one in packed if one in files(here)] == []
    assert packed_of(here) == packed
    assert locking.lock_all(here.world, lambda _done: None) == 0
    assert locking.open_all(here.world, lambda _done: None) == len(packed)
    assert set(here.world.store.keys_in_use()) == {""}


def test_a_new_key_takes_over_and_the_old_one_can_go(stage: Opening) -> None:
    here = keyed(stage)
    packed = packed_of(here)
    (old,) = here.world.store.keys_in_use()

    new = locking.rotate(here.world)
    assert packed_of(here) == packed  # the old one still opens what is under it
    locking.lock_all(here.world, lambda _done: None)

    assert list(here.world.store.keys_in_use()) == [new]
    assert locking.drop_old(here.world) == (old,)
    here = stage()
    assert packed_of(here) == packed
    assert locking.drop_old(here.world) == ()


def test_without_the_key_figures_stand_and_threads_are_locked(stage: Opening, tmp_path: Path) -> None:
    here = keyed(stage)
    now = here.clock.now()
    choice = Choice(since=now.replace(year=2025), until=now)
    write_report(here.world, choice, tmp_path / "1.html")
    the_key(here).rename(tmp_path / "away.key")
    here = stage()

    write_report(here.world, choice, tmp_path / "2.html")

    page = (tmp_path / "2.html").read_text()
    assert "locked: encrypted" in page
    assert "schneit" not in page
    assert "schneit" in (tmp_path / "1.html").read_text()
    assert here.outcome().first_response is not None
    chained = verify_chain(here.world)
    assert (chained.holds, chained.locked) == (True, 2)
    with pytest.raises(LockedError, match="does not exist: bring it back") as told:
        verify_report(here.world, tmp_path / "1.html")
    assert "\n" not in str(told.value)


def test_without_the_key_nothing_comes_in_in_the_clear(stage: Opening) -> None:
    here = keyed(stage)
    the_key(here).unlink()
    here = stage()
    here.far.answer(here.the_request(), "Noch etwas dazu")

    with pytest.raises(LockedError):
        tick(here.world)

    assert len(here.world.store.messages()) == 2


def test_a_key_that_is_another_one_opens_nothing_and_says_so(stage: Opening) -> None:
    here = keyed(stage)
    line = the_key(here).read_text()
    the_key(here).unlink()
    encryption.add(the_key(here))
    here = stage()
    sha256 = here.world.store.messages()[0].sha256

    with pytest.raises(LockedError, match="lacks the key"):
        here.world.store.raw(sha256)
    assert "lacks the key" in locking.trouble(here.world)
    with pytest.raises(UsageError, match="is there already"):
        locking.new(here.world)
    the_key(here).write_text(line)
    assert locking.trouble(stage().world) == ""


def test_a_changed_or_exchanged_raw_form_is_not_taken_for_evidence(stage: Opening) -> None:
    here = keyed(stage)
    one, other = (message.sha256 for message in here.world.store.messages())
    connection = here.world.store._connection()
    connection.execute(
        "UPDATE blob SET bytes = (SELECT bytes FROM blob WHERE sha256 = ?) WHERE sha256 = ?", (other, one)
    )

    with pytest.raises(LockedError, match="does not open"):
        here.world.store.raw(one)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_that_others_can_read_is_refused(stage: Opening, mode: int) -> None:
    here = keyed(stage)
    assert the_key(here).stat().st_mode & 0o777 == 0o600
    the_key(here).chmod(mode)

    assert f"can be read by others (mode {mode:o}): run chmod 600" in locking.trouble(stage().world)


def test_no_key_is_in_the_store_a_message_or_a_traceback(stage: Opening) -> None:
    here = keyed(stage)
    secret = the_key(here).read_text().split()[-1]
    raw = encryption.read(the_key(here))[0]
    assert secret not in repr(raw)
    assert secret.encode() not in files(here)
    assert raw.secret not in files(here)
    assert secret not in repr([one.detail for one in here.world.store.audit_log()])
    the_key(here).write_text(the_key(here).read_text().replace(secret, secret[:-3]))
    try:
        encryption.read(the_key(here))
    except LockedError:
        told = traceback.format_exc()
    assert secret[:20] not in told
    assert "it is no key (it is not shown here)" in told


def test_a_store_whose_key_file_is_lost_gets_no_new_key_by_mistake(stage: Opening) -> None:
    here = keyed(stage)
    the_key(here).unlink()

    with pytest.raises(UsageError, match="bring the file back"):
        locking.new(stage().world)


def test_encrypted_evidence_is_purged_like_any_other(stage: Opening) -> None:
    here = keyed(stage)
    here.forward(days=40)

    assert retaining.enforce_all(here.world).raw == 2
    assert here.world.store.keys_in_use() == {}
