# make run    everything a newcomer needs, then the site; prints its address and the demo logins
# make test   everything that must hold before a change is taken in
# make install  packages, libraries and fonts, without demo data: for a real installation
# make dev    run with reload, worker beside it
# make fix    mend what can be mended automatically
# make i18n   extract and update the translations, list what is missing
# make bench  speed and memory, as ratios
# make soak   a hundred storms of faults over the answering, each with its own seed
# make lock   take up the newest packages that pyproject.toml allows (needs uv)

PYTHON ?= python3
BIN := .venv/bin
LOCK := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header

.PHONY: run dev setup install setup-test test soak fix i18n bench lock

run: setup
	@exec $(BIN)/survey run

dev: setup
	@exec $(BIN)/survey run --debug

setup:
	@$(PYTHON) -I survey/install.py

install:
	@$(PYTHON) -I survey/install.py --without-demo

setup-test:
	@$(PYTHON) -I survey/install.py --test

test: setup-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint --quiet survey
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/survey bank check questionnaires
	$(BIN)/pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder --cov --cov-report=term
	@$(BIN)/coverage report --include='survey/core/*' --format=total --fail-under=100

soak: setup-test
	SURVEY_SOAK=100 $(BIN)/pytest --numprocesses=auto tests/journeys/test_faults.py

fix: setup-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

i18n: setup-test
	$(BIN)/pybabel --quiet extract --mapping-file=pyproject.toml --keywords=lazy --sort-by-file \
		--add-location=file --omit-header --output-file=translations/messages.pot .
	$(BIN)/pybabel --quiet update --input-file=translations/messages.pot --ignore-obsolete \
		--no-fuzzy-matching --ignore-pot-creation-date --output-dir=translations
	@$(BIN)/pytest --quiet tests/house/test_catalogues.py

bench: setup-test setup
	@exec $(BIN)/python -m benchmarks

lock:
	$(LOCK) pyproject.toml --output-file survey/requirements.lock
	$(LOCK) pyproject.toml --group test --constraints survey/requirements.lock \
		--output-file tests/requirements.lock
