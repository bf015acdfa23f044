# make demo   ett körbart exempel på http://127.0.0.1:5000      make test   alla kontroller
# make        visar alla kommandon
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo demo-reset install install-dev test lint types templates migrations test-both test-postgresql test-all \
        test-unit test-browser bench format lock clean system system-test browser checkers

PORT ?= 5000
PYTHON ?= python3
PY := .venv/bin/python
FLASK := PLATSSAMVERKAN_DEMO=1 $(PY) -m flask --app wsgi
PIP_COMPILE := .cache/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --no-header
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check

# $(call wants,TEST,PACKAGES,WHY) notes Debian PACKAGES as missing when TEST fails. $(call ensure,WANTS…) installs all that
# is noted, or says in one line what to ask the administrator for and stops.
define wants
if ! { $(1); } >/dev/null 2>&1; then packages="$$packages $(2)"; why="$${why:+$$why, }$(3)"; fi;
endef
define ensure
	check() { packages=; why=; $(1) }; check; \
	[ -n "$$packages" ] || exit 0; \
	if ! command -v apt-get >/dev/null; then \
	  echo "Saknas: $$why. Installera det som motsvarar Debians paket$$packages och försök igen." >&2; exit 1; \
	fi; \
	as_root=; \
	if [ "$$(id -u)" != 0 ]; then \
	  sudo -n true 2>/dev/null || \
	    { echo "Saknas: $$why. Be administratören köra: apt-get install$$packages" >&2; exit 1; }; \
	  as_root="sudo -n"; \
	fi; \
	echo "Installerar systempaket för $$why:$$packages"; \
	log=$$(mktemp); \
	{ $$as_root apt-get update -q && $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
	    --no-install-recommends $$packages; } >"$$log" 2>&1 || \
	  { tail -n 15 "$$log" >&2; echo "Det gick inte att installera$$packages. Felet står ovan." >&2; exit 1; }; \
	rm -f "$$log"; \
	check; \
	[ -z "$$packages" ] || { echo "Saknas fortfarande efter installationen: $$why." >&2; exit 1; }
endef

comma := ,
HAS_VENV := $(PYTHON) -c 'import ensurepip$(comma) venv'
# Loads the libraries that WeasyPrint loads.
HAS_PDF_LIBRARIES := $(PYTHON) -c 'import ctypes; [ctypes.CDLL(name) for name in ("libgobject-2.0.so.0"$(comma) \
	"libfontconfig.so.1"$(comma) "libharfbuzz.so.0"$(comma) "libharfbuzz-subset.so.0"$(comma) "libpango-1.0.so.0"$(comma) \
	"libpangoft2-1.0.so.0")]'
HAS_CHROMIUM := [ -x "$${CHROMIUM:-}" ] || chromium --version || chromium-browser --version || google-chrome --version
# Ubuntu's package chromium only leads to snap, so Playwright fetches one there.
IS_UBUNTU := grep -qs '^ID=ubuntu' /etc/os-release

help: ## visa kommandona
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

# --- the demo ---------------------------------------------------------------------------------------------------

demo: install ## installera, lägg in exempeldata första gången och starta programmet
	@$(PY) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT))).close()' 2>/dev/null || \
	  { echo "Port $(PORT) är upptagen eller går inte att använda. Välj en annan: make demo PORT=5001" >&2; exit 1; }
	@$(FLASK) db upgrade
	@$(FLASK) demo load
	@printf '\nPlatssamverkan: http://127.0.0.1:%s   (avsluta med Ctrl+C)\n\n' '$(PORT)'
	@printf 'Konton, alla med lösenordet platssamverkan-demo:\n'
	@printf '  %-34s %s\n' \
	  samordnare@demo.example 'samordnar Vision Klara, Sergels torg och Odenplan' \
	  polis@demo.example 'deltar för lokalpolisområde Norrmalm i samma tre' \
	  fastighetsagare@demo.example 'deltar för Vasakronan i Sergels torg' \
	  handlaggare@demo.example 'rapportansvarig i Norra innerstaden, samma tre' \
	  lasare@demo.example 'läser Sergels torg' \
	  blackeberg@demo.example 'samordnar Blackeberg' \
	  admin@demo.example 'administrerar användare, läser ingen samverkan'
	@echo
	@mkdir -p instance; trap 'kill $$(jobs -p) 2>/dev/null || true; wait' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM; \
	$(FLASK) worker & \
	PLATSSAMVERKAN_DEMO=1 $(PY) -m gunicorn wsgi:app --bind 127.0.0.1:$(PORT) --workers 2 --threads 4 \
	  --max-requests 5000 --max-requests-jitter 500 --no-control-socket --log-level warning \
	  --pid instance/demo.pid & \
	wait $$!

demo-reset: install ## ta bort det som matats in i exemplet och lägg in exempeldata på nytt
	@if [ -n "$${DATABASE_URL:-}$${INSTANCE_PATH:-}" ]; then \
	  echo "demo-reset tömmer bara mappen instance/ här. Ta bort DATABASE_URL och INSTANCE_PATH ur miljön först." >&2; exit 1; \
	fi
	@if [ -s instance/demo.pid ] && kill -0 "$$(cat instance/demo.pid)" 2>/dev/null; then \
	  echo "Programmet är igång. Avsluta det med Ctrl+C och kör make demo-reset igen." >&2; exit 1; \
	fi
	@mkdir -p instance && find instance -mindepth 1 -maxdepth 1 ! -name secret_key -exec rm -rf {} +
	@$(FLASK) db upgrade
	@$(FLASK) demo load
	@echo "Exemplet är återställt. Starta det med make demo."

