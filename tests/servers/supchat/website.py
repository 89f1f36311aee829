"""A shop's website with django-supchat in it: `website.py PORT FOLDER` serves on loopback until it is ended.

Runs in an environment of its own, which knows Django; ours does not.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
PAGE = "<!doctype html><html lang='en'><body><h1>Example Shop</h1>{% load supchat %}{% supchat %}</body></html>"


def home(request: HttpRequest) -> HttpResponse:
    """Show the shop's page."""
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


settings.configure(
    SECRET_KEY="a test's",
    DEBUG=True,  # so that scripts and styles are served, too
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="__main__",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "shop.sqlite"}},
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "django.contrib.staticfiles",
        "supchat",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    STATIC_URL="/static/",
    LOGIN_URL="/admin/login/",
    USE_TZ=True,
)
django.setup()
urlpatterns = [path("", home), path("admin/", admin.site.urls), path("supchat/", include("supchat.urls"))]

if __name__ == "__main__":
    from django.contrib.auth import get_user_model
    from supchat.models import Operator

    call_command("migrate", verbosity=0, interactive=False)
    agent = get_user_model().objects.create_superuser("anna", "anna@shop.example", "secret")
    Operator.objects.create(user=agent, is_online=True)
    call_command("runserver", f"127.0.0.1:{PORT}", use_reloader=False, verbosity=0)
