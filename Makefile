# Cercle. `make help` lists the commands. Each one prepares what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Every process that starts would compile all its modules anew, 2.5 s each; `make clean` removes what is kept.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 8000
DEMO ?= 1
ARGS ?=
BIN := .venv/bin

# The first Python that is new enough and can make a virtual environment. Another one: make run PYTHON=python3.13
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
FIND_PYTHON = for p in $(CANDIDATES); do \
	if "$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$p"; exit; fi; done
ifndef PYTHON
PYTHON := $(shell $(FIND_PYTHON))
endif

.PHONY: help
help: ## show this list
	@echo "Cercle: make COMMAND"
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  \1|\2/' | \
		awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

.PHONY: python
python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Cercle needs Python 3.11 or newer with its venv module. On Debian: apt install python3 python3-venv" >&2; exit 1; fi

.PHONY: setup
setup: python ## prepare everything for development (environment, packages, assets, test servers)
	@$(PYTHON) tools/setup.py --dev

.PHONY: run
run: python ## start on http://127.0.0.1:8000 with demo content (DEMO=0: empty; PORT=8000)
	@$(PYTHON) tools/setup.py
	@exec $(BIN)/cercle run $(if $(filter 0 no false,$(DEMO)),--no-demo,--demo) --port $(PORT) $(ARGS)

.PHONY: up
up: setup ## start the distributed mode on this machine (five workers, broker, database, gateway)
	@exec $(BIN)/cercle up --port $(PORT) $(ARGS)

.PHONY: down
down: python ## stop what `make up` started
	@$(BIN)/cercle down $(ARGS)

.PHONY: test
test: setup ## run every test (ARGS="-k name" goes to pytest)
	@$(BIN)/python tools/run_tests.py $(ARGS)

.PHONY: test-unit
test-unit: setup ## run the tests that need no server and no browser
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not (distributed or postgres or e2e or chaos)" $(ARGS)

.PHONY: test-e2e
test-e2e: setup ## live the story in a real browser
	@$(BIN)/python -m pytest -q -m e2e $(ARGS)

.PHONY: test-chaos
test-chaos: setup ## kill processes while work goes on, and count what was lost or doubled
	@$(BIN)/python -m pytest -q -s -m chaos $(ARGS)

.PHONY: lint
lint: setup ## check style, types and the architecture's import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: fmt
fmt: setup ## format the code and fix what can be fixed safely
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: bench
bench: setup ## measure the main requests in both modes beside a plain Flask floor
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: shots
shots: setup ## take screenshots of every page, wide and phone, in both languages, into var/shots
	@$(BIN)/python tools/shots.py $(ARGS)

.PHONY: lock
lock: setup ## write the lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(BIN)/python tools/lock.py $(ARGS)
	@npm install --package-lock-only --ignore-scripts --loglevel=error

.PHONY: assets
assets: python ## fetch the browser libraries and fonts
	@$(PYTHON) tools/setup.py

.PHONY: clean
clean: ## remove what was built; data in var/ stays
	rm -rf .venv node_modules gateway/web/static/vendor gateway/content/vendor .setup.lock \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