# --- what has to be installed -----------------------------------------------------------------------------------

install: system .venv/.runtime

install-dev: system system-test .venv/.dev

system:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 eller nyare behövs. Ange var det finns: make PYTHON=/sökväg/till/python3" >&2; exit 1; }
	@$(call ensure,\
	  $(call wants,$(HAS_VENV),python3-venv,Pythons virtuella miljöer) \
	  $(call wants,$(HAS_PDF_LIBRARIES),libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0,typsättning av PDF))

system-test:
	@$(call ensure,\
	  $(call wants,$(HAS_CHROMIUM) || $(IS_UBUNTU),chromium,webbläsartester) \
	  $(call wants,$(PYTHON) -c 'import ctypes; ctypes.CDLL("libatomic.so.1")',libatomic1,Playwright) \
	  $(call wants,javac --version && java --version,default-jdk-headless,kontroll av PDF och HTML) \
	  $(call wants,ls /usr/share/java/jaxb-runtime.jar,libjaxb-java,kontroll av PDF) \
	  $(call wants,npm --version,nodejs npm,hämtning av axe-core och vnu))

# The environment is made anew when its Python no longer starts, as after the folder was moved.
.venv/.runtime: requirements.lock | system
	@$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@echo "Installerar Pythonpaket i .venv."
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@touch $@

.venv/.dev: .venv/.runtime tests/requirements.lock
	@echo "Installerar Pythonpaket för testerna i .venv."
	@$(PIP_INSTALL) --require-hashes -r tests/requirements.lock
	@touch $@

browser: .venv/.dev
	@if ! { $(HAS_CHROMIUM); } >/dev/null 2>&1; then $(PY) -m playwright install --with-deps chromium; fi

checkers: tests/tools/node_modules/.installed

tests/tools/node_modules/.installed: tests/tools/package-lock.json | system-test
	@echo "Hämtar axe-core och vnu till tests/tools."
	@npm ci --prefix tests/tools --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# --- checks -----------------------------------------------------------------------------------------------------

# The checkers are fetched while the checks run: the one waits for the net, the others for the processor.
test: install-dev ## kör alla kontroller och tester
	@$(MAKE) --no-print-directory -j2 checkers lint types templates migrations
	@$(MAKE) --no-print-directory test-both

lint: .venv/.dev ## kontrollera kodens form (ruff)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: .venv/.dev ## kontrollera typer (mypy)
	$(PY) -m mypy

templates: .venv/.dev ## kontrollera mallarna (djlint)
	$(PY) -m djlint templates --lint --quiet

migrations: .venv/.dev ## kontrollera migrationerna på SQLite och PostgreSQL
	$(PY) -m tests.support.migrations_check

# Both at a time, one for each core. What the larger run says comes last. The walks through the whole site make their own
# database of the demo and are walked once; some of them are left to the core that is ready first.
LAST_WALKS := tests/test_site_ended.py tests/test_site_leaks.py

test-both: install-dev browser checkers
	@mkdir -p .cache; status=0; \
	echo "Tester på SQLite (utskriften kommer sist) och på PostgreSQL (här):"; \
	$(PY) -m pytest $(LAST_WALKS:%=--ignore=%) >.cache/test-all.log 2>&1 & all=$$!; \
	trap 'kill $$all 2>/dev/null || true' EXIT; \
	TEST_DATABASE=postgresql $(PY) -m pytest -q --ignore=tests/browser --ignore-glob="tests/test_site*.py" || status=1; \
	$(PY) -m pytest -q $(LAST_WALKS) || status=1; \
	wait $$all || status=1; \
	cat .cache/test-all.log; \
	[ $$status = 0 ] || { echo "Minst ett test föll, se ovan." >&2; exit 1; }

test-postgresql: install-dev checkers ## alla tester utom webbläsarens, på PostgreSQL
	TEST_DATABASE=postgresql $(PY) -m pytest -q --ignore=tests/browser --ignore-glob="tests/test_site*.py"

test-all: install-dev browser checkers ## alla tester, även webbläsarens, på SQLite
	$(PY) -m pytest

test-unit: install-dev checkers ## snabbast: alla tester utom webbläsarens, på SQLite
	$(PY) -m pytest -q --ignore=tests/browser

test-browser: install-dev browser checkers ## bara webbläsarens tester
	$(PY) -m pytest -q tests/browser

bench: install ## mät sidornas tid mot en lika stor sida i bara Flask
	$(PY) -m bench

# --- tending ----------------------------------------------------------------------------------------------------

format: .venv/.dev ## ordna koden (ruff)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: .venv/.runtime ## lås versionerna i pyproject.toml på nytt (program och tester var för sig)
	$(PY) -m venv .cache/lock && .cache/lock/bin/python -m pip install --quiet pip-tools
	$(PIP_COMPILE) --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) --all-extras --constraint requirements.lock --output-file tests/requirements.lock pyproject.toml
	cd tests/tools && npm install --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

clean: ## ta bort allt som kommandona har installerat eller byggt; instance/ blir kvar
	rm -rf .venv .cache .ruff_cache .hypothesis __pycache__ tests/tools/node_modules
	find platssamverkan tests migrations bench -name __pycache__ -type d -prune -exec rm -rf {} +
