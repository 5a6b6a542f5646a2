#!/bin/sh
# Runs every Python block of notes/recipes.md on a recording with counts: the argument, or
# the file that RECORDING names, or one made of the story model in CASES. The unit tests
# call it with a recording of their own.
set -u
cd "$(dirname "$0")/.." || exit 1
recording=${1:-${RECORDING:-}}

if ! python3 -c 'import h5py, pandas' 2>/dev/null; then
    echo "  skipped: recipes need python3 with h5py and pandas"
    exit 0
fi

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
if [ -z "$recording" ] && [ -r "${CASES:-}/stories260K.bin" ]; then
    recording=$folder/run.h5
    lucciola run -m "$CASES/stories260K.bin" -p "Once upon a time" -n 12 \
        -o "$recording" > /dev/null || exit 1
fi
if [ -z "$recording" ]; then
    echo "  skipped: recipes need a recording (tests/test_recipes.sh RUN.h5), or"
    echo "  stories260K.bin in the folder CASES to make one"
    exit 0
fi
awk -v folder="$folder" '
    /^```python/ { file = sprintf("%s/recipe%d.py", folder, ++count); next }
    /^```/       { file = ""; next }
    file         { print > file }' notes/recipes.md

status=0
for recipe in "$folder"/recipe*.py; do
    [ "$(wc -l < "$recipe")" -le 5 ] || { echo "$recipe has more than 5 lines"; status=1; }
    if ! python3 -W error::FutureWarning "$recipe" "$recording" > "$folder/out" 2>&1; then
        echo "a recipe failed:"
        cat "$recipe" "$folder/out"
        status=1
    fi
done
[ "$(ls "$folder"/recipe*.py | wc -l)" -ge 3 ] || { echo "expected 3 recipes"; status=1; }
exit $status
