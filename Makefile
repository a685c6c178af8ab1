# make venv    install everything into .venv
# make demo    hide a chain, find it again, show the table
# make test    lint and tests
# make docs    build the documentation into site/, strictly
# make coverage  the tests once more, with the share of lines and branches they run (long)
# make bench   print every measured figure (long)

PYTHON ?= python3
PIP_FLAGS ?=
BIN := .venv/bin
STAMP := .venv/installed

# Recordings that some tests and benchmarks measure with; without them those are skipped.
ifeq ($(strip $(FXCHAIN_DATA)),)
ifneq ($(wildcard ../shared/data/pairs.csv),)
export FXCHAIN_DATA := $(abspath ../shared/data)
endif
endif

.PHONY: demo test lint docs coverage bench venv
.DELETE_ON_ERROR:

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo 'fxchain needs Python 3.11 or newer; name one with: make PYTHON=python3.11' >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { \
	    rm -rf .venv; \
	    echo 'Python cannot create virtual environments here (ensurepip is missing).' >&2; \
	    echo 'On Debian and Ubuntu: sudo apt-get install python3-venv' >&2; exit 1; }
	$(BIN)/python -m pip install $(PIP_FLAGS) -c constraints.txt -e '.[dev,benchmark,studio,cluster,docs,plugins]'
	@touch $@

demo: $(STAMP)
	$(BIN)/fxchain demo --out demo --force
	@echo 'your own recordings: $(BIN)/fxchain match dry.wav wet.wav'

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

docs: $(STAMP)
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo 'open site/index.html'

coverage: $(STAMP)
	$(BIN)/python -m pytest --cov --cov-report=term --timeout=1200

bench: $(STAMP)
	-$(BIN)/python benchmarks/golden.py # its hashes hold for one machine
	$(BIN)/python benchmarks/parity.py
	$(BIN)/python benchmarks/rounding.py
	$(BIN)/python benchmarks/identified_filters.py
	$(BIN)/python benchmarks/start.py
	$(BIN)/python benchmarks/step.py
	$(BIN)/python benchmarks/recovery.py
	$(BIN)/python benchmarks/structure.py
	$(BIN)/python benchmarks/hostile_recordings.py
	$(BIN)/python benchmarks/devices.py
	$(BIN)/python benchmarks/cells.py
	$(BIN)/python benchmarks/modulation.py
	$(BIN)/python benchmarks/hidden_movement.py
	$(BIN)/python benchmarks/hidden_phasers.py
	$(BIN)/python benchmarks/synth.py
	$(BIN)/python benchmarks/notes.py
	$(BIN)/python benchmarks/drums.py
	-$(BIN)/python benchmarks/plugins.py # needs zam-plugins
	$(BIN)/python benchmarks/responses.py
	$(BIN)/python benchmarks/transfer.py
	$(BIN)/python benchmarks/alternatives.py --plot benchmarks/results/alternatives.png
	$(BIN)/python benchmarks/cost.py
	$(BIN)/python benchmarks/networks.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/dataset.py
	$(BIN)/python benchmarks/measure.py
	$(BIN)/python benchmarks/macros.py
	$(BIN)/python benchmarks/length.py
	$(BIN)/python benchmarks/realtime.py
