#!/bin/sh
# `lucciola tokens`: there and back, refusals and exit statuses.
set -u
status=0
vocabulary=${CASES:-}/ggml-vocab-llama-spm.gguf
text=${CASES:-}/tinyshakespeare.txt

expect() {      # wanted exit status, wanted output, arguments
    wanted=$1
    output=$2
    shift 2
    found=$(lucciola tokens "$@" 2>/dev/null)
    code=$?
    if [ "$code" -ne "$wanted" ] || [ "$found" != "$output" ]; then
        echo "tokens $*: status $code, expected $wanted; '$found', expected '$output'"
        status=1
    fi
}

expect 2 ""                             # no text
expect 2 "" -p a -f b                   # two
expect 1 "" -m /nonexistent -p a
if [ ! -r "$vocabulary" ] || [ ! -r "$text" ]; then
    echo "    skipped: no ggml-vocab-llama-spm.gguf or text in the folder CASES"
    exit $status
fi

expect 0 "15043 3186" -m "$vocabulary" -p "Hello world"
expect 0 "1 15043 2" -m "$vocabulary" --special -p "Hello</s>"
expect 0 "Hello world" -m "$vocabulary" --decode -p "[1, 15043, 3186]"
expect 0 "<s> Hello" -m "$vocabulary" --decode --special -p "1 29871 15043"
expect 2 "" -m "$vocabulary" --decode -p "1 32000"
expect 2 "" -m "$vocabulary" --decode -p "1 -5"
expect 2 "" -m "$vocabulary" --decode -p "99999999999999999999"

ids=$(mktemp) || exit 1
trap 'rm -f "$ids"' EXIT
lucciola tokens -m "$vocabulary" -f "$text" >"$ids" &&
    lucciola tokens -m "$vocabulary" --decode -f "$ids" | cmp - "$text" || status=1
exit $status
