"""A private Dovecot on loopback: IMAP, LMTP, Sieve's junk rule and SASL for Postfix. Needs no root.

Every user name is a mailbox and is let in with PASSWORD, so that each test has one of its own without set-up.
"""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import shutil
import smtplib
import ssl
import subprocess
import time
from base64 import b64encode
from email.message import EmailMessage
from pathlib import Path

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # it ships no types
from imapclient.exceptions import LoginError  # type: ignore[import-untyped]

from tests.servers import provider
from tests.servers.authority import Authority
from tests.servers.local import LOOPBACK, Daemon, eventually, free_ports
from tests.servers.needs import give_up, program

PASSWORD = "secret"
DOMAIN = "lab.example"
ROOM_MIB = 50  # of one mailbox: more than any test needs, and soon filled by the one that wants it full
# Each has NAME.lab.example as its catch-all domain.
MAILBOXES = tuple(f"probe{number}" for number in range(1, 1001))

# The settings are Dovecot 2.3's; 2.4 speaks another language.
CONFIG = """\
protocols = imap lmtp
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log/dovecot.log
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {user}
mail_gid = {group}
mail_location = sdbox:~/sdbox
mail_fsync = never
disable_plaintext_auth = yes
auth_mechanisms = plain login xoauth2 oauthbearer
auth_username_format = %Lu
auth_failure_delay = 0
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
# Whoever shows a token that our provider has signed. What it stands for is in the token itself.
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/etc/oauth2.conf.ext
}}
# A catch-all domain is a mailbox: the key is the domain, whatever stands before the @. The table is whole from the
# start, since Dovecot looks for changes once a second at most and would miss a test's new line.
userdb {{
  driver = passwd-file
  args = username_format=%d {base}/etc/catch-all
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/mail/%n allow_all_users=yes
}}
service anvil {{
  chroot =
  # Without this socket nobody counts failed logins, and a wrong password is told at once instead of after seconds.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  chroot =
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
service stats {{
  chroot =
}}
service old-stats {{
  chroot =
}}
protocol imap {{
  mail_plugins = quota imap_quota
}}
protocol lmtp {{
  mail_plugins = quota sieve
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={room}M
  sieve_before = {base}/etc/junk.sieve
  sieve = file:~/sieve;active=~/.dovecot.sieve
}}
submission_host = 127.0.0.1:{outgoing}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
}}
"""

