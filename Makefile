# Everything a fresh machine needs: Python >= 3.11, make, and a package registry.
PYTHON ?= python3
ADAPTERS := $(patsubst %/,%,$(dir $(wildcard adapters/*/adapter.yaml)))
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: venv demo test coverage check lint bench bench-long fuzz crash-test lock wheel image python-image image-test openapi profiles docs compat clean

venv: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "agency-gateway needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# The lock is complete: resolving again would look past its pins (pip 23.2 does so for extras).
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: venv
	@$(BIN)/agency-gateway demo $(if $(DEMO_ONCE),--once,)

# Files side by side, on the processors there are.
test: venv
	$(BIN)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile

# The same, and what part of the code it runs: a third slower.
coverage: venv
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered -q

lint: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m gateway.adapter_kit.profile --check
	$(BIN)/python -m gateway.adapter_kit.editor_schemas --check
	$(BIN)/agency-gateway adapter docs --check $(ADAPTERS)

check: lint test

bench: venv
	$(BIN)/python -m bench

bench-long: venv
	$(BIN)/python -m bench --long

# Generated calls, others each time; EXAMPLES a route and phase.
EXAMPLES ?= 500
fuzz: venv
	$(BIN)/python -m tests.scenarios.fuzz.run $(EXAMPLES)

# Callers send while processes are killed, paused and cut off; SEED repeats a run.
MESSAGES ?= 10000
STORE ?= sqlite
GATEWAYS ?= 1
crash-test: venv
	$(BIN)/python -m tests.scenarios.crash.run --messages $(MESSAGES) --store $(STORE) \
		--gateways $(GATEWAYS) $(if $(SEED),--seed $(SEED),)

lock: venv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--all-extras --group dev --group build --output-file requirements.lock pyproject.toml
	@# Parts of the same lock: what runs the gateway, and what builds its wheel.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--constraint requirements.lock --output-file requirements-runtime.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--constraint requirements.lock --group build --output-file requirements-build.lock

wheel: venv
	$(BIN)/python -m pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir dist .

# PYTHON_IMAGE, PIP_CONFIG, CA_CERTIFICATES and IMAGE may be given: see deploy/build-image.sh.
image:
	@deploy/build-image.sh

python-image:
	@deploy/python-image.sh

image-test: venv image
	$(BIN)/python -m pytest -m image -q tests/deploy

profiles: venv
	$(BIN)/python -m gateway.adapter_kit.profile --write

docs: venv
	$(BIN)/python -m gateway.adapter_kit.editor_schemas --write
	$(BIN)/agency-gateway adapter docs $(ADAPTERS)

compat: venv
	$(BIN)/python -m gateway.adapter_kit.released

openapi: venv
	$(BIN)/agency-gateway openapi > openapi/openapi.json

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .coverage .hypothesis build dist
