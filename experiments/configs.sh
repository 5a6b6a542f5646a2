#!/bin/sh
# Runs every configuration of experiments/configs/, one a published figure or table, and
# writes notes/results/NAME.txt: what `make experiments` does. A file's line `#!` is the
# command; the file itself is its --config. TEXT in it stands for the file that the
# environment variable TEXT names (default: WikiText-2 in the folder CASES); without one
# those that need a text are skipped. WORK stands for a folder that is thrown away.
#
#     experiments/configs.sh [NAME...]
set -u
cd "$(dirname "$0")/.." || exit 1
lucciola=${LUCCIOLA:-build/release/bin/lucciola}
text=${TEXT:-${CASES:-../shared/data}/wikitext2-test-raw.txt}
folder=${RESULTS:-notes/results}
status=0
mkdir -p "$folder" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- $(basename -s .conf experiments/configs/*.conf)

for name in "$@"; do
    config=experiments/configs/$name.conf
    [ -r "$config" ] || { echo "no $config" >&2; exit 2; }
    command=$(sed -n 's/^#! //p' "$config")
    case $command in
    *TEXT*)
        [ -r "$text" ] || { echo "  skipped: $name needs a text, name one in TEXT"; continue; }
        command=$(echo "$command" | sed "s|TEXT|$text|") ;;
    esac
    command=$(echo "$command" | sed "s|WORK|$work|")
    result=$folder/$name.txt
    # shellcheck disable=SC2086  # the command's words
    "$lucciola" $command --config "$config" >"$work/out" 2>"$work/err"
    code=$?
    {
        sed -n 's/^# /# /p' "$config"
        echo "# lucciola $(sed -n 's/^#! //p' "$config") --config $config"
        echo "# $("$lucciola" --version 2>/dev/null), $(date +%F), exit status $code"
        echo
        sed "s|$work|WORK|" "$work/out"
        [ $code -eq 0 ] || tail -n 1 "$work/err"
    } >"$result"
    [ $code -eq 0 ] && echo "  $name" || { echo "  $name: status $code"; status=1; }
done
exit $status