OAUTH = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={base}/etc/keys/
username_attribute = sub
issuers = {issuer}
"""

# What spam filters of mail providers do: they mark, the mailbox sorts.
JUNK_RULE = """\
require "fileinto";
if header :is "X-Spam-Flag" "YES" { fileinto "Junk"; }
"""

VACATION = """\
require ["vacation"];
vacation :days 1 :addresses ["{address}"] :from "{address}" :subject "{subject}"
"{text}";
"""


class Dovecot:
    """One private instance. `start` picks free ports; they stay the same through `restart`."""

    def __init__(self, base: Path, authority: Authority, *, outgoing: int = 0, room_mib: int = ROOM_MIB) -> None:
        self.base = base
        self.authority = authority
        self._room_mib = room_mib
        self._outgoing = outgoing
        self.imap = self.imaps = self.lmtp = self.sasl = 0
        self._daemon: Daemon | None = None

    def start(self) -> None:
        """Bring it up. Tries other ports where somebody else took one in the meantime."""
        self._lay_out()
        for again in (True, True, False):
            self.imap, self.imaps, self.lmtp, self.sasl = free_ports(4)
            self._write_config()
            try:
                self._run()
            except RuntimeError:
                if not again:
                    raise
            else:
                return

    def stop(self) -> None:
        """Bring it down with every connection; safe to call twice."""
        if self._daemon is not None:
            self._daemon.stop()
            self._daemon = None

    def restart(self) -> None:
        """Cut every connection and come back on the same ports with the same mail."""
        self.stop()
        self._run()

    def login(self, user: str, *, password: str = PASSWORD) -> IMAPClient:
        """Return a plain client of the test's own, logged in over TLS, with aware times."""
        context = ssl.create_default_context(cafile=str(self.authority.ca))
        timeout = SocketTimeout(connect=10, read=30)
        client = IMAPClient(LOOPBACK, port=self.imaps, ssl=True, ssl_context=context, timeout=timeout)
        client.normalise_times = False
        try:
            client.login(user, password)
        except LoginError:
            client.shutdown()
            raise
        return client

    def deliver(self, message: EmailMessage | bytes, *, sender: str, to: str) -> None:
        """Put a message in a mailbox as the last server on its way does (LMTP), past Postfix."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        with smtplib.LMTP(LOOPBACK, self.lmtp) as lmtp:
            lmtp.sendmail(sender, [to], raw)

    def be_away(self, name: str, *, address: str, subject: str, text: str) -> None:
        """Answer whatever comes to that mailbox with an out-of-office note, as Pigeonhole's vacation does."""
        home = self.base / "mail" / name
        home.mkdir(exist_ok=True)
        script = home / ".dovecot.sieve"
        script.write_text(VACATION.format(address=address, subject=subject, text=text))
        if os.geteuid() == 0:
            user, group = _identity()
            for path in (home, script):
                shutil.chown(path, user, group)

    def forget(self, user: str) -> None:
        """Lose a mailbox as a move to another server does: the next look finds another UIDVALIDITY."""
        home = self.base / "mail" / user.partition("@")[0]
        last = int((home / "sdbox" / "dovecot-uidvalidity").read_text(), 16)
        shutil.rmtree(home)
        # A folder's UIDVALIDITY is the second of its making, that of more folders in one second the seconds after it:
        # too early, a new folder would get an old number.
        eventually(lambda: int(time.time()) > last, what="a second that no folder was named by")

    def log(self) -> str:
        """Return all it has logged, for the message of a failed test."""
        return (self.base / "log" / "dovecot.log").read_text(errors="replace")

    def _lay_out(self) -> None:
        version = subprocess.run([program("dovecot"), "--version"], check=True, capture_output=True, text=True).stdout
        if not version.startswith("2.3."):
            give_up(f'Dovecot "{version.strip()}" reads another configuration than 2.3, which these tests write')
        for name in ("etc", "run", "state", "log", "mail"):
            (self.base / name).mkdir()
        user, group = _identity()
        uid, gid = pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid
        (self.base / "etc" / "catch-all").write_text(
            "".join(f"{name}.{DOMAIN}::{uid}:{gid}::{self.base}/mail/{name}::\n" for name in MAILBOXES)
        )
        (self.base / "etc" / "junk.sieve").write_text(JUNK_RULE)
        (self.base / "etc" / "oauth2.conf.ext").write_text(OAUTH.format(base=self.base, issuer=provider.ISSUER))
        keys = self.base / "etc" / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(b64encode(provider.KEY))
        if os.geteuid() == 0:
            for name in ("mail", "etc", "state"):
                shutil.chown(self.base / name, user, group)

    def _write_config(self) -> None:
        user, group = _identity()
        text = CONFIG.format(
            base=self.base,
            user=user,
            group=group,
            password=PASSWORD,
            certificate=self.authority.certificate,
            key=self.authority.key,
            imap=self.imap,
            imaps=self.imaps,
            lmtp=self.lmtp,
            sasl=self.sasl,
            outgoing=self._outgoing,
            room=self._room_mib,
        )
        (self.base / "etc" / "dovecot.conf").write_text(text)

    def _run(self) -> None:
        config = str(self.base / "etc" / "dovecot.conf")
        daemon = Daemon([program("dovecot"), "-F", "-c", config], log=self.base / "log" / "start.log")
        for port in (self.imap, self.imaps, self.lmtp, self.sasl):
            daemon.wait_for(port)
        self._daemon = daemon


def _identity() -> tuple[str, str]:
    """Return the user and group that own mail: ourselves, or nobody where we are root (Dovecot refuses root's mail)."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        return "nobody", grp.getgrgid(nobody.pw_gid).gr_name
    return getpass.getuser(), grp.getgrgid(os.getegid()).gr_name
