# What a developer and CI do. `make run` and `make test` set up what they need; nothing is installed outside this folder.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
MAKEFLAGS += --no-print-directory

VENV ?= .venv
ARGS ?=
PYTEST ?= -n 2
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && exit; done; echo python3)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
INTEROP := thriftwire/tests/interop/kitex
CONTRACT := idl/*.thrift --out src/promptwire/api --package promptwire.api
ECHO := $(INTEROP)/*.thrift --out thriftwire/tests/interop/api
export PROMPTWIRE_REQUIRE ?=

.PHONY: help run test check gen format console console-deps browser interop fuzz bench lock alone wheel clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 18

run: $(VENV)/.run ## start Promptwire; make run ARGS="--port 9001 --data /some/dir"
	@$(BIN)/python console/build.py --if-possible
	exec $(BIN)/promptwire serve $(ARGS)

test: $(VENV)/.test interop-if-possible ## install what the tests need and run them all
	@$(BIN)/python console/build.py --if-possible
	$(MAKE) console-test
	cd thriftwire && ../$(BIN)/pytest $(PYTEST)
	cd .. && $(BIN)/pytest $(PYTEST) --ignore tests/browser
	$(BIN)/pytest -n 0 tests/browser # their driver keeps a loop running, which asynchronous tests cannot share

check: $(VENV)/.test ## everything that can be said without running the product
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/thriftwire gen $(CONTRACT) --check
	$(BIN)/thriftwire gen $(ECHO) --check
	$(BIN)/python docs/generate.py --check
	$(MAKE) lock-check console-check
	if command -v go >/dev/null; then cd $(INTEROP) && test -z "$$(gofmt -l *.go)"; fi

gen: $(VENV)/.run ## regenerate what follows from idl/
	$(BIN)/thriftwire gen $(CONTRACT)
	$(BIN)/thriftwire gen $(ECHO)
	$(BIN)/python docs/generate.py
	$(MAKE) console-gen

format: $(VENV)/.test ## lay the Python out
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# --- environments -----------------------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
		echo "Promptwire needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name one: make run PYTHON=/path/to/python3.12" >&2
		exit 1
	}
	$(PYTHON) -m venv $(VENV) || {
		rm -rf $(VENV)
		echo "$(PYTHON) cannot make environments; on Debian and Ubuntu: apt install python3-venv" >&2
		exit 1
	}

$(VENV)/.run: constraints-run.txt pyproject.toml thriftwire/pyproject.toml | $(BIN)/python
	@echo "installing Promptwire into $(VENV)"
	$(PIP) --require-hashes -r constraints-run.txt
	$(PIP) --no-deps --no-build-isolation -e thriftwire -e .
	touch $@

$(VENV)/.test: constraints.txt $(VENV)/.run
	@echo "installing what the tests and checks need into $(VENV)"
	$(PIP) --require-hashes -r constraints.txt
	touch $@

# Two lists from one resolution: everything, and of it what `make run` needs.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	--no-emit-find-links --no-emit-package thriftwire --all-extras pyproject.toml thriftwire/pyproject.toml --group build
EVERYTHING := --group test --group check --group thriftwire/pyproject.toml:test

lock: $(BIN)/python ## resolve the dependencies anew; make lock ARGS=--upgrade
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(PIP) uv
	$(BIN)/$(LOCK) $(EVERYTHING) $(ARGS) --output-file constraints.txt >/dev/null
	$(BIN)/$(LOCK) --constraint constraints.txt --output-file constraints-run.txt >/dev/null
	sed -i '/^# The following packages were excluded/,$$d; s/ *$$//' constraints.txt constraints-run.txt
	sed -i -e :a -e '/^\n*$$/{$$d;N;ba' -e '}' constraints.txt constraints-run.txt

# The locks and the sources name packages, never the place they come from.
REGISTRIES := py[p]i\.org|python[h]osted|registry\.n[p]m|n[p]mjs|proxy\.go[l]ang|crates\.i[o]/|repo1?\.mave[n]|deb\.debia[n]|yarn[p]kg

lock-check:
	@if git grep -nIE '$(REGISTRIES)'; then echo "a registry's host is named" >&2; exit 1; fi
	if grep -nE '^ *--(index-url|extra-index-url|find-links)|://' constraints.txt constraints-run.txt; then exit 1; fi
	if grep -n '"resolved"' console/package-lock.json; then echo "console/.npmrc leaves download addresses out; npm install again" >&2; exit 1; fi

# --- the console ------------------------------------------------------------------------------------------------------

NODE := $(shell command -v npm >/dev/null && command -v node >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && echo yes)
WITHOUT_NODE = case ",$$PROMPTWIRE_REQUIRE," in *,node,*) echo "Node 20 or newer is required and absent" >&2; exit 1;; \
	*) echo "skipped: $@ needs Node 20 or newer";; esac

console: | $(BIN)/python ## build the console into the package
	@$(BIN)/python console/build.py

console-deps: | $(BIN)/python
	@$(BIN)/python console/build.py --install

ifeq ($(NODE),yes)
console-test: console-deps
	@cd console && npm run --silent test

console-check: console-deps build/openapi.json
	@cd console && npm run --silent check && npm run --silent gen -- --check

console-gen: console-deps build/openapi.json
	@cd console && npm run --silent gen
else
console-test console-check console-gen:
	@$(WITHOUT_NODE)
endif

.PHONY: build/openapi.json
build/openapi.json: $(VENV)/.run
	@mkdir -p build && $(BIN)/python -m promptwire.gateway.openapi > $@

browser: $(VENV)/.test ## only the tests that drive a browser
	@$(BIN)/python console/build.py
	$(BIN)/pytest -n 0 tests/browser $(ARGS)

# --- interoperation with Kitex, and measurements ----------------------------------------------------------------------

interop: $(VENV)/.test ## build the Kitex peer and print the matrix
	@$(MAKE) -C $(INTEROP)
	$(BIN)/pytest -n 2 thriftwire/tests/interop --matrix $(ARGS)

interop-if-possible:
	@if command -v go >/dev/null; then $(MAKE) -C $(INTEROP) || echo "the Kitex peer could not be built" >&2; fi

fuzz: $(VENV)/.test ## 100,000 mutated inputs for every machine
	$(BIN)/python thriftwire/fuzz/machines.py $(ARGS)

LITELLM := 1.106.2

bench: $(VENV)/.test ## costs as ratios, side by side in one run
	@$(MAKE) build/litellm/$(LITELLM) || echo "LiteLLM could not be installed: the table is without it"
	@if command -v go >/dev/null; then $(MAKE) -C $(INTEROP) || true; fi
	PYTHONPATH=.:thriftwire/tests $(BIN)/python -m bench $(ARGS)

build/litellm/$(LITELLM): | $(BIN)/python # in an environment of its own: its dependencies are not ours
	$(BIN)/python -m venv --clear build/litellm
	build/litellm/bin/pip install --quiet --disable-pip-version-check 'litellm[proxy]==$(LITELLM)'
	touch $@

# --- distributions ----------------------------------------------------------------------------------------------------

alone: build/alone/.installed interop-if-possible ## thriftwire's tests where nothing of promptwire is installed
	build/alone/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall ./thriftwire
	build/alone/bin/python -c 'import importlib.util as u; assert u.find_spec("promptwire") is None'
	cd thriftwire && ../build/alone/bin/pytest $(PYTEST)

build/alone/.installed: constraints.txt thriftwire/pyproject.toml | $(BIN)/python
	@$(BIN)/python -m venv --clear build/alone
	sed -E 's/ \\$$//; /^ *(#|--hash)/d' constraints.txt > build/alone/versions.txt
	PIP_CONSTRAINT=build/alone/versions.txt build/alone/bin/python -m pip install --quiet --disable-pip-version-check \
		"./thriftwire[grpc,otel,cli,etcd]" $$($(BIN)/python -c 'import tomllib; \
			print(*tomllib.load(open("thriftwire/pyproject.toml", "rb"))["dependency-groups"]["test"])')
	touch $@

wheel: $(VENV)/.test ## both distributions, into dist/
	@rm -rf dist
	$(BIN)/hatchling build -d dist
	cd thriftwire && ../$(BIN)/hatchling build -d ../dist

clean: ## forget everything that was installed or built
	rm -rf $(VENV) build dist console/node_modules src/promptwire/gateway/static
	@if test -d $(INTEROP); then $(MAKE) -C $(INTEROP) clean; fi
