# Every target sets itself up: a virtual environment in .venv, made again only when
# pyproject.toml or constraints.txt change.
PYTHON ?= python3
VENV := .venv
# where an environment has its programs
PROGRAMS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := $(VENV)/$(PROGRAMS)
STAMP := $(VENV)/.installed
BENCH_VENV := .venv-bench
BENCH_BIN := $(BENCH_VENV)/$(PROGRAMS)
BENCH_STAMP := $(BENCH_VENV)/.installed
OLDEST_VENV := .venv-oldest
OLDEST_BIN := $(OLDEST_VENV)/$(PROGRAMS)
OLDEST_STAMP := $(OLDEST_VENV)/.installed
# errors of pip, no warnings
PIP_INSTALL := -m pip install -qq --disable-pip-version-check
DEMO_SPECS := two_groups_10 two_groups_60_40

.DEFAULT_GOAL := help
.PHONY: help demo test test-portable test-oldest test-crash lint docs notebooks keys catalogue figures bench package release clean

help:
	@echo "make demo       run the two catalogue experiments and say where the figures are"
	@echo "make test       run all tests"
	@echo "make test-portable  run what depends on the processor as other processors would"
	@echo "make test-oldest    run all tests with the oldest versions that pyproject.toml allows"
	@echo "make test-crash     kill sweeps a hundred times: nothing may be lost (an hour)"
	@echo "make lint       check style and types"
	@echo "make docs       build the site in docs/_build/html, with the notebooks executed"
	@echo "make notebooks  execute the notebooks"
	@echo "make catalogue  make the OpenQASM files and the manifest of the catalogue again"
	@echo "make keys       write the tables of keys of circuits/README.md and the JSON schema again"
	@echo "make figures    make the figures of the README again"
	@echo "make bench      measure against other simulators (an hour; BENCH=--quick: a minute)"
	@echo "make package    build sdist and wheel into dist, and try the wheel in an empty environment"
	@echo "make release VERSION=0.3.0  version, date, commit, tag and dist: all but the upload"
	@echo "make clean      remove the environment and everything generated"

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("qnu needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing qnu and its tested dependencies into $(VENV) (a minute or two, only once)"
	@$(BIN)/python $(PIP_INSTALL) --constraint constraints.txt --editable '.[dev,notebooks,docs,addons]'
	@touch $@

demo: $(STAMP)
	@for spec in $(DEMO_SPECS); do \
		$(BIN)/qnu run $$spec --output results/$$spec --overwrite || exit $$?; \
	done
	@echo
	@echo "Figures:"
	@for spec in $(DEMO_SPECS); do ls results/$$spec/figures/*.png | sed 's/^/  /'; done

test: $(STAMP)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

test-portable: $(STAMP)
	@$(BIN)/python tests/portable.py

$(OLDEST_STAMP): pyproject.toml constraints-oldest.txt
	@test -x $(OLDEST_BIN)/python || $(PYTHON) -m venv $(OLDEST_VENV)
	@echo "Installing qnu and the oldest versions it takes into $(OLDEST_VENV) (only once)"
	@$(OLDEST_BIN)/python $(PIP_INSTALL) --constraint constraints-oldest.txt \
		--editable '.[dev,notebooks,docs,addons,explore,ionq,cluster]'
	@touch $@

test-oldest: $(OLDEST_STAMP)
	@OPENBLAS_NUM_THREADS=1 $(OLDEST_BIN)/python -m pytest --numprocesses 2

test-crash: $(STAMP)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/experiment/sweeps/crashes.py 100

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

notebooks: $(STAMP)
	@$(BIN)/python notebooks/execute.py

docs: notebooks
	@rm -rf docs/_build/html
	@$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs docs/_build/html
	@$(BIN)/python docs/check_site.py docs/_build/html
	@echo "The site: docs/_build/html/index.html"

keys: $(STAMP)
	@$(BIN)/python -m qnu.experiment.key_tables

catalogue: $(STAMP)
	@$(BIN)/python -m qnu.experiment.catalogue_files

figures: $(STAMP)
	@$(BIN)/python docs/make_figures.py

# The peers need other versions than the tests (benchmarks/constraints.txt): their own environment.
$(BENCH_STAMP): pyproject.toml benchmarks/constraints.txt
	@test -x $(BENCH_BIN)/python || $(PYTHON) -m venv $(BENCH_VENV)
	@echo "Installing qnu and the peers it is measured against into $(BENCH_VENV) (only once)"
	@$(BENCH_BIN)/python $(PIP_INSTALL) \
		--constraint benchmarks/constraints.txt --editable '.[bench]'
	@touch $@

bench: $(BENCH_STAMP)
	@$(BENCH_BIN)/python -m benchmarks --figure docs/figures/bench.png $(BENCH)

package: $(STAMP)
	@$(BIN)/python packaging/artefacts.py

release: $(STAMP)
	@$(BIN)/python packaging/release.py "$(VERSION)"

clean:
	rm -rf $(VENV) $(BENCH_VENV) $(OLDEST_VENV) results notebooks/executed docs/_build docs/notebooks build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
