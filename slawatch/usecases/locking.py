"""Makes keys, changes them, and brings the evidence that is kept under the newest one. Shows no key to anybody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from slawatch import encryption
from slawatch.errors import LockedError, UsageError
from slawatch.usecases.world import World

KEY_MADE, LOCKED, OPENED = "key made", "evidence encrypted", "evidence decrypted"  # actions of the audit log


def key_file(world: World) -> Path:
    """Return the key file of the config. Raises UsageError where it names none."""
    path = world.config.privacy.key_file
    if path is None:
        raise UsageError(f'key: {world.config.path.name} names no key file; write key_file = "evidence.key" at its top')
    return path


def new(world: World) -> str:
    """Make the first key; returns its id.

    Raises:
        UsageError: there is a key file already: `rotate` adds one to it.
        OutputError: it cannot be written.
    """
    path = key_file(world)
    if path.exists():
        raise UsageError(f'key: "{path}" is there already; "slawatch key rotate" puts a new key into it')
    lost = {one for one in world.store.keys_in_use() if one}
    if lost:
        raise UsageError(
            f'key: "{path}" is not there, but evidence is under {", ".join(sorted(lost))}; bring the file back, '
            "or move the store away"
        )
    made = encryption.add(path)
    world.store.audit(KEY_MADE, f"key:{made}", str(path))
    return made


def rotate(world: World) -> str:
    """Put a new key before the others of the file; what comes in from now on is under it. Returns its id."""
    path = key_file(world)
    encryption.read(path)
    made = encryption.add(path)
    world.store.forget_keys()
    world.store.audit(KEY_MADE, f"key:{made}", str(path))
    return made


def lock_all(world: World, tell: Callable[[int], object]) -> int:
    """Bring all evidence under the newest key and write the file anew; returns how many raw forms were not."""
    encryption.read(key_file(world))
    done = world.store.lock_all(tell)
    if done:
        world.store.audit(LOCKED, "*", f"{done} raw forms")
        world.store.write_anew()
    return done


def open_all(world: World, tell: Callable[[int], object]) -> int:
    """Decrypt all evidence; returns how much of it was encrypted. The config must then name no key file any more."""
    encryption.read(key_file(world))
    done = world.store.open_all(tell)
    if done:
        world.store.audit(OPENED, "*", f"{done} raw forms")
    return done


def drop_old(world: World) -> tuple[str, ...]:
    """Take the keys that open nothing any more out of the file; returns their ids. The newest stays."""
    path = key_file(world)
    used = world.store.keys_in_use()
    newest, *older = (key.id for key in encryption.read(path))
    unused = tuple(one for one in older if one not in used)
    if unused:
        encryption.drop(path, unused)
    del newest
    return unused


def trouble(world: World) -> str:
    """Return what keeps evidence from being encrypted and read, "" where nothing does."""
    try:
        world.store.try_keys()
    except LockedError as error:
        return str(error)
    return ""
