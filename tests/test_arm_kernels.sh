#!/bin/sh
# The kernels of 64-bit ARM, compiled for it and run on two emulated processors, one with
# dot products and one without: the tests of tests/test_kernel*.c.
set -u
status=0
cc=aarch64-linux-gnu-gcc
emulator=qemu-aarch64
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
cd "$root" || exit 1

for tool in "$cc" "$emulator"; do
    if ! command -v "$tool" >/dev/null; then
        echo "    skipped: no $tool ('data/install_packages.sh extra' has it)"
        exit 0
    fi
done

mkdir -p build/arm || exit 1
log=build/arm/log
probe='#include <CUnit/CUnit.h>
#include <gsl/gsl_rng.h>
#include <omp.h>
int main(void) { return omp_get_max_threads() == 0; }'
if ! echo "$probe" | "$cc" -static -fopenmp -x c -o build/arm/probe - 2>"$log"; then
    echo "    skipped: $cc lacks a library or a header, see $log"
    exit 0
fi

objects=
for source in lm/kernel_*.c lm/block_*.c tests/test_kernel*.c tests/kernel_operands.c \
    tests/arm/main.c; do
    objects="$objects build/arm/${source%.c}.o"
done

# shellcheck disable=SC2086  # names hold no spaces
build() {
    make -s MODE=arm CC="$cc" CPPFLAGS= CFLAGS='-O3 -Werror' $objects &&
        "$cc" -static -fopenmp -o build/arm/kernels $objects -lm
}

unset MAKEFLAGS MFLAGS  # not a job of the make that runs this, and none of its flags
if ! build >"$log" 2>&1; then
    cat "$log"
    exit 1
fi

expect() {      # the row that the table picks, an emulated processor
    echo "    on an emulated $2"
    "$emulator" -cpu "$2" build/arm/kernels "$1" || { echo "failed on $2"; status=1; }
}

expect neon cortex-a53
expect neon-dot max
exit $status
