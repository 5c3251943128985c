# SPDX-License-Identifier: EUPL-1.2
# Two commands: "make run" shows what Refrenda does, "make check" runs every test. The work is done by meson and scripts/.

BUILD ?= build
PREFIX ?= /usr/local

.PHONY: help build run demo-reset check bench fuzz soak lint install clean

help:
	@echo 'make run      install what is missing, build, show what it does, open the platform at http://localhost:8080'
	@echo '              (PAGES_PORT=8090 CERTIFICATES_PORT=8453 take other ports, STAY=no ends when it has shown it)'
	@echo 'make demo-reset  throw the data of the demonstration away'
	@echo 'make check    every test'
	@echo 'make build    $(BUILD)/refrenda and $(BUILD)/librefrenda.so'
	@echo 'make bench    the table of speed and memory targets'
	@echo 'make fuzz     fuzz every parser for FUZZ_SECONDS each (default 60)'
	@echo 'make soak     the long runs: fuzzing, kills, thousands of signatures (hours)'
	@echo 'make lint     clang-format, clang-tidy, cppcheck'
	@echo 'make install  into PREFIX (default /usr/local), below DESTDIR where that is set'
	@echo 'make clean    throw away what was built'

build:
	@scripts/install-dependencies build
	@scripts/build $(BUILD)

run: build
	@scripts/install-dependencies run
	@PAGES_PORT=$(PAGES_PORT) CERTIFICATES_PORT=$(CERTIFICATES_PORT) STAY=$(STAY) scripts/demo $(BUILD)

demo-reset:
	@scripts/demo-reset

check:
	@scripts/install-dependencies build run test
	@scripts/check

bench: build
	@scripts/install-dependencies build run test bench
	@scripts/bench

fuzz:
	@scripts/install-dependencies build test
	@scripts/fuzz $${FUZZ_SECONDS:-60}

soak:
	@scripts/install-dependencies build run test
	@scripts/soak

lint:
	@scripts/install-dependencies build lint
	@scripts/lint

install:
	@scripts/install-dependencies build
	@scripts/build $(BUILD) --prefix "$(PREFIX)"
	meson install --quiet -C $(BUILD) --destdir "$(DESTDIR)"

clean:
	rm -rf $(BUILD) build-* assets/build
