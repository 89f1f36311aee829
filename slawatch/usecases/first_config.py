"""Words the config of a first audit and writes it: everything or nothing, and never over something that is there."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from string import Template

from slawatch.errors import OutputError, UsageError
from slawatch.usecases.setup import Proven

CONFIG = "config.toml"
PASSWORD = "password.txt"  # noqa: S105 - the name of the file, not what is in it
IGNORED = ("out/", "*.db", "*.db-*", "*.lock", PASSWORD)

_CONFIG = Template("""\
# Asks you a question by e-mail and times how long you take to answer it. Written by `slawatch init --email ME`, which
# tried what it says; `slawatch check` tries it again. All other keys are explained in the config.toml that
# `slawatch init DIR` writes.

timezone = $zone  # plans and reports give times in it


# What holds for everybody who is asked. Without "every" only `slawatch audit` asks; take the # away to have it asked
# once a week by `slawatch tick`.
[defaults]
#every = "7 d"
language = $lang  # letters are worded in "de" or "en"

# For a first try a request without an answer is given up after a day. For customers a week is usual: "7 d".
window = "1 d"

# What you are held to: the mean wait for the first words of a person, and the share of matters dealt with in time.
first_response = { mean = "1 h" }
answer = { share = 0.9, within = "24 h" }


# Where the question comes from and the answer goes to.
[account.main]
channel = "email"
address = $address_toml
$name

smtp_host = $smtp_host
smtp_port = $smtp_port
smtp_security = $smtp_security
$smtp_user$auth$secret

imap_host = $imap_host
imap_port = $imap_port
imap_security = $imap_security
$imap_user$ca_file
# Replies come to $reply_form.
addressing = $addressing

# Only letters of the last day are read at first, and everything from then on: what lies there from before is no answer.
history = "1 d"


# Who is asked: you, to begin with. So nobody is troubled, and no limits hold you back.
[company.me]
name = $company
relationship = "own"

[[company.me.target]]
channel = "email"
address = $address_toml


# Then others. Read docs/how-to/ask-within-limits.md before you ask somebody else's company.
#[company.example-shop]
#name = "Example Shop"
#relationship = "consented"  # they know and agreed; or "own", "competitor", "public_interest"
#
#[[company.example-shop.target]]
#channel = "email"
#address = "service@shop.example"
""")

COMPANY_NAME = {"de": "Mein Postfach", "en": "My own desk"}


def config_text(proven: Proven, *, zone: str, lang: str, secret_key: str, secret_value: str) -> str:
    """Return the config that holds what was proven; the secret is given by a key and a value, never by itself."""
    its = proven.settings
    forms = {
        "plus": its.reply_address("token"),
        "plain": f"{its.address} itself, as the provider knows no addresses with a +",
    }
    name = f"name = {_toml(its.name)}  # beside the address and under the letter"
    return _CONFIG.substitute(
        address_toml=_toml(its.address),
        zone=_toml(zone),
        lang=_toml(lang),
        name=name if its.name else '#name = "Anna Example"  # beside the address and under the letter; your real name',
        smtp_host=_toml(its.smtp_host),
        smtp_port=its.smtp_port,
        smtp_security=_toml(its.smtp_security),
        smtp_user=f"smtp_user = {_toml(its.smtp_user)}\n" if its.smtp_user else "",
        auth=f"auth = {_toml(its.auth)}\n" if its.auth != "password" else "",
        secret=f"{secret_key} = {_toml(secret_value)}",
        imap_host=_toml(its.imap_host),
        imap_port=its.imap_port,
        imap_security=_toml(its.imap_security),
        imap_user=f"imap_user = {_toml(its.imap_user)}\n" if its.imap_user else "",
        ca_file=f"ca_file = {_toml(its.ca_file)}  # the only authorities to trust\n" if its.ca_file else "",
        reply_form=forms.get(its.addressing, its.addressing),
        addressing=_toml(its.addressing),
        company=_toml(COMPANY_NAME.get(lang, COMPANY_NAME["en"])),
    )


def _toml(text: str) -> str:
    """Return a basic string; TOML escapes as JSON does, and DEL besides."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def refuse_to_overwrite(folder: Path, *, password: bool) -> None:
    """Raise UsageError where something of that name is there already."""
    for name in (CONFIG, *((PASSWORD,) if password else ())):
        if (folder / name).exists():
            cure = 'name another folder: slawatch init "DIR" --email ADDRESS'
            raise UsageError(f"{folder / name}: exists already and is left as it is; {cure}")


def write(folder: Path, config: str, *, password: str | None, sound: Callable[[Path], object]) -> list[Path]:
    """Write the folder's files, readable by their owner alone, and return them; all or none.

    `password` goes to a file of its own, None keeps none. `sound` raises where the config cannot be loaded; it is
    called before anything bears its final name, which no file of that name can lose to.

    Raises:
        UsageError: one is there already. OutputError: it cannot be written there.
    """
    refuse_to_overwrite(folder, password=password is not None)
    made_folder = not folder.exists()
    made: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if password is not None:
            made.append(_new(folder / PASSWORD, f"{password}\n"))
        draft = _new(folder / f".{CONFIG}.{secrets.token_hex(4)}", config)
        made.append(draft)
        sound(draft)
        os.link(draft, folder / CONFIG)  # unlike a rename it never replaces anything
        made.append(folder / CONFIG)
        if not (folder / ".gitignore").exists():
            made.append(_new(folder / ".gitignore", "".join(f"{line}\n" for line in IGNORED), mode=0o644))
    except BaseException as error:
        _take_back(made, folder if made_folder else None)
        if isinstance(error, FileExistsError):
            raise UsageError(f"{error.filename2 or error.filename}: exists already and is left as it is") from error
        if isinstance(error, OSError):
            where = error.filename or folder
            raise OutputError(f"{where}: cannot be written ({error.strerror}); name another folder") from error
        raise
    draft.unlink()
    made.remove(draft)
    return made


def _new(path: Path, text: str, *, mode: int = 0o600) -> Path:
    """Write a file that must not be there yet; unless told otherwise for its owner alone, from the first moment on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _take_back(made: Sequence[Path], folder: Path | None) -> None:
    for path in made:
        path.unlink(missing_ok=True)
    if folder is not None:
        with suppress(OSError):
            folder.rmdir()
