#!/bin/sh
# `lucciola pack` and what reads its file: the same text and spikes with it and without; a
# file that is of no use costs one sentence and nothing else.
set -u
status=0
work=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
tests llama model.gguf || exit 1

failed() {
    echo "$*"
    status=1
}

works() {
    lucciola "$@" >out 2>err </dev/null || failed "$*: status $?: $(cat err)"
}

# A part of the one line on stderr; arguments.
refused() {
    part=$1
    shift
    lucciola "$@" >out 2>err </dev/null && failed "$*: status 0"
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$part" err ||
        failed "$*: one line with '$part' expected: $(cat err)"
}

# Weight options; what a run says of them but for its speed.
run() {
    works run -m model.gguf -p hello -n 8 "$@"
    grep -vE 'tokens/s|^spikes of' err >said
}

for weights in output 32 4bit "4bit:32:min --head-weights output"; do
    file=model.gguf.$(echo "$weights" | sed 's/:/-/g; s/ --head-weights /+/').packed
    works pack -m model.gguf --weights $weights
    grep -q "^$file: $(wc -c <"$file") bytes of weights that took .* s to make" out ||
        failed "pack --weights $weights says: $(cat out)"
    cp "$file" kept
    for threads in 1 4; do
        for how in off auto; do
            run --weights $weights --packed $how -t $threads \
                --record spikes -o $how.h5
            [ ! -s said ] || failed "--packed $how: $(cat said)"
            cp out $how.out
            works export $how.h5 --to csv -o $how.csv
        done
        cmp -s off.out auto.out || failed "--weights $weights: packed gives another text"
        cmp -s off.csv auto.csv || failed "--weights $weights: packed gives other spikes"
    done
    [ "$(wc -l <off.csv)" -gt 100 ] || failed "hardly a spike"

    works pack -m model.gguf --weights $weights -t 1
    cmp -s "$file" kept || failed "pack --weights $weights is not the same twice"
    works pack -m model.gguf --weights $weights --remove
    grep -qx "$file: removed" out && [ ! -e "$file" ] || failed "pack --remove: $(cat out)"
    refused "$file: No such file" pack -m model.gguf --weights $weights --remove
done

# What is of no use: the text without it, and one sentence.
works run -m model.gguf -p hello -n 8 --packed off
cp out wanted
useless() {
    run
    cmp -s out wanted || failed "$1: another text"
    [ "$(wc -l <said)" -eq 1 ] && grep -q "^model.gguf.output.packed: .*$1" said &&
        grep -q "; the model's own weights are used$" said ||
        failed "one sentence with '$1' expected: $(cat said)"
    works run -m model.gguf -p hello --packed off
    grep -q packed err && failed "--packed off looks at the file: $(cat err)"
}
works pack -m model.gguf
cp model.gguf.output.packed kept
size=$(wc -c <kept)
for bytes in 0 7 100 167 1000 5000 $((size / 2)) $((size - 1)); do
    head -c "$bytes" kept >model.gguf.output.packed
    useless ""
done
{ cat kept; echo; } >model.gguf.output.packed
useless "bytes expected"
{ head -c 5000 kept; printf '\377\376'; tail -c +5003 kept; } >model.gguf.output.packed
useless "site L00.attn_in: the weights are damaged"
{ head -c 200 kept; printf '\377\376'; tail -c +203 kept; } >model.gguf.output.packed
useless "the header is damaged"
{ printf 'LUCPACK0'; tail -c +9 kept; } >model.gguf.output.packed
useless "of another version"
works pack -m model.gguf --weights 32
mv model.gguf.32.packed model.gguf.output.packed
useless "expected, found 32 and 32"
rm model.gguf.output.packed
mkdir model.gguf.output.packed
useless "not a regular file"
rmdir model.gguf.output.packed
cp kept model.gguf.output.packed
touch -d '2001-02-03 04:05:06' model.gguf
useless "made from a model file written at"
works pack -m model.gguf
run
[ ! -s said ] || failed "packed again, and yet: $(cat said)"
tests llama-factors model.gguf
works run -m model.gguf -p hello -n 8 --packed off
cp out wanted
useless "made from a model file of [0-9]* bytes, this one has"

# What cannot be.
refused "--weights" pack -m model.gguf --weights 3
refused "none.gguf: No such file" pack -m none.gguf
refused "--packed: expected auto or off, found 'on'" run -m model.gguf -p hello --packed on
head -c 5000 model.gguf >cut.gguf
refused "cut.gguf: " pack -m cut.gguf
[ ! -e cut.gguf.output.packed ] || failed "a cut model was packed"
mkdir closed
cp model.gguf closed
chmod a-w closed
if [ "$(id -u)" -ne 0 ]; then
    refused "Permission denied" pack -m closed/model.gguf
    [ "$(ls closed)" = model.gguf ] || failed "left in a closed folder: $(ls closed)"
else
    echo '    skipped: no folder is read-only for root'
fi
works pack -m model.gguf --json
grep -q '"bytes": ' out || failed "pack --json: $(cat out)"
for left in *.partial; do
    [ ! -e "$left" ] || failed "left $left"
done
exit $status
