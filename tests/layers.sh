#!/bin/sh
# The layer law: which folder may include which. The picture is in notes/architecture.md.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0

allow() {       # folder, then the folders it may include besides itself
    folder=$1
    shift
    for file in "$folder"/*.c "$folder"/*.h; do
        [ -e "$file" ] || continue
        for target in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
            case " $folder $* " in
            *" $target "*) ;;
            *) echo "$file includes $target/, which $folder/ may not"; status=1 ;;
            esac
        done
    done
}

forbid() {      # pattern, then the files that may not hold it
    pattern=$1
    shift
    for file in "$@"; do
        [ -e "$file" ] || continue
        if grep -qE "$pattern" "$file"; then
            echo "$file: '$pattern' has no place here"
            status=1
        fi
    done
}

allow base
allow neurons base
allow encoders base
allow lm base
allow sim base neurons encoders lm
allow viz base sim
allow experiments base neurons encoders lm sim

# viz sees of sim only the recording and the prices.
for file in viz/*.c viz/*.h; do
    [ -e "$file" ] || continue
    for target in $(sed -n 's/^#include "sim\/\(.*\)".*/\1/p' "$file"); do
        case $target in
        recording.h|energy.h) ;;
        *) echo "$file includes sim/$target, viz may see only recording.h and energy.h"
           status=1 ;;
        esac
    done
done

others() { ls */*.[ch] 2>/dev/null | grep -vE "$1"; }
forbid 'hid_t|hdf5\.h' $(others '^(sim/[a-z0-9_]*_file\.[ch]|tests/)')
forbid 'SDL_|SDL2/|SDL\.h' $(others '^(viz/(main|window|font)\.c|tests/)')
forbid 'immintrin|__m512|__m256|arm_neon' $(others '^lm/kernel_')
exit $status
