# Every command there is; `make` alone lists them. Each sets up what it needs by itself.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check bench storm law generate golden lock clean ready

# A process starts in two thirds of the time where Python may keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PEOPLE ?=
ONCE ?=
ARGS ?=
JOBS ?= 3

help:  ## list the commands
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ready  ## a whole network with synthetic people, told to be read (ONCE=1 ends by itself, PEOPLE=20000)
	@$(BIN)/kruispunt demo $(if $(PEOPLE),--people $(PEOPLE)) $(if $(ONCE),--once) $(ARGS)

test: ready  ## every test: unit, law, contract, property, acceptance, docs, tidy, golden (ARGS="-k word", JOBS=1)
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: ready  ## style, types, import contracts, house rules, law, and whether generated files are current
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest tests/tidy tests/law
	@scripts/check-generated

bench: ready  ## what one crossing costs, beside a proxy and nginx, and which limits hold (ARGS="--json --short")
	@$(BIN)/python -m bench.crossing $(ARGS)

storm: ready  ## all that can go wrong done to a house under load, then checked by SQL (ARGS="--short --json")
	@$(BIN)/python -m storm $(ARGS)

law: ready  ## check the lawbook, run every case beside it, tell what changes since the last release
	@$(BIN)/kruispunt law check
	@$(BIN)/kruispunt law changes

generate: ready  ## write generated/ anew from types and law
	@$(BIN)/kruispunt generate --into generated
	@$(BIN)/kruispunt generate paragraphs --tests tests --into docs/reference
	@$(BIN)/kruispunt generate reasons --into docs/reference

golden:  ## freeze the migrations that are new; what is frozen is never touched
	@scripts/freeze

lock: ready  ## resolve the dependencies again, leaving out what is younger than seven days
	@scripts/lock

clean:  ## remove the environment, caches and the demonstration's state
	rm -rf .venv .kruispunt .pytest_cache .ruff_cache .import_linter_cache .hypothesis mutants dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready:
	@scripts/setup
