# `make help` lists the targets. Each brings .venv and the front end up to date first; with nothing changed that takes milliseconds.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check fix bench bench-large bench-audit bench-judging screenshot assets migration pins clean

PY     = .venv/bin/python
FLASK  = $(PY) -m flask --app wsgi
CODE   = $(wildcard tiejun_awards config.py wsgi.py migrations tests bench tools)
TYPED  = $(wildcard tiejun_awards config.py wsgi.py tests bench tools/*.py)

# Files that say “done, for these inputs”.
VENV      = .venv/pyvenv.cfg
PACKAGES  = .venv/packages.stamp
DEV       = .venv/dev-packages.stamp
FRONT_END = node_modules/.stamp
ASSETS    = tiejun_awards/static/vendor/manifest.json
STATIC    = $(wildcard tiejun_awards/static/*.* tiejun_awards/static/js/*)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: $(PACKAGES) $(ASSETS) ## environment in .venv, front-end packages, built assets

run: setup ## start the demo on http://127.0.0.1:8000 (PORT=… for another); Ctrl-C ends it
	@exec $(FLASK) serve

test: setup $(DEV) ## every test on SQLite, then the database tests on PostgreSQL when one answers
	@tools/test

check: setup $(DEV) ## ruff, mypy, djlint, import-linter, pins
	.venv/bin/ruff check $(CODE)
	.venv/bin/ruff format --check $(CODE)
	.venv/bin/mypy $(TYPED)
	.venv/bin/lint-imports --no-logo
	.venv/bin/djlint --lint --quiet templates
	$(PY) tools/check_pins.py
	$(PY) -m pip check --disable-pip-version-check

fix: $(DEV) ## mend what ruff can mend, and format
	.venv/bin/ruff check --fix $(CODE)
	.venv/bin/ruff format $(CODE)

bench: setup $(DEV) ## cost of the main pages against a bare view
	@$(PY) -m bench

bench-large: setup $(DEV) ## the same at the size of a whole province
	@$(PY) -m bench.large

bench-audit: setup $(DEV) ## a million audit events: verifying them, and the page of them
	@$(PY) -m bench.audit

bench-judging: setup $(DEV) ## how well the scoring methods recover a known truth
	@OMP_NUM_THREADS=1 $(PY) -m bench.judging --seed $(or $(SEED),1)

screenshot: $(DEV) ## draw docs/screenshot.png from the demo that is running
	@PYTHONPATH=. $(PY) tools/screenshot.py

assets: $(FRONT_END) ## build static/vendor again
	tools/node node tools/assets.mjs

migration: setup ## write the next migration: make migration m="what changes"
	@test -n "$(m)" || { echo 'Say what changes: make migration m="…"'; exit 2; }
	$(FLASK) db revision -m "$(m)"

pins: $(DEV) ## resolve requirements*.in again into requirements*.txt
	@tools/pins

clean: ## remove what is built or installed; never instance/
	rm -rf .venv node_modules tiejun_awards/static/vendor
	rm -rf .coverage .coverage.* coverage.json .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# ---------------------------------------------------------------- what the targets stand on

$(VENV):
	@tools/venv

# The pins are complete, so pip resolves nothing: older pips pick the newest coverage[toml] beside a pinned coverage, and then refuse it.
$(PACKAGES): requirements.txt | $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(PACKAGES)
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

$(FRONT_END): package.json package-lock.json .npmrc | $(PACKAGES)
	tools/node npm ci --ignore-scripts --loglevel error --no-progress
	@touch $@

$(ASSETS): tools/assets.mjs $(STATIC) $(FRONT_END)
	tools/node node tools/assets.mjs
	@touch $@
