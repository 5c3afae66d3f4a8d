# Needs Python 3.11 or newer with pip and venv, make and git; everything else is set up inside this folder.

# PYTHON=python3.12 chooses; otherwise the first one that is new enough.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
BREAK ?=
ARGS ?=

RUN := .venv/bin/python
UV := .tools/bin/uv
LOCK := $(UV) pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

# A pip set to install elsewhere (PIP_USER, PIP_TARGET...) would miss the venv.
PIP := env -u PIP_USER -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT -u PIP_REQUIRE_VIRTUALENV -u PIP_REQUIRE_HASHES \
	-u PIP_NO_DEPS -u PIP_CONSTRAINT .tools/bin/python -m pip
# uv does not read pip's settings: a mirror or a certificate set there is handed over, never printed.
PIP_SETTING = $$(for level in --site --user --global; do \
	.tools/bin/python -m pip config $$level get global.$(1) 2>/dev/null && break; done || true)
HAND_OVER = index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$(call PIP_SETTING,index-url)}}"; \
	cert="$${SSL_CERT_FILE:-$${PIP_CERT:-$(call PIP_SETTING,cert)}}"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	if [ -n "$$cert" ]; then export SSL_CERT_FILE="$$cert"; fi; export UV_SYSTEM_CERTS=1; unset VIRTUAL_ENV;

.PHONY: help setup demo play test check screens bench run doctor lock
.DEFAULT_GOAL := help

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s  %s\n", $$1, $$2}' Makefile

demo: .venv/.ready ## play the whole story on a Telegram on loopback [BREAK=step corrupts one answer]
	@$(RUN) -m console demo $(if $(BREAK),--break "$(BREAK)") $(ARGS)

play: .venv/.ready ## the story's world with a prompt: speak, press and act as anyone in it
	@$(RUN) -m console play

# Two workers more than there are cores: tests wait for half of their time. The stories hold the real programs to
# seconds, so nothing else runs beside them. Bytecode is kept even where Python is told to write none: each of the
# hundred programs that tests start would compile all of ours anew.
FULL ?=
TEST := env -u PYTHONDONTWRITEBYTECODE FULL=$(FULL) $(RUN) -m pytest
test: .venv/.ready-dev ## run the tests [ARGS='-k words' runs a part, FULL=1 the long proofs to their end]
	@$(TEST) --dist worksteal --numprocesses $$($(RUN) -c 'import os; print((os.cpu_count() or 1) + 2)') --ignore tests/stories $(ARGS)
	@$(if $(ARGS),,$(TEST) tests/stories)

check: .venv/.ready-dev ## lint, format, types and import rules
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy bot userclient ledger migrations sandbox console bench tests
	.venv/bin/lint-imports

screens: .venv/.ready-dev ## write docs/screens.md anew
	$(RUN) -m tests.bot.transcripts

# A venv of its own: what we are measured against is nothing of ours.
bench: .venv-bench/.ready ## measure, and write docs/bench.md anew [ARGS='pages' does one part, ARGS=--quick all in seconds]
	@.venv-bench/bin/python -m bench $(ARGS)

setup: .venv/.ready ## prepare your own bot: asks for what is missing, keeps what stands
	@$(RUN) -m console setup

run: .venv/.ready ## run bot and account until stopped
	@exec $(RUN) -m console run $(ARGS)

doctor: .venv/.ready ## look at every precondition, and name what to mend
	@$(RUN) -m console doctor $(ARGS)

lock: $(UV) ## write the locks anew from pyproject.toml [ARGS=--upgrade]
	@$(HAND_OVER) $(LOCK) $(ARGS) -o requirements.lock
	@$(HAND_OVER) $(LOCK) $(ARGS) --group dev -c requirements.lock -o requirements-dev.lock
	@$(HAND_OVER) $(LOCK) $(ARGS) --group bench -c requirements.lock -o requirements-bench.lock

$(UV):
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo "Invite Ledger needs Python 3.11 or newer. Install it, or name it: make setup PYTHON=python3.11" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "This Python has no venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; fi
	@echo "1/3 fetching uv into .tools"
	@rm -rf .tools && $(PYTHON) -m venv .tools
	@$(PIP) install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'

# Compiled here: a service may write nothing into .venv, and would compile for seconds at every start.
.venv/.ready: requirements.lock | $(UV)
	@echo "2/3 making .venv"
	@test -x $(RUN) || $(UV) venv --quiet --clear --python .tools/bin/python .venv
	@echo "3/3 installing the locked packages"
	@$(HAND_OVER) $(UV) pip install --compile-bytecode --python $(RUN) --require-hashes -r requirements.lock
	@touch $@

.venv/.ready-dev: requirements-dev.lock .venv/.ready
	@echo "installing the locked packages for tests and checks"
	@$(HAND_OVER) $(UV) pip install --compile-bytecode --python $(RUN) --require-hashes -r requirements-dev.lock
	@touch $@

.venv-bench/.ready: requirements-bench.lock | $(UV)
	@echo "installing the locked packages for the bench"
	@test -x .venv-bench/bin/python || $(UV) venv --quiet --clear --python .tools/bin/python .venv-bench
	@$(HAND_OVER) $(UV) pip install --compile-bytecode --python .venv-bench/bin/python --require-hashes -r requirements-bench.lock
	@touch $@
