# Carina. `make run` for people, `make test` for changes; both install what is missing (as root).

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-vm test-long lint audit build install deb bench lighthouse screens setup fmt clean clean-host

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Install what is missing, build, prepare this host, start the panel
	@scripts/setup.sh build runtime
	@scripts/build.sh all release
	@scripts/run.sh

build: ## Build everything (release): the static programs, the page, the panel
	@scripts/setup.sh build
	@scripts/build.sh all release

install: ## Put what `make build` made below DESTDIR and PREFIX (/usr/local), with systemd units
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" scripts/install.sh

deb: ## A Debian package of it, in target/
	@scripts/setup.sh build
	@scripts/build.sh all release
	@scripts/deb.sh

test: ## Everything: lint, unit, store, host, engines, live segments, browser
	@scripts/setup.sh build lint runtime test
	@scripts/test.sh

test-vm: ## On a stock Debian host in a virtual machine, after `make test` (DEBIAN=12 for another one)
	@scripts/setup.sh vm
	@scripts/test-vm.sh $(DEBIAN)

test-long: ## Fuzz what reads strangers' bytes: a minute a target, and a million requests beside Go
	@scripts/setup.sh build fuzz
	@scripts/fuzz.sh

lint: ## The checks that take seconds: format, clippy, import law, licenses
	@scripts/setup.sh build lint
	@scripts/lint.sh

audit: ## Known vulnerabilities of the dependencies; fetches the advisory database
	@scripts/setup.sh build lint
	@PATH="$${XDG_CACHE_HOME:-$$HOME/.cache}/carina/tools/bin:$$PATH" cargo deny check advisories

fmt: ## Format the code
	@cargo fmt --all

bench: ## Measure, print, and write docs/benchmarks.md and docs/performance.md
	@scripts/setup.sh build runtime test
	@scripts/build.sh all release
	@scripts/bench.sh

lighthouse: ## What Lighthouse says of the main pages, written into docs/performance.md
	@scripts/setup.sh build runtime test lighthouse
	@scripts/build.sh all release
	@CARINA_BIN=$${CARGO_TARGET_DIR:-target}/release/carina node end2end/lighthouse/measure.mjs

screens: ## Pictures of every page, into docs/screens/
	@scripts/setup.sh build test
	@scripts/build.sh page
	@scripts/build.sh panel
	@cd end2end && npx --no-install playwright test --project=screens

setup: ## Only install what is missing
	@scripts/setup.sh build lint runtime test

clean: ## Remove what was built
	@rm -rf target end2end/results end2end/node_modules

clean-host: ## Remove every segment, network, volume and mount of Carina's, and the segment image
	@scripts/clean-host.sh
