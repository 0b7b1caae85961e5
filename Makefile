# `make` or `make help` prints what there is. Every target makes what it needs, starting with the virtual environment.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Addresses of this machine's package registries must not reach the lock file.
UV_QUIET := --no-header --no-emit-index-url --no-emit-find-links

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The targets start processes by the hundred: each would compile the code anew where Python is told to keep nothing.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup lock lint format test demo up bench contracts openapi states soak reseed clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## .venv with exactly what requirements.lock says, and the command xinhuo in it (PYTHON=python3.13)
	@$(BIN)/python --version

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is another. Try: make PYTHON=python3.11 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing what requirements.lock says (a minute or two the first time)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

lock: $(READY) ## requirements.lock from requirements.in: all platforms, with hashes (UPGRADE=1: newest versions)
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes $(UV_QUIET) $(if $(UPGRADE),--upgrade) \
		--quiet --output-file requirements.lock requirements.in
	@! grep -nE '://|--(extra-)?index-url|--find-links' requirements.lock

lint: $(READY) ## ruff (rules and format), mypy (strict for kernel and every domain), import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict kernel $(wildcard services/*/domain)
	$(BIN)/mypy contracts services suite
	$(BIN)/lint-imports

format: $(READY) ## puts the code into ruff's format and mends what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(READY) ## every part of the tests that this machine can run (PARTS="unit faults": only those)
	XINHUO_REQUIRE_ALL=$(XINHUO_REQUIRE_ALL) $(BIN)/python -m tests.run $(PARTS)

demo: $(READY) ## both cities on real divisions, from application to full membership; writes build/demo.json (UNTIL=crowd, CHAPTERS=all)
	@$(BIN)/xinhuo demo $(if $(UNTIL),--until $(UNTIL)) $(if $(CHAPTERS),--chapters $(CHAPTERS))

up: $(READY) ## the suite with the demo's data (made first if there are none), in one process, until Ctrl-C
	$(BIN)/xinhuo up --demo

bench: $(READY) ## against stand-alone baselines on PostgreSQL and RabbitMQ; writes build/bench.json
	$(BIN)/python -m suite.bench

contracts: $(READY) ## JSON Schema and example of every event; refuses to change a published one incompatibly
	$(BIN)/xinhuo contracts

openapi: $(READY) ## the OpenAPI document of every service, into docs/openapi
	$(BIN)/xinhuo openapi

states: $(READY) ## who may do what in which state, under which rules, of every service; writes docs/states.md
	$(BIN)/xinhuo states

soak: $(READY) ## ten minutes of lifecycles side by side on servers while processes are killed; writes build/soak.json (SECONDS=600)
	$(BIN)/python -m tests.soak --seconds $(or $(SECONDS),600)

reseed: $(READY) ## the fault tests over and over with new seeds, until one fails (ROUNDS=10)
	@for round in $$(seq $(or $(ROUNDS),10)); do \
		seed=$$(od -An -N4 -tu4 /dev/urandom | tr -d ' '); echo "round $$round, seed $$seed"; \
		XINHUO_TEST_SEED=$$seed $(BIN)/python -m pytest -q tests/faults || exit 1; \
	done

clean: ## removes what the targets have made, except .venv
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .schemathesis *.egg-info
	find . -name __pycache__ -not -path './.venv*/*' -prune -exec rm -rf {} +
