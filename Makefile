# The README's two commands are `make demo` and `make test`; each does all of its set-up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OFFICIAL_CLI_VERSION := 11.10.0
OFFICIAL_CLI := .official-cli/node_modules/.bin/heroku
NPM_CLIENTS := .npm-clients/node_modules/.bin/heroku-mcp-server

.PHONY: install demo test test-swarm lint types imports check conformance bench clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@command -v git >/dev/null || { echo "git is missing: apt-get install git"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is missing: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV)..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable . --group dev
	@$(BIN)/python -m compileall -q src
	@touch $@

$(OFFICIAL_CLI):
	@command -v npm >/dev/null || { \
		echo "npm is missing (the tests drive the official CLI): apt-get install npm"; exit 1; }
	@echo "Installing the official CLI $(OFFICIAL_CLI_VERSION) for the tests..."
	@mkdir -p .official-cli
	@cd .official-cli && npm install --silent --no-fund --no-audit --no-save heroku@$(OFFICIAL_CLI_VERSION)

$(NPM_CLIENTS): $(OFFICIAL_CLI)
	@echo "Installing other clients of the API for the tests..."
	@mkdir -p .npm-clients
	@cd .npm-clients && npm install --silent --no-fund --no-audit --no-save --ignore-scripts \
		heroku-client@3.1.4 @heroku/mcp-server@1.2.8
	@touch $@

demo: install
	@$(BIN)/python -m demo.walk

test: install $(OFFICIAL_CLI) $(NPM_CLIENTS)
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# The seed's lines, the seven workflows as a story and the demo, all on a Docker Engine of their own.
test-swarm: install
	HATOBA_ENGINE=swarm $(BIN)/pytest tests/e2e/test_seed.py tests/e2e/test_story.py
	$(BIN)/python -m tests.beside_docker env HATOBA_DEMO_STOP=1 $(BIN)/python -m demo.walk

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports --no-cache

check: lint types imports

conformance: install
	@$(BIN)/python -m conformance --write
	HATOBA_FUZZ=10000 $(BIN)/pytest -q tests/contract/test_api_fuzz_many.py

bench: install
	@$(BIN)/python -m bench

clean:
	rm -rf $(VENV) .official-cli .npm-clients .demo
