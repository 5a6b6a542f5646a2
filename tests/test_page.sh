#!/bin/sh
# The page of a recording: what is refused, and, where there is Chromium, everything a
# student can do with it: every spike is the recording's, nothing comes from a network.
set -u
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
tests=$(cd "$(dirname "$0")" && pwd)
status=0
cd "$folder" || exit 1

failed() {
    echo "$*"
    status=1
}

# Wanted exit status and a part of the one line on stderr; arguments.
refused() {
    wanted=$1
    part=$2
    shift 2
    lucciola-view "$@" >out 2>err </dev/null
    code=$?
    [ "$code" -eq "$wanted" ] || failed "$*: status $code, expected $wanted: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || failed "$*: expected one line, found: $(cat err)"
    grep -qF -e "$part" err || failed "$*: '$part' expected in: $(cat err)"
    for left in *.partial none.html; do
        [ ! -e "$left" ] || failed "$*: left $left"
    done
}

tests llama model.gguf || exit 1
lucciola run -m model.gguf -p "Once upon a time" -n 9 -o word.h5 >out 2>err ||
    failed "run: $(cat err)"
lucciola run -m model.gguf -p "Once" -n 2 --record counters -o counters.h5 >out 2>err ||
    failed "run: $(cat err)"
lucciola network fireflies --param side=9 --ms 4000 -o flies.h5 >out 2>err ||
    failed "network: $(cat err)"

refused 2 "no spikes" counters.h5 --html none.html
refused 2 "the recording has" word.h5 --html none.html --tokens 1000-
refused 2 "no population" word.h5 --html none.html --populations L99
refused 1 "No such file" word.h5 --html nowhere/none.html
refused 1 "No such file" none.h5 --html none.html

for name in word flies; do
    lucciola-view $name.h5 --html $name.html >out 2>err || failed "--html: $(cat err)"
    grep -q "MB, .* spikes" err || failed "--html says: $(cat err)"
    lucciola export $name.h5 --to csv -o $name.csv >/dev/null 2>&1 || failed "export"
done
# A part of the model, some of the tokens.
lucciola-view word.h5 --html part.html --populations L00 --tokens 2-4 >out 2>err ||
    failed "a part: $(cat err)"
awk -F, 'NR == 1 || ($3 ~ /^L00/ && $5 >= 2 && $5 <= 4)' word.csv >part.csv
# Nothing of the page is elsewhere.
grep -nE '(src|href)="?(https?:)?//' word.html && failed "the page names a network"

if ! command -v python3 >/dev/null; then
    echo '    skipped: no python3 to speak to a browser'
elif ! { command -v chromium || command -v chromium-browser; } >/dev/null; then
    echo "    skipped: no chromium ('data/install_packages.sh extra' has it)"
else
    python3 "$tests/page_check.py" word.html word.csv flies.html flies.csv \
        part.html part.csv || failed "a page"
fi
exit $status
