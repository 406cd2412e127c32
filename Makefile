# Everything one does with this project, by name. `make` alone lists it.
#
#   PORT=8001          another port for `make run`
#   DATABASE_URL=...   another database (postgresql://user:password@host/name); default: a file in instance/
#   ARGS="-k booking"  more arguments for `make test`
#   PYTHON=...         the Python to build the environment from; 3.11 or newer

BIN := .venv/bin
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help
.PHONY: help run test test-spark check format messages bench demo-year setup clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: ## Set up and serve the site with a demo year at http://127.0.0.1:8000
	@tools/setup.sh run
	@exec $(BIN)/python -m tools.serve

test: ## Set up and run every test
	@tools/setup.sh full
	@$(BIN)/pytest $(ARGS)

test-spark: ## Install Spark (478 MB) and test a real cluster of two workers
	@tools/setup.sh full
	@.venv-uv/bin/uv sync --quiet --frozen --inexact --extra spark
	@$(BIN)/pytest -n 0 tests/indicators/test_spark.py $(ARGS)

check: ## Format, lint, types, import contracts, migrations, catalogues, templates
	@tools/setup.sh full
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.check_migrations
	$(BIN)/python -m tools.check_catalogues
	$(BIN)/python -m tools.check_templates

format: ## Put the code into its format and mend what can be mended
	@tools/setup.sh full
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

messages: ## Bring the message catalogues in step with the code after wording was added
	@tools/setup.sh full
	@$(BIN)/python -m tools.update_catalogues

bench: ## Measure answering, the report and the register import beside bare versions
	@tools/setup.sh full
	@$(BIN)/python -m bench

demo-year: ## Make the demo year's report without a browser and print the path of the PDF
	@tools/setup.sh run
	@$(BIN)/flask db upgrade
	@$(BIN)/flask demo load --if-empty
	@$(BIN)/flask demo year

setup: ## Set up for working on the code: environment, assets, test tools
	@tools/setup.sh full

clean: ## Take away what set-up and tests made; the data in instance/ stays
	rm -rf .venv .venv-uv .build .mypy_cache .ruff_cache .pytest_cache .hypothesis node_modules
	rm -rf prevention/static/vendor prevention/translations/*/LC_MESSAGES/*.mo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
