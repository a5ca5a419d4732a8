# A machine needs Python 3.11 or later and make; everything else is installed into .venv.
# Options go through ARGS:  make demo ARGS="--units 50 --days 45"

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check bench speed soak fuzz lock runtime dev

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: runtime ## everything on this machine: simulated estate, live devices, detection, console (ARGS="--fresh")
	@$(BIN)/python -m gateway demo $(ARGS)

test: dev ## all tests, after installing what they need where that is allowed (ARGS="tests/unit -x")
	@$(BIN)/python tools/test_setup.py
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: dev ## ruff (rules and format) and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: dev ## messages a second from broker to committed row
	@$(PYTHON) tools/bootstrap.py bench
	@$(BIN)/python benchmarks/ingest.py $(ARGS)

speed: dev ## how fast the detectors are, beside PyOD and river (ARGS="--units 100000")
	@$(PYTHON) tools/bootstrap.py bench
	@$(BIN)/python benchmarks/detect.py $(ARGS)

soak: dev ## hours of load under one fault after another (ARGS="--minutes 60 --rate 3000")
	@$(BIN)/python benchmarks/soak.py $(ARGS)

fuzz: dev ## a million damaged messages for every codec (ARGS="--messages 50000 --dialect dlt645")
	@$(BIN)/python tests/fuzz/run.py $(ARGS)

lock: ## pin the newest packages that fit (needs uv)
	@tools/lock.sh

runtime:
	@$(PYTHON) tools/bootstrap.py runtime

dev:
	@$(PYTHON) tools/bootstrap.py dev
