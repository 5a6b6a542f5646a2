# Every folder with a main.c is a program; all other .c files are the library.
# Objects and programs live in build/$(MODE), so modes never mix.

MODE     ?= release
PACKAGES ?= gsl hdf5 libpcre2-8 jansson libpng libcrypto
FUZZ_SECONDS ?= 60
PREFIX   ?= /usr/local
CASES    ?= $(wildcard ../shared/data)

build    := build/$(MODE)
folders  := base neurons encoders lm sim
sources   = $(wildcard $(addsuffix /*.c,$(1)))
objects   = $(patsubst %.c,$(build)/%.o,$(call sources,$(1)))
library  := $(call objects,$(folders))
# Only these two viewer files may touch SDL; the tests link the rest.
windowless := $(filter-out %/main.o %/window.o,$(call objects,viz))
commands := $(filter-out %/main.o,$(call objects,experiments))
headers  := $(wildcard $(addsuffix /*.h,$(folders) viz experiments))
fuzzers  := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))

CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L -MMD -MP $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
warnings := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes \
            -Wmissing-prototypes -Wdouble-promotion
CFLAGS   += -std=c11 -g -fopenmp -ffp-contract=off $(warnings)
LDFLAGS  += -fopenmp
LDLIBS   += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -ldnnl -lm

flags.release  := -O3
flags.debug    := -O1 -Werror
flags.sanitize := -O1 -Werror -fno-omit-frame-pointer \
                  -fsanitize=address,undefined -fno-sanitize-recover=all
flags.coverage := -O0 --coverage
CFLAGS   += $(flags.$(MODE))
LDFLAGS  += $(filter -fsanitize=% --coverage,$(flags.$(MODE)))

commit   := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

all: $(build)/bin/lucciola $(build)/bin/lucciola-view   ## build both programs

$(build)/bin/lucciola: $(call objects,experiments) $(library)
$(build)/bin/lucciola-view: $(call objects,viz) $(library)
$(build)/bin/tests:    $(call objects,tests) $(windowless) $(commands) $(library)
$(build)/bin/tests:    LDLIBS += -lcunit
$(build)/bin/lucciola-view: LDLIBS += $(shell pkg-config --libs sdl2 SDL2_ttf 2>/dev/null)
$(build)/viz/%.o:      CPPFLAGS += $(shell pkg-config --cflags sdl2 SDL2_ttf 2>/dev/null)

$(build)/bin/%:
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(build)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

test: $(build)/bin/tests        ## run the unit tests
	CASES="$(CASES)" $<

sanitize:                       ## run the unit tests under ASan and UBSan
	$(MAKE) MODE=sanitize test

fuzz: $(fuzzers)                ## fuzz every parser for FUZZ_SECONDS each
	for f in $^; do $$f -max_total_time=$(FUZZ_SECONDS) || exit 1; done

build/fuzz/%: tests/fuzz/%.c $(call sources,base lm sim)
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -std=c11 -g -O1 -fopenmp -fsanitize=fuzzer,address,undefined \
	    -o $@ $(filter %.c,$^) $(call sources,neurons encoders) $(LDLIBS)

layers:                         ## check which folder includes which
	tests/layers.sh

headers:                        ## check that each header compiles alone
	@for h in $(headers); do $(CC) $(CPPFLAGS) -MF /dev/null $(CFLAGS) -fsyntax-only -x c $$h || exit 1; done

format:                         ## apply .clang-format
	clang-format -i $(wildcard */*.c */*.h tests/*/*.c)

clean:                          ## remove what was built
	rm -rf build

help:                           ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' Makefile | expand -t 14

.PHONY: all test sanitize fuzz layers headers format clean help

-include $(shell find build -name '*.d' 2>/dev/null)
