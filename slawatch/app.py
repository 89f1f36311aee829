"""The composition root: from a config file to a world that use cases can work in.

The only place that knows everybody; decides nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch import config as config_room
from slawatch import probe as probe_room
from slawatch import resources
from slawatch.channels import BUILT_IN
from slawatch.clock import Clock, SystemClock
from slawatch.config import Config
from slawatch.model import Facts
from slawatch.store import Store
from slawatch.usecases.memory import AccountMemory
from slawatch.usecases.world import News, World, keep_quiet

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from slawatch.channels.base import Channel, Memory

ENTRY_POINTS = "slawatch.channels"


class Registry(Mapping[str, str]):
    """Every channel there is: name to "module:Class". Ours first; a plug-in cannot replace one of them.

    Plug-ins are looked for once a name is not ours: that takes a fifth of the time an idle pass may take.
    """

    def __getitem__(self, name: str) -> str:
        return BUILT_IN[name] if name in BUILT_IN else self._plug_ins[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*BUILT_IN, *self._plug_ins}))

    def __len__(self) -> int:
        return len({*BUILT_IN, *self._plug_ins})

    @cached_property
    def _plug_ins(self) -> Mapping[str, str]:
        from importlib.metadata import entry_points  # noqa: PLC0415  only a plug-in or a typo pays for it

        return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}


def channel_class(where: str) -> Any:
    """Return the class named "module:Class", imported now and not earlier."""
    module, _, name = where.partition(":")
    return getattr(importlib.import_module(module), name)


class Channels:
    """Channels by account, opened when first asked for and closed together."""

    def __init__(self, config: Config, clock: Clock, known: Mapping[str, str], store: Store) -> None:
        self._config = config
        self._clock = clock
        self._known = known
        self._store = store
        self._open: dict[str, Channel] = {}

    def __call__(self, account: str) -> Channel:
        """Return the account's channel, open."""
        if account not in self._open:
            settings = self._config.accounts[account]
            made = channel_class(self._known[settings.channel])
            memory: Memory = AccountMemory(self._store, self._config, account)
            more = {"memory": memory} if _is_public(made) else {}
            channel: Channel = made(
                settings.settings, account=account, clock=self._clock, store=self._config.store, **more
            )
            channel.open()
            self._open[account] = channel
        return self._open[account]

    def reader(self, channel: str) -> Callable[[bytes], Facts]:
        """Return what reads the channel's raw evidence."""
        read: Callable[[bytes], Facts] = channel_class(self._known[channel]).read
        return read

    def close(self) -> None:
        """Close every channel that was opened."""
        for channel in self._open.values():
            channel.close()
        self._open.clear()


def _is_public(made: Any) -> bool:
    """Whether a channel's class says that everybody can read along on it; it then gets a memory."""
    return bool(getattr(made, "public", False))


def load_config(path: Path) -> tuple[Config, Mapping[str, Any]]:
    """Return the config and the probes it can use.

    The probes' manners are judged where one is about to be asked (and by `check`): judging all of them costs 0.1 s.

    Raises:
        ConfigError: with every mistake in these files.
    """
    folder = path.resolve().parent
    probes = probe_room.load_all(resources.folders("probes", folder), judge=False)
    return config_room.load(path, registry=Registry(), probes=probes), probes


@contextmanager
def world(
    path: Path,
    *,
    clock: Clock | None = None,
    tell: Callable[[News], None] = keep_quiet,
    loaded: tuple[Config, Mapping[str, Any]] | None = None,
) -> Iterator[World]:
    """Open everything the config names, on use, and close it at the end; `loaded` is what load_config has returned."""
    the_clock = clock or SystemClock()
    config, probes = loaded or load_config(path)
    store = Store(config.store, clock=the_clock, key_file=config.privacy.key_file)
    channels = Channels(config, the_clock, Registry(), store)
    try:
        with store:
            if store.began:
                words = f'began a new store at "{config.store}": limits and opt-outs begin from nothing'
                tell(News(what="new-store", words=words))
            yield World(
                config=config,
                store=store,
                clock=the_clock,
                probes=probes,
                channel=channels,
                reader=channels.reader,
                tell=tell,
            )
    finally:
        channels.close()


def frame(config: str | PathLike[str], *, period: str, companies: tuple[str, ...]) -> pd.DataFrame:
    """Return what slawatch.frame() promises."""
    from slawatch.data import frames  # noqa: PLC0415  only notebooks want it
    from slawatch.usecases import exporting  # noqa: PLC0415  same

    with world(Path(config)) as here:
        return frames.frame(exporting.rows(here, exporting.choice(here, period, companies)))
