# make            the program: build/dofn
# make demo       deploys and calls a Python project with a package from the index
# make check      all tests: lint, unit, end to end
# make lint       style, layers, static analysis, manual pages
# make fuzz T=yaml SECONDS=60   new inputs for one target of tests/fuzz, with clang
# make check-long     200 ends of a deploy at random moments, and all faults of the server; minutes
# make check-network            installs from package indexes, compares with npm packages; needs node and npm
# make bench      speed, as ratios to named yardsticks
# make deps       installs what is missing of the system packages below; demo, check and fuzz do too
# make install    uninstall  clean
# Knobs: V=1 (show commands), SAN=address,undefined, CC=clang, PREFIX, DESTDIR, B=<build folder>
VERSION  := $(shell git describe --always --dirty 2>/dev/null || echo dev)
comma    := ,
PREFIX   ?= /usr/local
CC       ?= cc
CFLAGS   ?= -O2 -g
LIBRARIES := libarchive libcurl openssl libcjson yaml-0.1 libuv libmicrohttpd sqlite3

# What the build and the program need, then what only the tests need (Debian's names).
PACKAGES := build-essential pkg-config git libarchive-dev libcurl4-openssl-dev libssl-dev libcjson-dev \
	libyaml-dev libuv1-dev libmicrohttpd-dev libsqlite3-dev
RUN_PACKAGES := python3 python3-pip virtualenv curl ca-certificates
TEST_PACKAGES := libcmocka-dev python3-pytest python3-pytest-xdist clang-format clang-tidy cppcheck shellcheck mandoc \
	pmccabe zip unzip python3-jsonschema python3-yaml
FUZZ_PACKAGES := clang libclang-rt-14-dev

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wvla -Wundef \
	-Wformat=2 -Wimplicit-fallthrough -Wcast-qual
HARD := -fstack-protector-strong -fno-common -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2)
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -Iinternal -Ipkg -Itests/unit $(WARN) $(HARD) $(CFLAGS) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
	$(LIB_CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))
# Asked for when first used: `make deps` must work where pkg-config is still missing.
LIB_CFLAGS = $(eval LIB_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES)))$(LIB_CFLAGS)
LIBS = $(eval LIBS := $(shell pkg-config --libs $(LIBRARIES)) -pthread)$(LIBS)

B     := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
Q     := $(if $(V),,@)

