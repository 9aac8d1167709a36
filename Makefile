# Two commands do everything on a bare machine with Python 3.11 and make: `make play`, `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STATE  ?= state
# The tests wait for processes, sockets and pages, the slow ones about half of the time: more of
# them at once than cores.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
WORKERS ?= $(shell expr $(CORES) \* 3 / 2)
WORKERS_SLOW ?= $(shell expr $(CORES) \* 2)
DIST := --dist worksteal # what a module sets up is mostly set up in one worker
SUITES := $(patsubst evals/suites/%/suite.yml,%,$(wildcard evals/suites/*/suite.yml))
SUITES := refunds_v3 $(filter-out refunds_v3,$(SUITES)) # the longest first
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync)
# Hundreds of processes import the same files: what was compiled is kept, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install play demo test test-fast conformance check types style evals docs bench lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.play ## what Assent needs to run, into .venv; `play` and `demo` do it by themselves

play: $(VENV)/.play ## a local workspace with the bot: ask for a refund, approve it, no account anywhere
	@$(BIN)/assent play --state $(STATE)

demo: $(VENV)/.play ## the same story by itself in the terminal: ask, approve, kill, recover, verify
	@$(BIN)/assent demo

test: $(VENV)/.test ## everything: fast tests, then kills, servers and browsers
	@$(BIN)/pytest -q -n $(WORKERS) $(DIST) -m "not slow and not bench"
	@$(BIN)/pytest -q -n $(WORKERS_SLOW) $(DIST) -m "slow and not bench"

test-fast: $(VENV)/.test ## the fast tests alone
	@$(BIN)/pytest -q -n $(WORKERS) $(DIST) -m "not slow and not bench"

conformance: $(VENV)/.test ## every promise of every connector against its counterpart, and the table of them
	@$(BIN)/pytest -q -n $(WORKERS) tests/connectors/test_conformance.py tests/connectors/test_declared_conformance.py
	@$(BIN)/pytest -q -s tests/connectors/test_table.py

evals: $(VENV)/.test ## the shipped bundles against their suites and what they did before; reports in state/evals
	@$(MAKE) --no-print-directory -j $(CORES) $(TOGETHER) $(SUITES:%=suite-%)

suite-%: # each in a process of its own, beside the others
	@echo "== $*"
	@$(BIN)/agent-eval run --suite $* --candidate bundle@working --baseline blessed --fail-on-regression --workers 1

check: $(VENV)/.test ## ruff, mypy strict, import contracts
	@$(MAKE) --no-print-directory -j 2 $(TOGETHER) types style

types:
	@$(BIN)/mypy

style: # and that every test can be collected, which also compiles them for `make test`
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/pytest -qq --collect-only -p no:xdist >$(VENV)/collected || { tail -n 40 $(VENV)/collected; exit 1; }

docs: $(VENV)/.test ## write the generated pages and parts anew
	@$(BIN)/python tests/docs/generate.py
	@$(BIN)/python tests/docs/photograph.py

bench: $(VENV)/.test ## measurements on this machine
	@$(BIN)/pytest -q -s -m bench tests/bench

lock: $(VENV)/.test ## compile the lock files anew from pyproject.toml
	$(BIN)/pip-compile $(LOCK_OPTIONS) --extra test --extra install -o requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCK_OPTIONS) --extra install -c requirements.lock -o requirements-play.lock pyproject.toml
	@sed -i '/^# WARNING: pip install will require/,/^assent @/d' requirements.lock  # our own extras name ourselves

LOCK_OPTIONS := --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --no-header --no-annotate

clean: ## remove the virtual environment and the caches; the state folder stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Assent needs Python 3.11 to 3.13; set PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Assent needs Python 3.11 to 3.13, and $(PYTHON) is another version; set PYTHON=/path/to/python"; exit 1; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.play: requirements-play.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Assent needs (once, about a minute) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r requirements-play.lock
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Assent and its tests need (once, about a minute) ..."
	@# A fifth of the files is ever imported: each is compiled then, not all of them now.
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.play
