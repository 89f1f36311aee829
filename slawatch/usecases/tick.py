"""One pass for cron: lay out, collect, reply, send, settle, purge. Locked, idempotent; silent where nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from slawatch.usecases import clocks, lock
from slawatch.usecases.alerted import Alerting, alert, complete
from slawatch.usecases.collect import Collecting, collect
from slawatch.usecases.follow import follow_due
from slawatch.usecases.followed import settle_follow_ups
from slawatch.usecases.mailing import Mailing, mail_due
from slawatch.usecases.plan import keep_laid_out
from slawatch.usecases.retaining import Purged, enforce
from slawatch.usecases.send import Sending, send_due
from slawatch.usecases.settle import Settling, settle
from slawatch.usecases.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What a pass did, part by part."""

    sending: Sending
    collecting: Collecting
    settling: Settling
    mailing: Mailing = field(default_factory=Mailing)
    alerting: Alerting = field(default_factory=Alerting)
    purged: Purged = field(default_factory=Purged)

    @property
    def part_unmeasured(self) -> bool:
        """Whether a mailbox could not be read: the pass is done, but part could not be measured (exit code 4)."""
        return bool(self.collecting.failed)

    @property
    def part_undone(self) -> bool:
        """Whether part could not be measured, or a report or alert did not leave, or may not have (exit code 4)."""
        return self.part_unmeasured or bool(self.mailing.failures) or bool(self.alerting.failures)


@contextmanager
def only_pass(store_path: Path) -> Iterator[None]:
    """Hold the lock of one pass; the system frees it at the process's death.

    Raises:
        BusyError: another process has it; raised at once.
    """
    with lock.held(
        store_path, lock.TICK, f'another pass holds "{store_path.name}{lock.TICK}"; nothing to do for this one'
    ):
        yield


def tick(world: World, *, accounts: list[str] | None = None) -> Tick:
    """Do one pass; `accounts` are those to look into, without it all. Raises BusyError where another one is running."""
    with only_pass(world.config.store):
        clocks.look(world)
        keep_laid_out(world)
        collecting = collect(world, accounts)  # first: a reply just arrived frees the company for the next request
        if world.canaries:
            from slawatch.usecases import canary  # noqa: PLC0415  who wants none has no use for it

            canary.send_due(world)
        sending = Sending()
        follow_due(world, sending)  # before the requests, which may use up the account's rate for hours
        send_due(world, done=sending)
        if world.in_public:
            from slawatch.usecases import in_public  # noqa: PLC0415  who only writes letters has no use for it

            in_public.look_after(world, collecting, sending, accounts=accounts)
        if world.by_hand:
            from slawatch.usecases import by_hand  # noqa: PLC0415  same

            by_hand.look_after(world, sending)
        settling = settle(world)
        settle_follow_ups(world)
        purged = enforce(world)  # before the chain, so that what was sealed is linked with its pass
        world.store.extend_chain()
        alerting = alert(world)
        mailing = mail_due(world)  # last, so that it holds what this pass has found, and no fault in it holds that up
        complete(world, alerting)
        return Tick(
            sending=sending,
            collecting=collecting,
            settling=settling,
            mailing=mailing,
            alerting=alerting,
            purged=purged,
        )
