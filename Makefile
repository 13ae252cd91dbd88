# Two commands do everything on a fresh machine with Python 3.11: `make run` and `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
# Where the environment forbids it, every process of the tests would compile all of the sources again: half of what it
# takes to collect them.
export PYTHONDONTWRITEBYTECODE =

# Files of tests live in memory where there is room for them: each act of a database there waits for no disk.
QUICK_FILES := $(shell [ "$$(df --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 8000000 ] 2>/dev/null && echo TMPDIR=/dev/shm)

.PHONY: run test quick lint object-server format docs bench faults screenshots tutorial-pictures style-pictures main-job-animation clean

run: $(VENV)/.runtime
	@$(BIN)/dermdash serve

# Three processes on two cores, as the browser tests wait half of their time; each with whole files: the fixtures of a file
# are made once. In the order of the folders, the slow browser tests first, so that all end at the same time.
test: $(VENV)/.development
	$(QUICK_FILES) $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --junitxml=.pytest_cache/last.xml

# The inner loop, a minute: the quick unit tests and tests of pages, and every page as the admin sees it. Left out: what
# runs in a browser, on a server, as a command or over whole workflows (tests/browser, tests/integration), what needs
# photographs, and what takes over 0.3 s (tests/slow_tests.txt: a tenth of the units, two thirds of the tests of pages)
# or is marked slow. Stops at the first failure.
quick: $(VENV)/.development
	$(QUICK_FILES) $(BIN)/python -m pytest tests/pages tests/unit -m "not slow and not shared_data" -n 2 --dist loadfile --no-loadscope-reorder -q -x

# A server that speaks S3 for the tests of buckets (moto, Apache-2.0), in an environment of its own: what it brings does
# not agree with what the app brings. Without it these tests are skipped, as those of PostgreSQL and nginx are without them.
object-server:
	$(PYTHON) -m venv .venv-moto
	.venv-moto/bin/pip install --quiet "moto[s3]==5.2.5" flask flask-cors

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The documentation as a site, in build/docs: an unknown link or a page that nothing leads to is an error.
docs: $(VENV)/.development
	$(BIN)/python -m sphinx -q -W --keep-going docs build/docs
	@echo "build/docs/index.html"

bench: $(VENV)/.development
	$(BIN)/python -m tests.benchmarks

# Kills, full disks, lost databases, jumps of the clock, under readers who answer; half an hour. Needs root for a disk of
# its own and PostgreSQL for the database's faults; what it cannot try it says.
faults: $(VENV)/.development
	$(BIN)/python -m tests.faults

screenshots: $(VENV)/.development
	$(BIN)/python -m tests.browser.screenshots

# The pictures of docs/style-guide.md, half a minute; they belong to the repository.
style-pictures: $(VENV)/.development
	$(BIN)/python -m tests.browser.style_pictures

# Does what the tutorial says and takes its pictures: when pages have changed.
tutorial-pictures: $(VENV)/.development
	$(BIN)/python -m tests.browser.tutorial_pictures

# The animation of the README out of the tutorial's pictures; seconds.
main-job-animation: $(VENV)/.development
	$(BIN)/python -m tests.browser.main_job_animation

# pip's own report is hundreds of lines long: it goes to a log, which is shown when something fails. A line every ten
# seconds says how far it is.
LOG := $(VENV)/install.log
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off
define install
	@( seconds=0; while sleep 10 >/dev/null 2>&1; do seconds=$$((seconds + 10)); \
		if grep -q '^Installing' $(LOG); then echo "  $$seconds s: writing the files"; else \
		echo "  $$seconds s: $$(grep -cE '^(Collecting|Processing)' $(LOG)) of some $$(grep -c '==' $(1)) packages fetched"; fi; \
	done ) & beat=$$!; \
	$(PIP) --no-compile -r $(1) > $(LOG) 2>&1; status=$$?; kill $$beat 2>/dev/null; \
	if [ $$status -ne 0 ]; then cat $(LOG) >&2; fi; exit $$status
endef

$(VENV)/.runtime: requirements.txt pyproject.toml
	@echo "Making the environment $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing what the app needs: hundreds of MB to fetch, 1.7 GB on the disk, usually one or two minutes."
	$(call install,requirements.txt)
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m dermdash.cli.first_imports  # compiles what is used; else the first start would, while somebody waits
	@touch $@

# A browser is only downloaded where none is installed; without one the browser tests say that they were skipped.
$(VENV)/.development: $(VENV)/.runtime requirements-dev.txt
	@echo "Installing what the tests need ..."
	$(call install,requirements-dev.txt)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| $(BIN)/python -m playwright install chromium || true
	@touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache screenshots bench-results
