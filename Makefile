# Everything happens in .venv; `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
DATA ?= $(RAG_BENCH_DATA)

.PHONY: run test test-slow fast coverage lint style types bench supply docs clean

run: $(STAMP)
	$(BIN)/rag index
	$(BIN)/rag chat

# Files of tests run side by side: most wait for servers, browsers and child processes, so that two cores have work for
# three. Those that take longest begin first (tests/conftest.py).
PROCESSES ?= 3
# A run starts hundreds of processes: what one has compiled is kept for the others, also where that is turned off.
unexport PYTHONDONTWRITEBYTECODE
SIDE_BY_SIDE = -n $(PROCESSES) --dist loadfile --no-loadscope-reorder
# What waited in vain for a browser or a server, beside other tests on a busy machine, is tried once more and named
# ("R" and RERUN in the output). Whatever else fails has failed.
RETRY ?= --reruns 1 --only-rerun "^(TimeoutError|ReadTimeout|ConnectTimeout):"

# Types are checked beside the tests, which wait for much: without a cache they take a processor for half a minute.
test: style
	@mkdir -p var; $(MAKE) --no-print-directory types > var/types.txt 2>&1 & types=$$!; \
	$(BIN)/python -m pytest -q -m "not slow" $(SIDE_BY_SIDE) $(RETRY); tests=$$?; \
	wait $$types; types=$$?; cat var/types.txt; [ $$tests -eq 0 ] && [ $$types -eq 0 ]

# What most changes need, meant to take a minute: no builds, servers, browsers or models. FAST=tests/rag takes a wing.
FAST ?= tests/test_wings.py tests/index/stores/test_keywords.py tests/index/language/test_sentences.py \
        tests/index/language/test_lexicon.py tests/index/disk/test_manifest.py tests/index/sources/test_tables.py \
        tests/rag/checking/test_citations.py tests/rag/checking/test_claims.py tests/rag/checking/test_markers.py \
        tests/index/language/test_names.py tests/index/language/test_quantities.py \
        tests/rag/reading/test_rendering.py tests/rag/checking/test_wrapping.py tests/ui/view/test_render.py

fast: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -q -m "not slow and not browser" $(SIDE_BY_SIDE) --ignore-glob "*/test_llms_*" $(FAST)

# Lines and branches that the default tests reach, child processes included.
coverage: $(STAMP)
	$(BIN)/python -m pytest -q -m "not slow" $(SIDE_BY_SIDE) $(RETRY) --cov --cov-report=
	$(BIN)/python -m coverage report

# Kills and measures: two at a time leave each other enough of the machine.
test-slow: PROCESSES = 2
test-slow: $(STAMP)
	$(BIN)/python -m pytest -q -m slow $(SIDE_BY_SIDE) $(RETRY)

lint: style types

style: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m benchmarks --data "$(DATA)"

# The documentation as a site, in var/site/site; what builds it is no part of the product and has an environment of its own.
docs: $(STAMP)
	$(BIN)/python tools/docs_site.py var/site
	test -d .venv/docs || $(PYTHON) -m venv .venv/docs
	.venv/docs/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	.venv/docs/bin/python -m pip install --quiet --group docs
	cd var/site && ../../.venv/docs/bin/zensical build

# What is known of this installation: a bill of materials, the licences of all that is in it, known vulnerabilities.
supply: $(STAMP)
	mkdir -p var
	$(BIN)/python tools/supply.py sbom > var/sbom.json
	$(BIN)/python tools/supply.py licences > var/licences.txt
	$(BIN)/python tools/supply.py audit

# Every package is pinned and checked by its SHA-256; none is asked for dependencies of its own, which are pinned too.
# torch comes first and by itself. The usual build for Linux wants 4.5 GB of GPU libraries, so uv is asked for one without: it
# knows where they lie, and wants them named whole (2.13.0+cpu). Where they are not to be had, what pip is set to counts.
# TORCH_INDEX=URL names a mirror of them, and TORCH_BACKEND= (nothing) takes what pip is set to at once. Beside an index, pip
# passes over a build that lies in a folder, since a folder tells no digests: it is fetched first and checked then. What a
# build with GPU libraries needs of those is the one thing that is not checked.
# Of the small language model only the weights are read.
TORCH_BACKEND ?= $(if $(filter Linux,$(shell uname -s)),cpu)
TORCH_INDEX ?=
LINES_OF = sed -n '/^$(1)==/,/[^\\]$$/p' hashes.txt
TORCH = $(BIN)/python -m pip download --quiet --no-deps --dest .venv/torch -c constraints.txt torch
TORCH_IS_KNOWN = $(BIN)/python -m pip hash .venv/torch/torch-*.whl | grep -o 'sha256:[0-9a-f]*' > .venv/torch/digest \
	&& grep -qFf .venv/torch/digest hashes.txt
TORCH_BY_PIP = $(TORCH_IS_KNOWN) && $(BIN)/python -m pip install --quiet --no-deps .venv/torch/torch-*.whl
TORCH_BY_UV = $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --cache-dir .venv/torch --torch-backend $(TORCH_BACKEND) \
	--no-deps --require-hashes -r .venv/torch.txt

$(STAMP): pyproject.toml constraints.txt hashes.txt
	$(PYTHON) -m venv .venv
	$(call LINES_OF,pip) > .venv/pip.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r .venv/pip.txt
	$(call LINES_OF,uv) > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r .venv/uv.txt
	$(call LINES_OF,torch) | sed 's/^torch==[^ ]*/&+$(TORCH_BACKEND)/' > .venv/torch.txt
	rm -rf .venv/torch
	@{ test -n "$(TORCH_INDEX)" && $(TORCH) --retries 1 --timeout 15 --index-url $(TORCH_INDEX) 2> /dev/null && $(TORCH_BY_PIP); } \
		|| { test -n "$(TORCH_BACKEND)" && $(TORCH_BY_UV); } \
		|| { test -z "$(TORCH_BACKEND)" || echo "uv found no torch without GPU libraries (its reason stands above)." \
			"pip is asked next: its build for Linux can bring 4.5 GB of GPU libraries. make TORCH_INDEX=URL names a mirror."; \
			rm -rf .venv/torch; $(TORCH) && $(TORCH_BY_PIP); }
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r hashes.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt torch
	rm -rf .venv/torch
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv var dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
