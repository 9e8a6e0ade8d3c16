# Makefile - the front door; Meson does the work. `make help` lists what there is.
B ?= build
FUZZ_SECONDS ?= 60
CLANG := $(shell command -v clang-14 || echo clang)
CLANG_FORMAT := $(shell command -v clang-format-14 || echo clang-format)
export CLANG_TIDY := $(shell command -v clang-tidy-14 || echo clang-tidy)

SOURCES = $$(git ls-files -co --exclude-standard '*.c' '*.h')
RUN_TESTS = scripts/with-postgres scripts/run_tests.py
# $(call configure,FOLDER,COMPILER,OPTIONS): once; ninja itself sees later changes.
configure = test -f $(1)/build.ninja || CC="$(2)" meson setup $(1) $(3)

help: ## show this text
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing (all groups)
	@scripts/setup

build: ## compile the program: build/rapport
	@scripts/setup build
	@$(call configure,$(B),cc,-Dfault_injection=true)
	@ninja -C $(B) rapport

demo: build ## run a shop with a small catalogue (PORT=8080); its data stay in build/demo
	@scripts/demo $(B)/rapport

test: ## everything that must pass: unit, API, database, lint, fuzz corpora, smoke
	@scripts/setup build test
	@$(call configure,$(B),cc,-Dfault_injection=true)
	@ninja -C $(B)
	@$(RUN_TESTS) $(B)

check: test ## test, formatting and clang-tidy
	@scripts/setup check
	$(CLANG_FORMAT) --dry-run -Werror $(SOURCES)
	@$(MAKE) --no-print-directory tidy

lint: ## the project's own rules: layers, headers, error codes, folders
	@scripts/setup build test
	@$(call configure,$(B),cc,-Dfault_injection=true)
	@ninja -C $(B)
	@$(RUN_TESTS) $(B) --suite lint

fmt: ## format the sources in place
	@scripts/setup check
	$(CLANG_FORMAT) -i $(SOURCES)

tidy: ## clang-tidy on what changed since it last passed
	@scripts/setup build test check
	@$(call configure,$(B)-clang,$(CLANG),-Dfault_injection=true)
	@ninja -C $(B)-clang
	@scripts/tidy.py $(B)-clang

asan: ## all tests under AddressSanitizer and UBSan
	@scripts/setup build test check
	@$(call configure,$(B)-asan,cc,-Dfault_injection=true -Db_sanitize=address$(,)undefined)
	@ninja -C $(B)-asan
	@# gcc aligns what it looks for after a return to 32 bytes, AVX-512 needs 64 (its bug 110027).
	@RAPPORT_SIMD=avx2 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_OPTIONS=detect_stack_use_after_return=1 \
	    LSAN_OPTIONS=suppressions=$(CURDIR)/scripts/lsan.supp:print_suppressions=0 \
	    $(RUN_TESTS) $(B)-asan -t 3 --no-suite lint

tsan: ## all tests under ThreadSanitizer
	@scripts/setup build test check
	@$(call configure,$(B)-tsan,$(CLANG),-Dfault_injection=true -Db_sanitize=thread -Db_lundef=false)
	@ninja -C $(B)-tsan
	@# Debian's libraries are not instrumented: what they do among themselves cannot be judged.
	@TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=0 $(RUN_TESTS) $(B)-tsan -t 5 --no-suite lint

fuzz: ## fuzz each target for FUZZ_SECONDS (60)
	@scripts/setup build check
	@$(call configure,$(B)-fuzz,$(CLANG),-Dfuzz=true -Db_sanitize=address$(,)undefined -Db_lundef=false)
	@ninja -C $(B)-fuzz
	@scripts/fuzz $(B)-fuzz $(FUZZ_SECONDS)

coverage: ## lines and branches that the tests reach, per folder
	@scripts/setup build test check
	@$(call configure,$(B)-cov,cc,-Dfault_injection=true -Db_coverage=true -Doptimization=0)
	@ninja -C $(B)-cov
	@scripts/coverage $(B)-cov

bench: ## benchmarks: ratios against a peer in the same run
	@scripts/setup build test bench
	@$(call configure,$(B)-bench,cc,--buildtype=release)
	@ninja -C $(B)-bench
	@meson test -C $(B)-bench --benchmark --verbose

clean: ## remove all build folders
	rm -rf $(B) $(B)-*

, := ,
.PHONY: help setup build demo test check lint fmt tidy asan tsan fuzz coverage bench clean
