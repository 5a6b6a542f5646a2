# Every folder with a main.c is a program; all other .c files are the library.
# Objects and programs live in build/$(MODE), so modes never mix.

MODE     ?= release
PACKAGES ?= gsl hdf5 libpcre2-8 jansson libpng libcrypto zlib libxxhash
FUZZ_SECONDS ?= 60
PREFIX   ?= /usr/local
CASES    ?= $(abspath $(wildcard ../shared/data))

build    := build/$(MODE)
folders  := base neurons encoders lm sim
sources   = $(wildcard $(addsuffix /*.c,$(1)))
objects   = $(patsubst %.c,$(build)/%.o,$(call sources,$(1)))
library  := $(call objects,$(folders))
viewer   := $(filter-out %/main.o,$(call objects,viz))
commands := $(filter-out %/main.o,$(call objects,experiments))
headers  := $(wildcard $(addsuffix /*.h,$(folders) viz experiments))
fuzzers  := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))

# Lower-case names are ours; CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS are the caller's, added
# last.
flags.release  := -O3
flags.debug    := -O1 -Werror
flags.sanitize := -O1 -Werror -fno-omit-frame-pointer \
                  -fsanitize=address,undefined -fno-sanitize-recover=all
flags.coverage := -O0 --coverage
flags.fuzz     := -O1 -Werror -fsanitize=fuzzer-no-link,address,undefined \
                  -fno-sanitize-recover=all
ifeq ($(MODE),fuzz)
CC := clang
endif
warnings := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes \
            -Wmissing-prototypes -Wdouble-promotion
cppflags := -I. -D_POSIX_C_SOURCE=200809L -MMD -MP \
            $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
cflags   := -std=c11 -g -fopenmp -ffp-contract=off $(warnings) $(flags.$(MODE))
ldflags  := -fopenmp $(filter -fsanitize=% --coverage,$(flags.$(MODE)))
ldlibs   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -ldnnl -lm
compile   = $(CC) $(cppflags) $(defines) $(CPPFLAGS) $(cflags) $(CFLAGS)

commit   := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
data_dir := $(CURDIR)/data

# `make V=1` shows whole commands, plain `make` a short line each.
at       := $(if $(V),,@)
say       = $(if $(V),,@echo '  $(1)')
# As many jobs as there are processors, unless the caller has said how many.
jobs      = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

# These work on a bare machine.
bare     := demo check help clean format style layers uninstall
ifneq ($(filter-out $(bare),$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell pkg-config --exists $(PACKAGES) && echo found),found)
$(error libraries are missing: run `data/install_packages.sh build`, or `make demo`)
endif
endif

all: $(build)/bin/lucciola $(build)/bin/lucciola-view   ## build both programs

$(build)/bin/lucciola: $(call objects,experiments) $(library)
$(build)/bin/lucciola-view: $(call objects,viz) $(library)
$(build)/bin/lucciola-view: ldlibs += $(shell pkg-config --libs sdl2 SDL2_ttf 2>/dev/null)
$(build)/bin/tests: $(call objects,tests) $(viewer) $(commands) $(library)
$(build)/bin/tests: ldlibs += -lcunit $(shell pkg-config --libs sdl2 SDL2_ttf 2>/dev/null)
$(build)/viz/%.o: cppflags += $(shell pkg-config --cflags sdl2 2>/dev/null)
$(addprefix $(build)/bin/,$(fuzzers)): $(build)/bin/%: $(build)/tests/fuzz/%.o $(library)
$(addprefix $(build)/bin/,$(fuzzers)): ldflags += -fsanitize=fuzzer
$(build)/bin/fuzz_tour: $(viewer)
$(build)/bin/fuzz_tour: ldlibs += $(shell pkg-config --libs sdl2 SDL2_ttf 2>/dev/null)
$(build)/bin/fuzz_spike_index: $(filter $(build)/viz/spike_%,$(viewer))

$(build)/bin/%:
	@mkdir -p $(@D)
	$(call say,ld $@)
	$(at)$(CC) $(ldflags) $(LDFLAGS) -o $@ $^ $(ldlibs) $(LDLIBS)

$(build)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,cc $<)
	$(at)$(compile) -c -o $@ $<

# Touched only when what it says changes.
$(build)/version.txt: always
	@mkdir -p $(@D)
	@echo '$(commit) $(data_dir)' | cmp -s - $@ || echo '$(commit) $(data_dir)' >$@

$(build)/base/version.o: $(build)/version.txt
$(build)/base/version.o: defines = -DLUCCIOLA_COMMIT='"$(commit)"' \
                                   -DLUCCIOLA_DATA_DIR='"$(data_dir)"'

demo:                           ## install what is missing, build, fetch a model, run it
	data/install_packages.sh build
	@$(MAKE) --no-print-directory $(jobs) all
	data/fetch_model.sh
	experiments/demo.sh

check:                          ## everything a change must pass (installs what is missing)
	data/install_packages.sh test
	@$(MAKE) --no-print-directory $(jobs) layers headers style all
	@$(MAKE) --no-print-directory $(jobs) MODE=debug test
	@$(MAKE) --no-print-directory $(jobs) MODE=sanitize test
	@$(MAKE) --no-print-directory $(jobs) FUZZ_SECONDS=5 fuzz clang
	@$(MAKE) --no-print-directory scripts
	@echo 'check: all passed'

# Threads that spin while they wait would take the cores of a shared machine: 75 s for 11.
test scripts: export OMP_WAIT_POLICY ?= passive
test: $(build)/bin/tests        ## run the unit tests
	$(at)CASES="$(CASES)" $<

scripts: all $(build)/bin/tests ## run the tests of the programs, tests/test_*.sh
	@for t in $(wildcard tests/test_*.sh); do \
	    echo "  sh $$t"; PATH="$(CURDIR)/$(build)/bin:$$PATH" CASES="$(CASES)" $$t || exit 1; \
	done

sanitize:                       ## run the unit tests under ASan and UBSan
	@$(MAKE) --no-print-directory MODE=sanitize test

fuzz:                           ## fuzz every parser for FUZZ_SECONDS each, with clang
	@if command -v clang >/dev/null; then \
	    $(MAKE) --no-print-directory MODE=fuzz fuzz-all; \
	else echo '  no clang: fuzzing skipped'; fi

# tests/fuzz/NAME/, where there is one, holds inputs for NAME.c to start from.
fuzz-all: $(library) $(addprefix $(build)/bin/,$(fuzzers))
	@for f in $(fuzzers); do \
	    echo "  fuzz $$f"; mkdir -p $(build)/corpus/$$f; \
	    $(build)/bin/$$f -max_total_time=$(FUZZ_SECONDS) -timeout=20 \
	        -artifact_prefix=$(build)/ $(build)/corpus/$$f \
	        $$(ls -d tests/fuzz/$$f 2>/dev/null) >$(build)/$$f.log 2>&1 || \
	        { cat $(build)/$$f.log; exit 1; }; \
	done

# TEXT names a text for the figures that need one (default: WikiText-2 in CASES).
experiments: all                ## reproduce every published figure of experiments/configs
	@CASES="$(CASES)" experiments/configs.sh

layers:                         ## check which folder includes which
	@tests/layers.sh

headers:                        ## check that each header compiles alone
	@for h in $(headers); do \
	    $(compile) -MF /dev/null -fsyntax-only -x c $$h || exit 1; \
	done

clang:                          ## check that clang warns of nothing
	@if command -v clang >/dev/null; then \
	    $(MAKE) --no-print-directory CC=clang syntax; \
	else echo '  no clang: its warnings are unknown'; fi

# The library is compiled by clang for the fuzzers.
syntax: cppflags += $(shell pkg-config --cflags sdl2 2>/dev/null)
syntax:
	@printf '%s\n' $(call sources,viz experiments tests) | \
	    xargs -P 2 -I{} $(compile) -Werror -MF /dev/null -fsyntax-only {}

formatted := $(wildcard */*.c */*.h tests/*/*.[ch])

format:                         ## apply .clang-format
	clang-format -i $(formatted)

# Other versions than Debian 12's break lines elsewhere.
style:                          ## check that .clang-format is applied
	@if clang-format --version 2>/dev/null | grep -q 'version 14'; then \
	    clang-format --dry-run -Werror $(formatted); \
	else echo '  no clang-format 14: style skipped'; fi

# The programs name the folder of their data, so they are linked again for it.
install:                        ## install the programs and data/ into PREFIX
	@$(MAKE) --no-print-directory $(jobs) data_dir=$(abspath $(PREFIX))/share/lucciola all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/lucciola
	install $(build)/bin/lucciola $(build)/bin/lucciola-view $(DESTDIR)$(PREFIX)/bin
	cp -R data/. $(DESTDIR)$(PREFIX)/share/lucciola

uninstall:                      ## remove what install put into PREFIX
	rm -f $(DESTDIR)$(PREFIX)/bin/lucciola $(DESTDIR)$(PREFIX)/bin/lucciola-view
	rm -rf $(DESTDIR)$(PREFIX)/share/lucciola

clean:                          ## remove what was built
	rm -rf build

help:                           ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' Makefile | expand -t 14

.PHONY: all always demo check experiments test scripts sanitize fuzz fuzz-all clang syntax layers \
        headers format style \
        install uninstall clean help

-include $(shell find build -name '*.d' 2>/dev/null)
