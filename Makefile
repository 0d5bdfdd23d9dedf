# `make run` and `make test` are all one needs; Python >= 3.11 and make must be there.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
DEMO ?= 1

.PHONY: run test test-slow check clean
.DEFAULT_GOAL := run

run: .venv/run.stamp .venv/assets.stamp
	@exec $(BIN)/baige up $(if $(filter 0,$(DEMO)),--no-demo,--demo)

# Every branch of the engine is reached by its own tests, without chance's help.
test: .venv/dev.stamp .venv/assets.stamp
	@$(BIN)/python -m coverage run --source=brackets -m pytest tests/unit/brackets
	@$(BIN)/python -m coverage report --fail-under=100 --skip-covered --show-missing
	@$(BIN)/python -m pytest -n 5 --dist worksteal -m "not slow" --ignore=tests/unit/brackets

# Outages as long as is promised, on real processes; up to an hour.
test-slow: .venv/dev.stamp .venv/assets.stamp
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m slow -rP

check: .venv/dev.stamp .venv/assets.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/templates.py
	$(BIN)/python .ci/translations.py check

clean:
	rm -rf .venv node_modules app/static/built

.venv/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "baige: Python 3.11 or newer is needed"; exit 1; }
	@echo "baige: making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv || { echo "baige: on Debian and Ubuntu run: apt install python3-venv"; rm -rf .venv; exit 1; }

# uv installs in seconds; pip does the same, slowly, where uv cannot run.
define install
	@echo "baige: installing $(1)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv 2>/dev/null || true
	@if [ -x $(BIN)/uv ]; then VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --require-hashes -r $(1); \
		else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1); fi
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
endef

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/pyvenv.cfg
	$(call install,requirements/run.txt)

.venv/dev.stamp: requirements/dev.txt pyproject.toml | .venv/pyvenv.cfg
	$(call install,requirements/dev.txt)
	@touch .venv/run.stamp

.venv/npm.stamp: package.json package-lock.json | .venv/run.stamp
	@echo "baige: fetching htmx and fonts from npm"
	@if command -v npm >/dev/null; then npm ci --silent; else \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/npm.txt && \
		PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent; fi
	@touch $@

.venv/assets.stamp: .venv/npm.stamp $(wildcard app/static/css/* app/static/js/* app/static/img/*)
	@$(BIN)/baige assets
	@touch $@
