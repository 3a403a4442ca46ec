# make run    everything a newcomer needs, then the server; prints the address and the demo logins
# make test   everything that must hold before a change is taken in
# make dev    run with reload, worker beside it
# make fix    mend what can be mended automatically
# make i18n   extract and update the translations, list what is missing
# make bench  speed and memory, as ratios
# make lock   choose the newest packages that pyproject.toml allows (needs uv)

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run dev setup setup-test test fix i18n bench lock

run: setup
	@exec $(BIN)/survey run

dev: setup-test
	@exec $(BIN)/survey run --debug

setup:
	@$(PYTHON) -I survey/install.py

setup-test:
	@$(PYTHON) -I survey/install.py --test

test: setup-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --check --lint --quiet survey
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/survey bank check questionnaires
	$(BIN)/pytest --numprocesses=auto --cov --cov-report=term:skip-covered

fix: setup-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet survey

i18n: setup-test
	$(BIN)/pybabel --quiet extract --mapping-file=pyproject.toml --output-file=translations/messages.pot survey
	$(BIN)/pybabel --quiet update --input-file=translations/messages.pot --output-dir=translations --no-fuzzy-matching

bench: setup
	@exec $(BIN)/python -m benchmarks

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --output-file survey/requirements.lock
