"""A private Postfix on loopback: our own mail server, from submission to bounce. Postfix's master insists on root."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.servers.authority import Authority
from tests.servers.dovecot import DOMAIN, Dovecot
from tests.servers.local import Daemon, eventually, free_ports
from tests.servers.needs import give_up, program

HOSTNAME = f"mx.{DOMAIN}"

# All that is not ours goes to the companies' server, whatever its domain. Retries are short: greylisting takes seconds.
MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
maillog_file = {base}/log/postfix.log
maillog_file_prefixes = {base}
mail_owner = postfix
myhostname = {hostname}
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
recipient_delimiter = +
alias_maps =
alias_database =
virtual_mailbox_domains = {domain} regexp:{base}/etc/catch-all-domains
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = smtp:[127.0.0.1]:{companies}
relay_transport = smtp:[127.0.0.1]:{companies}
smtp_dns_support_level = disabled
smtp_host_lookup = native
minimal_backoff_time = 3s
maximal_backoff_time = 6s
queue_run_delay = 2s
maximal_queue_lifetime = 1h
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_peername_lookup = no
smtpd_client_connection_rate_limit = 0
"""

MASTER = """\
127.0.0.1:{smtp} inet n - n - - smtpd
  -o smtpd_authorized_xclient_hosts=127.0.0.1
  -o {{ smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{policy} }}
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
{for_users}127.0.0.1:{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
{for_users}pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


FOR_USERS = """\
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o {{ smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{policy} }}
  -o {{ smtpd_end_of_data_restrictions = check_policy_service inet:127.0.0.1:{policy} }}
"""


class Postfix:
    """One private instance that delivers to the given Dovecot and relays all else to the companies' server."""

    def __init__(self, base: Path, authority: Authority, dovecot: Dovecot, *, companies: int, policy: int) -> None:
        self.base = base
        self.smtp = self.submission = self.submissions = 0
        self._authority = authority
        self._dovecot = dovecot
        self._companies = companies
        self._policy = policy
        self._daemon: Daemon | None = None

    def start(self) -> None:
        """Bring it up. Tries other ports where somebody else took one in the meantime."""
        if os.geteuid() != 0:
            give_up("Postfix starts as root only")
        for name in ("etc", "queue", "data", "log"):
            (self.base / name).mkdir()
        subprocess.run(["chown", "postfix", str(self.base / "data")], check=True)
        for again in (True, True, False):
            self.smtp, self.submission, self.submissions = free_ports(3)
            self._write_config()
            try:
                self._run()
            except RuntimeError:
                if not again:
                    raise
            else:
                return

    def stop(self) -> None:
        """Bring it down; safe to call twice."""
        if self._daemon is not None:
            self._daemon.stop()
            self._daemon = None

    def restart(self) -> None:
        """Stop and come back on the same ports with the same queue."""
        self.stop()
        self._run()

    def under_way(self, word: str) -> list[str]:
        """Return the letters in the queue whose sender or recipient holds the word, each as `postqueue -j` tells it."""
        etc = str(self.base / "etc")
        told = subprocess.run([program("postqueue"), "-c", etc, "-j"], check=True, capture_output=True, text=True)
        return [line for line in told.stdout.splitlines() if word in line]

    def wait_until_empty(self, *, seconds: float = 30) -> None:
        """Wait until it has delivered all it took; what it put off for later is not waited for."""
        queues = [self.base / "queue" / name for name in ("maildrop", "incoming", "active")]
        eventually(
            lambda: not any(path.is_file() for queue in queues for path in queue.rglob("*")),
            what="an empty queue",
            seconds=seconds,
        )

    def log(self) -> str:
        """Return all it has logged, for the message of a failed test."""
        return (self.base / "log" / "postfix.log").read_text(errors="replace")

    def _write_config(self) -> None:
        etc = self.base / "etc"
        main = MAIN.format(
            base=self.base,
            daemons=Path(program("master")).parent,
            hostname=HOSTNAME,
            domain=DOMAIN,
            lmtp=self._dovecot.lmtp,
            sasl=self._dovecot.sasl,
            companies=self._companies,
            certificate=self._authority.certificate,
            key=self._authority.key,
        )
        (etc / "main.cf").write_text(main)
        (etc / "master.cf").write_text(
            MASTER.format(
                smtp=self.smtp,
                submission=self.submission,
                submissions=self.submissions,
                policy=self._policy,
                for_users=FOR_USERS.format(policy=self._policy),
            )
        )
        escaped = DOMAIN.replace(".", r"\.")
        (etc / "catch-all-domains").write_text(rf"/^[^@]+\.{escaped}$/ catch-all" + "\n")

    def _run(self) -> None:
        etc = str(self.base / "etc")
        subprocess.run([program("postfix"), "-c", etc, "check"], check=True, capture_output=True)
        # Not "postfix start-fg": the shell script around master would not pass our end on.
        daemon = Daemon([program("master"), "-c", etc, "-d"], log=self.base / "log" / "start.log")
        for port in (self.smtp, self.submission, self.submissions):
            daemon.wait_for(port)
        self._daemon = daemon
