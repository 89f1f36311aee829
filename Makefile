# make demo    everything before your eyes in about a minute and a half; needs Python 3.11 or newer and pip, nothing else
# make test    sets up all it needs, then the whole suite, then the built wheel
# make test-peers  the channels against whole networks of their own; the first time some minutes more, for setting them up
# make check   linters and types
# make guards  takes each guard away in a copy and shows that its test then fails; ten minutes
# make torture  kills the daemon 500 times, breaks the network, lives through a year, looks for secrets; ten minutes;
#               LENGTH=long KILLS=20000 SEED=7 SLAWATCH_YEAR=10000x365 SLAWATCH_TORTURE=0 do more of it, or the same again
# make bench   what start-up, statistics and reading a mailbox cost beside their floors; some minutes
# make PYTHON=/path/to/python3 ... takes that interpreter instead of the oldest one found

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help
.PHONY: help demo test check guards torture bench test-peers clean setup servers peers widgets test-source test-wheel smoke

VENV := .venv
WHEEL_VENV := .make/wheel
PEERS := .make/peers
ATPROTO := .make/atproto
HOMESERVER := .make/synapse
CONVERSE := .make/converse
AXE := .make/axe
CANIEMAIL := .make/caniemail
PIP_FLAGS := -qq --no-input --disable-pip-version-check
# One more than two cores: tests on servers wait, too.
WORKERS ?= 3
LENGTH ?= medium

# Decisions without I/O: every branch of theirs can be reached by a plain test, so nearly every one has to be.
PURE := retention spellings hours stretches plan strata rhythm burden register match threads review classify promise pledges manners waits jumps imported following statistics objectives many many_large many_values pages judging periods budget noticing exposition durations token redact chain compare dayparts language
BRANCHES_MIN := 95

# Each under two minutes (benchmarks/README.md).
BENCHMARKS := startup statistics coverage collect fuzz hours matching classification twitter chats

# The wheel holds each file as the checkout has it (tools/holds.py), so plain tests say the same of both. What may differ
# is where files are found and how commands start.
ON_WHEEL := tests/cli tests/contract tests/practice
# Long server tests and a thousand short ones: whoever is done takes work from the other.
PYTEST := -m pytest --numprocesses $(WORKERS) --dist worksteal --durations=25

# Where there is a Chromium the demo asks in a website's chat, too; what drives one is 45 MB, and no use without.
SHOWS_CHATS := if { command -v chromium-headless-shell || command -v chromium || command -v google-chrome; } >/dev/null && ! $(VENV)/bin/python -c 'import playwright' 2>/dev/null; then \
	echo "adding what drives your Chromium to $(VENV) (once) ..."; \
	$(VENV)/bin/python -m pip install $(PIP_FLAGS) --editable '.[webchat]'; fi

help:
	@sed -n 's/^# make/make/p' Makefile

demo: $(VENV)/.runs
	@$(SHOWS_CHATS)
	@$(VENV)/bin/slawatch demo

test: test-source test-wheel smoke

check: $(VENV)/.develops
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

guards: $(VENV)/.develops
	$(VENV)/bin/python tools/guards.py

# Half of it waits for servers and half for a processor: two at a time.
torture: $(VENV)/.develops servers peers
	KILLS="$(KILLS)" SEED="$(SEED)" $(VENV)/bin/python -m pytest tests/torture --torture=$(LENGTH) --numprocesses 2 --dist worksteal -rA --durations=0 --durations-min=5

bench: $(VENV)/.develops
	@for one in $(BENCHMARKS); do \
		echo "--- benchmarks/$$one.py"; $(VENV)/bin/python -m benchmarks.$$one || exit 1; \
	done

test-peers: $(VENV)/.develops $(ATPROTO)/.made $(HOMESERVER)/.made $(CONVERSE)/.made
	@tools/servers.sh peers
	$(VENV)/bin/python -m pytest --durations=5 tests/peers

clean:
	rm -rf $(VENV) .make dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --- set-up: the stamps lie in the environment they speak of, so that they go with it ---

setup: $(VENV)/.develops servers

$(VENV)/.runs: pyproject.toml tools/venv.sh tools/pythons.sh
	@echo "setting up $(VENV) (first time, or pyproject.toml has changed) ..."
	@PYTHON="$(PYTHON)" tools/venv.sh $(VENV)
	@$(VENV)/bin/python -m pip install $(PIP_FLAGS) --editable .
	@touch $@

$(VENV)/.develops: $(VENV)/.runs
	@$(VENV)/bin/python -m pip install $(PIP_FLAGS) --group dev
	@touch $@

servers:
	@tools/servers.sh

peers: $(PEERS)/.made

$(PEERS)/.made: pyproject.toml tools/venv.sh $(VENV)/.develops
	@tools/venv.sh $(PEERS) $(VENV)/bin/python
	@$(PEERS)/bin/python -m pip install $(PIP_FLAGS) --group peers
	@touch $@

# A file that is there only where all went well: without npm it is tried again the next time.
$(ATPROTO)/.made: tests/servers/atproto/package.json tests/servers/atproto/package-lock.json tools/atproto.sh
	@tools/atproto.sh $(ATPROTO)

widgets: $(CONVERSE)/.made $(CANIEMAIL)/.made $(AXE)/.made

$(CONVERSE)/.made: tools/converse.sh
	@tools/converse.sh $(CONVERSE)

$(AXE)/.made: tools/axe.sh
	@tools/axe.sh $(AXE)

$(CANIEMAIL)/.made: $(wildcard tests/servers/caniemail/*) tools/caniemail.sh
	@tools/caniemail.sh $(CANIEMAIL)

$(HOMESERVER)/.made: pyproject.toml tools/venv.sh $(VENV)/.develops
	@tools/venv.sh $(HOMESERVER) $(VENV)/bin/python
	@$(HOMESERVER)/bin/python -m pip install $(PIP_FLAGS) --group homeserver
	@touch $@

# --- the suite on the sources ---

test-source: $(VENV)/.develops servers peers widgets
	$(VENV)/bin/python $(PYTEST) --cov=slawatch --cov-branch --cov-report=
	@$(VENV)/bin/python tools/branches.py $(BRANCHES_MIN) $(PURE)

# --- what users get: the wheel, in an environment that cannot see the sources ---

dist/.built: $(VENV)/.develops
	@rm -rf dist && mkdir dist
	@$(VENV)/bin/python -m pip wheel $(PIP_FLAGS) --no-deps --wheel-dir dist .

$(WHEEL_VENV)/.develops: $(VENV)/.develops
	@tools/venv.sh $(WHEEL_VENV) $(VENV)/bin/python
	@$(WHEEL_VENV)/bin/python -m pip install $(PIP_FLAGS) --group dev
	@touch $@

test-wheel: dist/.built $(WHEEL_VENV)/.develops servers peers widgets
	@$(WHEEL_VENV)/bin/python -m pip uninstall $(PIP_FLAGS) --yes slawatch
	@$(WHEEL_VENV)/bin/python -m pip install $(PIP_FLAGS) dist/*.whl
	@$(VENV)/bin/python tools/holds.py $(WHEEL_VENV)/bin/python
	PYTHONSAFEPATH=1 $(WHEEL_VENV)/bin/python $(PYTEST) --installed -o pythonpath= $(ON_WHEEL)

smoke: dist/.built
	@tools/smoke.sh dist/*.whl
