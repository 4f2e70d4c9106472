# Every chore of the project. `make run` and `make test` need nothing but Python 3.11+ and make.
PYTHON ?= python3
# On Linux without a GPU, an index that holds CPU builds of torch saves gigabytes: make run TORCH_INDEX=ADDRESS
TORCH_INDEX ?=
# Without compiling: what is imported is compiled then, and the rest would only fill the disk.
PIP = .venv/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --constraint .constraints.txt
export OMP_NUM_THREADS ?= 2

.PHONY: run ask test proofs check format eval gate results clean
run: .venv/.run
	.venv/bin/footnote ui --add seeds

ask: .venv/.run
	@test -n "$(Q)" || { echo 'Ask like this: make ask Q="Who rejected NATO peacekeepers?"' >&2; exit 2; }
	@test -d .footnote || .venv/bin/footnote add seeds
	@.venv/bin/footnote ask "$(Q)"

# Two files at a time, each with one thread: most tests wait for a server, a browser or a disk for part of their time.
# They keep the order that tests/conftest.py puts them in, long ones first, so that both processes end together.
test: .venv/.dev
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Our figures against those that second libraries come to for the same runs and predictions.
proofs: .venv/.dev
	$(PIP) --editable '.[proofs]'
	.venv/bin/python -m pytest tests/evals/test_against_ranx.py tests/evals/test_against_torchmetrics.py

check: .venv/.dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

format: .venv/.dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

eval: .venv/.run
	.venv/bin/footnote eval run evals/sets/seeds.jsonl --articles seeds --out eval-runs/seeds

# Fails when the answers to the seed questions got worse than what was once reached.
gate: eval
	.venv/bin/footnote eval gate eval-runs/seeds --floors evals/sets/seeds.floors.json

# Writes the tables of docs/results.md; DATA is a folder with the published sets (python -m evals.results --help).
results: .venv/.run
	.venv/bin/python -m evals.results $(if $(DATA),--data $(DATA)) --out eval-runs

# The index stays, for conversations lie in its folder too.
clean:
	rm -rf .venv eval-runs

.venv/.torch:
	$(PYTHON) -c 'import sys; sys.exit("Footnote needs Python 3.11 or newer: make run PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	@echo "Installing (2 to 3 minutes, about 2 GB on disk)…"
	$(PIP) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	@touch $@

.venv/.run: .venv/.torch pyproject.toml .constraints.txt
	$(PIP) --editable .
	@touch $@

.venv/.dev: .venv/.run
	$(PIP) --editable '.[dev]'
	@touch $@
