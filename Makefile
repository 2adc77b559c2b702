# make book · make check · make test · make fetch · make lab. Each sets up .venv by itself; `make help` lists all.

PYTHON ?= python3
DATASET ?= auto
# Test processes beside each other; each gets one thread.
WORKERS ?= 2

BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
# Bytecode is kept whatever the shell says: pytest rewrites three hundred modules, in every process.
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help book student-book course lint check test bench mutants soak audit fetch lab sweeps lock clean

help:  ## list what there is
	@echo "make book [DATASET=auto|demo|real]   run every chapter, render and check the book"
	@echo "make student-book [DATASET=...]      the edition without solutions, in build/student"
	@echo "make course                          the students' notebooks and their zip, in build/course"
	@echo "make check                           lint and unit tests, no kernels, no data: the edit loop"
	@echo "make test                            run every check"
	@echo "make bench                           time this project beside its peers, into the page Speed and cost"
	@echo "                                     (makes the peers' environments: gigabytes)"
	@echo "make mutants [N=240] [SEED=] [GO_ON=] plant errors in a copy, count those that tests see (an hour)"
	@echo "make soak [N=200]                    quick runs in turn, which must leave nothing behind (an hour)"
	@echo "make audit                           bandit and pip-audit, in an environment of their own"
	@echo "make fetch                           download and verify the real cohorts"
	@echo "make lab                             open the notebooks in JupyterLab"
	@echo "make sweeps                          run every published sweep on the real cohorts (hours)"
	@echo "make lock                            resolve pyproject.toml into requirements.lock"
	@echo "make clean                           remove the rendered book and caches; keeps data and results"
	@echo
	@echo "PYTHON=... names the Python (3.11 or later) that .venv is made with; here: $(PYTHON)"

book: $(READY)
	$(BIN)/python -m helpers book --dataset $(DATASET)

student-book: $(READY)
	$(BIN)/python -m helpers book --dataset $(DATASET) --student

course: $(READY)
	$(BIN)/python -m helpers course

check: lint
	$(PYTEST) -q -m "not (notebook or book or kernel or slow or real)"

test: lint
	$(PYTEST)

lint: $(READY)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .

# Threads wait asleep, so that other work on the machine slows the numbers down less. On all cores,
# and on one, as in runs beside each other.
bench: $(READY)
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m tests.benchmarks.speed --publish
	OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.speed --publish
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m tests.benchmarks.rnalign --publish

# The twenty-five pitfalls and N errors by rule, drawn anew by another SEED; the table is
# build/mutants.csv. GO_ON=1 takes up a pass that was stopped, and asks again what was not seen.
# PUBLISH=1, here and of soak: the counts go to book/published/checks, for the page What can go wrong.
mutants: N ?= 240
mutants: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants --n $(N) --workers $(WORKERS) \
		$(addprefix --seed ,$(SEED)) $(if $(GO_ON),--go-on) $(if $(PUBLISH),--publish)

soak: N ?= 200
soak: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.soak --n $(N) $(if $(PUBLISH),--publish)

audit: $(READY)
	test -x build/audit/venv/bin/python || $(PYTHON) -m venv build/audit/venv
	build/audit/venv/bin/python -m pip install --quiet bandit pip-audit
	$(BIN)/python -m tests.audit

fetch: $(READY)
	$(BIN)/python -m helpers fetch

# Every sweep is tried; failed runs stand in the tables and in the exit code. Resumes when repeated.
sweeps: $(READY)
	status=0; for file in notebooks/sweeps/*.yaml; do \
	  $(BIN)/python -m helpers sweep "$$file" || { code=$$?; [ $$code -ne 130 ] || exit 130; status=1; }; \
	done; exit $$status

lab: $(READY)
	$(BIN)/jupyter lab --notebook-dir=. notebooks

# Everything pip needs stands in the lock, so the project itself is installed without a resolver.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --requirement requirements.lock
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	touch $(READY)

# uv resolves for every platform and for Python 3.11 and later, in an environment of its own. Versions
# that still fit stay as they are; `make lock UPGRADE=--upgrade` takes the newest of everything.
# torch's CUDA packages are left out of the lock: a torch with CUDA brings them, one without needs none.
lock:
	rm -rf build/lock && mkdir -p build/lock
	$(PYTHON) -m venv build/lock/venv
	build/lock/venv/bin/python -m pip install --quiet uv
	cp requirements.lock build/lock/resolved.txt
	build/lock/venv/bin/uv pip compile --quiet $(UPGRADE) --universal --fork-strategy fewest \
	  --python-version 3.11 --all-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  $${PIP_FIND_LINKS:+--find-links "$$PIP_FIND_LINKS"} \
	  pyproject.toml --output-file build/lock/resolved.txt
	{ echo "# Exact versions of everything, made from pyproject.toml by \`make lock\`; no index addresses."; \
	  echo "# torch brings its own CUDA packages where it has a CUDA build, so those are not listed."; \
	  grep -Ev '^(nvidia-|cuda-|triton|torch==)' build/lock/resolved.txt; \
	  sed -n 's/^\(torch==[0-9.]*\).*/\1/p' build/lock/resolved.txt | sed 's/\.$$//' | head -n 1; \
	} > build/lock/requirements.lock
	mv build/lock/requirements.lock requirements.lock

clean:
	rm -rf build .pytest_cache .ruff_cache .hypothesis
	find helpers tests -name __pycache__ -type d -prune -exec rm -rf {} +
