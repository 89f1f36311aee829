"""Does an agent's work in django-helpdesk: `office.py prepare`, `fetch`, `comment` or `resolve`.

Runs in an environment of its own, which knows Django; ours does not. Facts come and leave as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any

FACTS: Mapping[str, Any] = json.load(sys.stdin)


def settings() -> dict[str, Any]:
    """Return the Django settings of a German help desk that reads and sends through our servers."""
    return {
        "SECRET_KEY": "a test's",
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FACTS["database"]}},
        "INSTALLED_APPS": [
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "django.contrib.sites",
            "django.contrib.humanize",
            "rest_framework",
            "helpdesk",
        ],
        "SITE_ID": 1,
        "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
        "ROOT_URLCONF": "__main__",
        "LANGUAGE_CODE": "de",
        "USE_TZ": True,
        "TIME_ZONE": "Europe/Berlin",
        "HELPDESK_EMAIL_FALLBACK_LOCALE": "de",
        "HELPDESK_ENABLE_ATTACHMENTS": False,
        "HELPDESK_TEAMS_MODE_ENABLED": False,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": FACTS["smtp"],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.contrib.auth.context_processors.auth"]},
            }
        ],
    }


def prepare() -> object:
    """Make the database, the German templates, a queue and an agent."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - Django must be set up first
    from django.core.management import call_command  # noqa: PLC0415 - same
    from helpdesk.models import Queue  # noqa: PLC0415 - same

    call_command("migrate", verbosity=0, interactive=False)
    call_command("loaddata", "emailtemplate.json", verbosity=0)
    get_user_model().objects.create_user("agent", "agent@desk.example", "secret", is_staff=True)
    Queue.objects.create(
        title="Kundenservice",
        slug="service",
        email_address=FACTS["address"],
        locale="de",
        allow_email_submission=True,
        email_box_type="imap",
        email_box_host="localhost",
        email_box_port=FACTS["imaps"],
        email_box_ssl=True,
        email_box_user=FACTS["user"],
        email_box_pass=FACTS["password"],
        email_box_imap_folder="INBOX",
        email_box_interval=0,
    )
    return None


def fetch() -> object:
    """Take up what lies in the mailbox; return every ticket with whom it is from."""
    from helpdesk.email import process_email  # noqa: PLC0415 - Django must be set up first
    from helpdesk.models import Queue, Ticket  # noqa: PLC0415 - same

    Queue.objects.update(email_box_last_check=None)
    with redirect_stdout(sys.stderr):
        process_email(debug_to_stdout=True)
    return [{"id": one.id, "title": one.title, "from": one.submitter_email} for one in Ticket.objects.order_by("id")]


def comment(*, resolve: bool = False) -> object:
    """Write to whoever opened the ticket, as an agent does on its page; with `resolve` as its solution."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - Django must be set up first
    from helpdesk.models import Ticket  # noqa: PLC0415 - same
    from helpdesk.update_ticket import update_ticket  # noqa: PLC0415 - same

    ticket = Ticket.objects.get(id=FACTS["ticket"])
    agent = get_user_model().objects.get(username="agent")
    status = {"new_status": Ticket.RESOLVED_STATUS} if resolve else {}
    update_ticket(agent, ticket, comment=FACTS["text"], public=True, **status)
    return None


def resolve() -> object:
    """Write the solution."""
    return comment(resolve=True)


if __name__ == "__main__":
    os.environ["SSL_CERT_FILE"] = FACTS["ca"]
    import django
    from django.conf import settings as django_settings

    django_settings.configure(**settings())
    django.setup()
    from django.urls import include, path

    urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
    told = {"prepare": prepare, "fetch": fetch, "comment": comment, "resolve": resolve}[sys.argv[1]]()
    json.dump(told, sys.stdout)