LIB_SRC  := $(sort $(wildcard internal/*/*.c pkg/*/*.c))
CMD_SRC  := $(sort $(wildcard cmd/dofn/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*_test.c))
EMBED    := $(sort $(wildcard pkg/platform/launchers/*.py pkg/build/*.py pkg/bytecode/*.py))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(EMBED:%=$(B)/%.o)
CMD_OBJ  := $(CMD_SRC:%.c=$(B)/%.o)
UNITS    := $(UNIT_SRC:%.c=$(B)/%)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
FUZZERS  := $(FUZZ_SRC:%.c=$(B)/%)

.PHONY: all units deps demo check check-unit check-e2e check-long check-network lint fuzz bench clean install uninstall
.DELETE_ON_ERROR:
.SECONDARY:
all: $(B)/dofn

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Only this file knows the version, so that a new commit compiles one file.
$(B)/cmd/dofn/cmd_version.o: ALL_CFLAGS += -DDOFN_VERSION='"$(VERSION)"'
$(B)/cmd/dofn/cmd_version.o: $(B)/version
$(B)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@
.PHONY: FORCE

# A file as bytes in the program: launchers/python.py gives embed_python_py and embed_python_py_size.
$(B)/%.py.o: %.py Makefile
	@mkdir -p $(@D)
	$(Q)n=embed_$$(basename $< | tr -c 'a-z0-9\n' _); { echo '#include <stddef.h>'; \
	echo "extern const unsigned char $$n[]; extern const size_t $${n}_size;"; \
	echo "const unsigned char $$n[] = {"; od -An -v -tu1 $< | tr -s ' ' ',' | sed 's/^,//; s/$$/,/'; \
	echo "0};"; echo "const size_t $${n}_size = sizeof($$n) - 1;"; } > $(@:.o=.c)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $(@:.o=.c)

$(B)/libdofn.a: $(LIB_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/dofn: $(CMD_OBJ) $(B)/libdofn.a
	$(if $(V),,@echo "  LD    $@")
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/unit/%_test: $(B)/tests/unit/%_test.o $(B)/libdofn.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

# Each target of tests/fuzz with libFuzzer (FUZZER=1), or with a main that reads the corpus.
FUZZ_MAIN = $(if $(FUZZER),,$(B)/tests/fuzz/replay.o)
$(B)/tests/fuzz/%_fuzz: $(B)/tests/fuzz/%_fuzz.o $(B)/libdofn.a $(FUZZ_MAIN)
	$(Q)$(CC) $(ALL_LDFLAGS) $(if $(FUZZER),-fsanitize=fuzzer) -o $@ $< $(FUZZ_MAIN) $(B)/libdofn.a $(LIBS)

units: $(UNITS) $(FUZZERS)
check-unit: units
	$(Q)set -e; for t in $(UNITS); do CMOCKA_MESSAGE_OUTPUT=stdout $$t > $$t.log 2>&1 || \
		{ cat $$t.log; exit 1; }; done; echo "  $(words $(UNITS)) unit test programs passed"
	$(Q)set -e; for t in $(FUZZERS); do name=$${t##*/}; $$t testdata/fuzz/$${name%_fuzz} > $$t.log 2>&1 || \
		{ cat $$t.log; exit 1; }; done; echo "  $(words $(FUZZERS)) fuzz corpora passed"

# Grows a corpus of its own in the build folder; a failing input stays there as crash-*.
T       ?= yaml
SECONDS ?= 60
FUZZ_B  := $(B)-fuzz
fuzz:
	@.ci/install-packages $(PACKAGES) $(FUZZ_PACKAGES)
	$(Q)$(MAKE) --no-print-directory CC=clang SAN=address,undefined FUZZER=1 B=$(FUZZ_B) \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' $(FUZZ_B)/tests/fuzz/$(T)_fuzz
	$(Q)mkdir -p $(FUZZ_B)/corpus/$(T)
	$(Q)$(FUZZ_B)/tests/fuzz/$(T)_fuzz -max_total_time=$(SECONDS) -max_len=4096 -timeout=5 -rss_limit_mb=1024 \
		-artifact_prefix=$(FUZZ_B)/$(T)- $(FUZZ_B)/corpus/$(T) testdata/fuzz/$(T)

# Debian's Python, not one that happens to be first in PATH: it has pytest.
PYTEST ?= /usr/bin/python3 -m pytest
check-e2e: $(B)/dofn
	$(Q)DOFN=$(CURDIR)/$(B)/dofn $(PYTEST) -q -p no:cacheprovider -n 3 tests/e2e $(PYTEST_ARGS)

# What check does a part of; DOFN_SEED=N brings other moments.
check-long: $(B)/dofn
	$(Q)DOFN=$(CURDIR)/$(B)/dofn DOFN_KILLS=200 DOFN_LONG=1 $(PYTEST) -q -p no:cacheprovider -n 3 \
		tests/e2e/test_kill.py tests/e2e/test_fault_matrix.py $(PYTEST_ARGS)

# A make of its own after deps: what pkg-config says is asked for once it is there.
check: deps
	$(Q)$(MAKE) --no-print-directory -j2 all units
	$(Q)$(MAKE) --no-print-directory lint check-unit check-e2e
	@echo "all checks passed"

# Not part of check: Python packages come from the index, and js-yaml and dotenv, as the existing
# tool has them, from the registry.
$(B)/tests/oracle/oracle: $(B)/tests/oracle/oracle.o $(B)/libdofn.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
check-network: $(B)/dofn $(B)/tests/oracle/oracle
	$(Q)DOFN=$(CURDIR)/$(B)/dofn $(PYTEST) -q -p no:cacheprovider tests/network $(PYTEST_ARGS)
	$(Q)mkdir -p $(B)/npm && npm install --silent --prefix $(B)/npm --no-save --no-package-lock \
		--ignore-scripts --no-audit --no-fund js-yaml@3.14.1 dotenv@16.0.3
	$(Q)node tests/oracle/compare.js $(B)/npm $(B)/tests/oracle/oracle

SRC := $(sort $(shell find cmd internal pkg tests -name '*.[ch]'))
lint:
	$(Q)clang-format --dry-run -Werror $(SRC)
	$(Q)set -e; for t in banned layers wrappers size; do tests/lint/$$t.sh; done
	$(Q)shellcheck .ci/run .ci/install-packages tests/*/*.sh $(wildcard testdata/*/*.sh)
	$(Q)mandoc -Tlint -W warning man/*
	$(Q)cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
		--inline-suppr --suppressions-list=tests/lint/cppcheck.txt --std=c11 \
		-j 2 -Iinternal -Ipkg cmd internal pkg
	$(Q)tests/lint/tidy.sh
	@echo "  lint is clean"

bench: $(B)/dofn
	$(Q)DOFN=$(CURDIR)/$(B)/dofn /usr/bin/python3 tests/bench/bench.py

demo:
	@.ci/install-packages $(PACKAGES) $(RUN_PACKAGES)
	$(Q)$(MAKE) --no-print-directory -j2 all
	$(Q)DOFN=$(CURDIR)/$(B)/dofn tests/demo/demo.sh

deps:
	@.ci/install-packages $(PACKAGES) $(RUN_PACKAGES) $(TEST_PACKAGES)

install: $(B)/dofn
	install -Dm755 $< $(DESTDIR)$(PREFIX)/bin/dofn
	for m in man/*.[15]; do install -Dm644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/}; done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/dofn
	for m in man/*.[15]; do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/}; done

clean:
	rm -rf build build-*

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(UNITS:=.d) $(FUZZERS:=.d)
