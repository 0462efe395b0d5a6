# Everything from a fresh clone with GNU make and Python 3.11 or newer. The bootstrap uses the standard library alone.
TORCH := torch==2.13.0
VENV := .venv
READY := $(VENV)/.ready
STAMP := $(VENV)/.installed
DOCS := $(VENV)/.installed-docs
# The first interpreter that is new enough; say `make install PYTHON=...` for another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
RUN := runs/demo

.PHONY: install demo test test-long lint bench docs
.DELETE_ON_ERROR:

install: $(STAMP)
	@:

# What the package itself needs: the demo waits for nothing else. torch comes first and pinned: left to the second command
# it may arrive as another build, of several gigabytes.
$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "pushpop needs Python 3.11 or newer: none found on PATH; give one with PYTHON=..." >&2; exit 2; }
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check "$(TORCH)"
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(STAMP): $(READY)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

# What the guide and its tests need comes apart: nobody who wants a network is to wait for it.
$(DOCS): $(STAMP)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,docs]"
	@touch $@

# Run twice, it finds its finished run and prints the stored result.
demo: $(READY)
	@$(VENV)/bin/pushpop train reverse --model stack-lstm --run $(RUN) --resume --require-solved
	@$(VENV)/bin/pushpop eval $(RUN) --lengths 256,1000,10000 --words 20
	@$(VENV)/bin/pushpop trace $(RUN) --input "5 17 99 3 64 21 8 120" --out $(RUN)/trace.html
	@$(VENV)/bin/pushpop play $(RUN) --out $(RUN)/play.html
	@$(VENV)/bin/pushpop report $(RUN) --out $(RUN)/report.html

# One thread a worker: torch's own threads would fight over the cores with the other worker's.
test: $(DOCS)
	@OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n 2 --dist worksteal

test-long: $(DOCS)
	@OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n 2 --dist worksteal -m "long or not long"

lint: $(STAMP)
	@status=0; for check in "ruff check ." "ruff format --check ." "pyrefly check"; do \
		$(VENV)/bin/$$check || status=1; done; exit $$status

bench: $(STAMP)
	@$(VENV)/bin/pushpop bench

# A warning is an error: a link that leads nowhere, a docstring that is not read as it was meant.
docs: $(DOCS)
	@$(VENV)/bin/python -m sphinx -q -W --keep-going docs build/docs
	@echo "the guide is in build/docs/index.html"
