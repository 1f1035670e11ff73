# Everything a person or a CI job runs. `make` alone lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Written last, so that an interrupted installation is taken up again.
STAMP := $(VENV)/.installed
# Worker processes of pytest; `make test JOBS=0` runs in one process, for a debugger.
JOBS ?= auto
# More arguments for pytest: `make test ARGS="-k replication"`.
ARGS ?=

STACK ?= dev

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test check lint types imports workflows format bench conformance soak lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## Make .venv with everything the program, the pack and the tools need

demo: $(STAMP) ## Bring the dev fleet up on the simulated Azure (STACK=prod for another stack)
	$(BIN)/imagefleet rehearse --stack $(STACK) --yes

test: $(STAMP) ## Run all tests (ARGS="-k name" for some of them)
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

check: lint types imports workflows ## Format, lint, types, import rules (make -k check: all of them, whatever fails)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The two __main__.py share a module name, so each is checked in a run of its own.
types: $(STAMP)
	$(BIN)/mypy imagefleet components policy/rules $(wildcard benchmarks soak)
	$(BIN)/mypy __main__.py
	$(BIN)/mypy policy/__main__.py

imports: $(STAMP)
	PYTHONPATH=.:policy $(BIN)/lint-imports

# actionlint comes as a Go program only, so it is taken where somebody has it.
workflows: $(STAMP)
	$(BIN)/zizmor --offline --no-progress --quiet .github/workflows
	@if command -v actionlint >/dev/null; then actionlint; else \
		echo "actionlint skipped: it is not on PATH" \
			"(go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12)"; fi

format: $(STAMP) ## Format the code and fix what the linter can fix
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format .

EXAMPLES ?= ../shared/azure-examples

conformance: $(STAMP) ## Feed Azure's REST examples to the simulated Azure (EXAMPLES=FOLDER)
	$(BIN)/python -m tests.simulate.conformance $(EXAMPLES)

bench: $(STAMP) ## Measure rehearsals, policy packs and the simulated Azure (ARGS="--only packs")
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(STAMP) ## Fault campaigns and kills at every step (ARGS="--seed 7 --campaigns 50")
	$(BIN)/python -m soak $(ARGS)

# The environment's own pins are the starting point: only what pyproject.toml no longer allows moves.
# `make lock UPGRADE=--upgrade` takes the newest of everything.
UPGRADE ?=
COMPILE := PIP_FIND_LINKS= CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile \
	--quiet --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

lock: $(STAMP) ## Write requirements.lock and requirements.txt from pyproject.toml
	$(COMPILE) $(UPGRADE) --allow-unsafe --generate-hashes \
		--extra program --extra cli --extra simulate --extra live --extra plot --extra ci --extra dev \
		--output-file requirements.lock pyproject.toml
	@printf '%s\n' \
		'# What `pulumi install` puts into .venv: the program, the pack and imagefleet itself.' \
		'# Written by `make lock` from the pins of requirements.lock, whose hashes pip does not' \
		'# accept beside an editable install.' \
		'-e .' > requirements.txt
	$(COMPILE) --allow-unsafe --no-header --no-annotate --extra program --extra cli \
		--constraint requirements.lock --output-file - pyproject.toml >> requirements.txt

clean: ## Remove the environment, caches and the state of rehearsals
	rm -rf $(VENV) .imagefleet .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "imagefleet needs Python 3.11 or newer, and '$(PYTHON)' is not on PATH." >&2; \
		echo "Install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "imagefleet needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Install a newer one, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: its venv module is missing." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV); the Azure provider's SDK is large, so the first time takes minutes."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
