# make demo   ett körbart exempel på http://127.0.0.1:5000      make test   alla kontroller
# make        visar alla kommandon
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo demo-reset install install-dev test lint types templates migrations test-postgresql test-all \
        test-unit test-browser bench format lock clean python-ready pdf-libraries browser java checkers

PORT ?= 5000
PYTHON ?= python3
PY := .venv/bin/python
FLASK := PLATSSAMVERKAN_DEMO=1 $(PY) -m flask --app wsgi
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check

# $(call need,TEST,PACKAGES,WHY): when TEST fails, installs the Debian PACKAGES, or says what to ask for and stops.
define need
	if ! { $(1); } >/dev/null 2>&1; then \
	  as_root=; \
	  if ! command -v apt-get >/dev/null; then \
	    echo "Saknas: $(3). Installera det som motsvarar Debians paket $(2) och försök igen." >&2; exit 1; \
	  elif [ "$$(id -u)" != 0 ]; then \
	    if sudo -n true 2>/dev/null; then as_root="sudo -n"; else \
	      echo "Saknas: $(3). Be administratören köra: apt-get install $(2)" >&2; exit 1; \
	    fi; \
	  fi; \
	  echo "Installerar systempaket $(2) ($(3))."; \
	  log=$$(mktemp); \
	  if ! { $$as_root apt-get update -q && $$as_root env DEBIAN_FRONTEND=noninteractive \
	         apt-get install -y -q --no-install-recommends $(2); } >"$$log" 2>&1; then \
	    tail -n 15 "$$log" >&2; echo "Det gick inte att installera $(2). Felet står ovan." >&2; exit 1; \
	  fi; \
	  rm -f "$$log"; \
	  { $(1); } >/dev/null 2>&1 || { echo "$(2) är installerat men det hjälpte inte: $(3)" >&2; exit 1; }; \
	fi
endef

# Loads the libraries that WeasyPrint loads.
LOADS_PDF_LIBRARIES := $(PYTHON) -c 'import ctypes; [ctypes.CDLL(name) for name in ("libgobject-2.0.so.0", \
	"libfontconfig.so.1", "libharfbuzz.so.0", "libharfbuzz-subset.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0")]'
HAS_CHROMIUM := [ -x "$${CHROMIUM:-}" ] || chromium --version || chromium-browser --version || google-chrome --version || \
	ls "$${PLAYWRIGHT_BROWSERS_PATH:-$$HOME/.cache/ms-playwright}"/chromium*

help: ## visa kommandona
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

# --- the demo ---------------------------------------------------------------------------------------------------

demo: install ## installera, lägg in exempeldata första gången och starta programmet
	@$(FLASK) db upgrade
	@$(FLASK) demo load
	@$(PY) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT))).close()' 2>/dev/null || \
	  { echo "Port $(PORT) är upptagen. Välj en annan: make demo PORT=5001" >&2; exit 1; }
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
	@worker=; trap 'kill $$worker 2>/dev/null || true' EXIT; \
	if $(FLASK) worker --help >/dev/null 2>&1; then $(FLASK) worker & worker=$$!; fi; \
	PLATSSAMVERKAN_DEMO=1 $(PY) -m gunicorn wsgi:app --bind 127.0.0.1:$(PORT) --workers 2 --threads 4 \
	  --max-requests 5000 --max-requests-jitter 500 --no-control-socket --log-level warning \
	  --pid instance/demo.pid

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

install: pdf-libraries .venv/.runtime

install-dev: pdf-libraries .venv/.dev

python-ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 eller nyare behövs. Ange var det finns: make PYTHON=/sökväg/till/python3" >&2; exit 1; }
	@$(call need,$(PYTHON) -c "import ensurepip$(comma) venv",python3-venv,Pythons virtuella miljöer)

pdf-libraries: python-ready
	@$(call need,$(LOADS_PDF_LIBRARIES),libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0,typsättning av PDF i WeasyPrint)

comma := ,

# The environment is made anew when its Python no longer starts, as after the folder was moved.
.venv/.runtime: pyproject.toml requirements.lock | python-ready
	@$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@echo "Installerar Pythonpaket i .venv."
	@$(PIP_INSTALL) -c requirements.lock $$($(PY) -c 'import tomllib; \
	  print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"])')
	@touch $@

.venv/.dev: .venv/.runtime
	@echo "Installerar Pythonpaket för testerna i .venv."
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@touch $@

browser: .venv/.dev
	@if ! { $(HAS_CHROMIUM); } >/dev/null 2>&1 && grep -qs '^ID=ubuntu' /etc/os-release; then \
	  echo "Hämtar Chromium med Playwright (webbläsartesterna); Ubuntus paket kräver snap."; \
	  $(PY) -m playwright install --with-deps chromium; \
	fi
	@$(call need,$(HAS_CHROMIUM),chromium,webbläsartesterna)

java:
	@$(call need,javac --version && java --version,default-jdk-headless,kontroll av PDF och HTML i testerna)
	@$(call need,ls /usr/share/java/jaxb-runtime.jar,libjaxb-java,kontroll av PDF i testerna)

checkers: tests/tools/node_modules/.installed

tests/tools/node_modules/.installed: tests/tools/package-lock.json
	@$(call need,npm --version,nodejs npm,kontroll av HTML och tillgänglighet i testerna)
	@npm ci --prefix tests/tools --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# --- checks -----------------------------------------------------------------------------------------------------

test: install-dev lint types templates migrations test-postgresql test-all ## kör alla kontroller och tester

lint: .venv/.dev ## kontrollera kodens form (ruff)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: .venv/.dev ## kontrollera typer (mypy)
	$(PY) -m mypy

templates: .venv/.dev ## kontrollera mallarna (djlint)
	$(PY) -m djlint templates --lint --quiet

migrations: .venv/.dev ## kontrollera migrationerna på SQLite och PostgreSQL
	$(PY) -m tests.support.migrations_check

test-postgresql: install-dev browser java checkers ## alla tester utom webbläsarens, på PostgreSQL
	TEST_DATABASE=postgresql $(PY) -m pytest -q --ignore=tests/browser

test-all: install-dev browser java checkers ## alla tester, även webbläsarens, på SQLite
	$(PY) -m pytest

test-unit: install-dev java checkers ## snabbast: alla tester utom webbläsarens, på SQLite
	$(PY) -m pytest -q --ignore=tests/browser

test-browser: install-dev browser checkers ## bara webbläsarens tester
	$(PY) -m pytest -q tests/browser

bench: install-dev ## mät sidornas tid mot en tom sida med lika många byte
	$(PY) -m bench

# --- tending ----------------------------------------------------------------------------------------------------

format: .venv/.dev ## ordna koden (ruff)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: .venv/.dev ## lås versionerna i pyproject.toml på nytt
	$(PY) -m venv .cache/lock && .cache/lock/bin/python -m pip install --quiet pip-tools
	CUSTOM_COMPILE_COMMAND="make lock" .cache/lock/bin/pip-compile --quiet --all-extras --generate-hashes --strip-extras \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header \
	  --output-file requirements.lock pyproject.toml
	cd tests/tools && npm install --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

clean: ## ta bort allt som kommandona har installerat eller byggt; instance/ blir kvar
	rm -rf .venv .cache .ruff_cache .hypothesis tests/tools/node_modules
	find platssamverkan tests migrations bench -name __pycache__ -type d -prune -exec rm -rf {} +
