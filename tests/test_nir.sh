#!/bin/sh
# `lucciola network FILE.nir`: what it prints and records, what it refuses, and that the
# `nir` package of Python reads what it writes. NIR_PYTHON names a Python that has it.
set -u
status=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
golden=$(cd "$(dirname "$0")/golden/nir" && pwd) || exit 1
cd "$work" || exit 1

failed() {
    echo "$*"
    status=1
}

# A part of the one line on stderr; arguments of `lucciola network`.
refused() {
    part=$1
    shift
    lucciola network "$@" >out 2>err </dev/null && failed "$*: no error"
    [ "$(wc -l <err)" -eq 1 ] || failed "$*: expected one line, found: $(cat err)"
    grep -qF -e "$part" err || failed "$*: '$part' expected in: $(cat err)"
    for left in *.partial run.h5; do
        [ ! -e "$left" ] || failed "$*: left $left"
    done
}

every=$golden/every.nir
refused "expected pulse or impulse" "$every" --spike flash
refused "expected exact or euler" "$every" --integration rk4
refused "expected one of --ms and --steps" "$every" --ms 1 --steps 2
refused "expected one of --input" "$every" --input-rate 1 --input-value 2
refused "--dt: expected a number" "$every" --dt -1
refused "--scale has no meaning" "$every" --scale 2
refused "--png draws the recording" "$every" --png a.png
refused "No such file" none.nir
refused "cannot create the file" "$every" --to none/a.nir
cp "$golden/make_nir.py" text.nir
refused "cannot be opened as HDF5" text.nir
refused "nothing to record" "$golden/conv1d.nir" --input-value 1 -o run.h5

# The same for any number of threads; another seed, other spikes.
run="lucciola network $every --dt 1 --steps 200 --spike impulse"
$run --threads 1 --json >one.json || failed "$run failed"
$run --threads 2 --json >two.json
$run --seed 2 --json >other.json
cmp one.json two.json || failed "threads change what is printed"
cmp -s one.json other.json && failed "the seed changes nothing"

# What is printed is what is recorded.
$run -o run.h5 --json >three.json || failed "$run -o run.h5 failed"
cmp one.json three.json || failed "recording changes what is printed"
lucciola export run.h5 --to csv >/dev/null || failed "the recording cannot be exported"
for node in input if lif lif.rec threshold; do
    recorded=$(cut -d, -f3 run.csv | grep -cx "$node")
    printed=$(tr -d ' \n' <one.json |
        sed "s/.*\"node\":\"$node\",[^}]*\"spikes\":\([0-9]*\).*/\1/")
    [ "$recorded" = "$printed" ] ||
        failed "$node: $recorded spikes recorded, $printed printed"
done

# The recorded inputs go in again, as they are and through the formats of other tools.
lucciola export run.h5 --to nirdata >/dev/null || failed "no export as NIRData"
sed '/^input:/d' >run.txt <<EOF
$($run)
EOF
for file in run.h5 run.csv run.nirdata.h5; do
    lucciola network "$every" --dt 1 --steps 200 --spike impulse --input "$file" |
        sed '/^input:/d' | cmp - run.txt || failed "--input $file changes the run"
done
# A network has no tokens to price.
lucciola energy run.h5 >out 2>err && failed "energy prices a network"
grep -q 'the recording of a network' err || failed "energy run.h5: $(cat err)"

rm -f run.h5
echo 'time_ms,node' >far.csv
echo '5,9999' >>far.csv
refused "neuron 9999 of population 'neurons': input 'input' has 128" "$every" --input far.csv
refused "none.csv: No such file" "$every" --input none.csv

# Matrices of a model.
tests llama model.gguf || exit 1
lucciola export model.gguf --site L00.ffn_down,head --to nir -o model.nir >/dev/null 2>&1 &&
    lucciola network model.nir --steps 1 --input-value 1 | grep -q '^head.output' ||
    failed "the matrices of a model do not run"
lucciola export model.gguf --site L99.head --to nir -o none.nir 2>err &&
    failed "a site that is not there is exported"
grep -q "no site 'L99.head'" err || failed "no word of L99.head in: $(cat err)"
[ ! -e none.nir ] || failed "a refused export left a file"

# --dt, and --ms counted in it.
lucciola network "$every" --ms 2 --dt 0.5 | grep -q '^4 steps of 0.5 ms' ||
    failed "2 ms are not 4 steps of 0.5 ms"

for python in ${NIR_PYTHON:-python3}; do
    if ! $python -c 'import nir' 2>/dev/null; then
        echo "    skipped: no package nir in $python"
        continue
    fi
    $python "$golden/make_nir.py" . || failed "make_nir.py failed"
    pairs=
    for file in package.nir conv1d.nir "${CASES:-none}"/lif_norse.nir \
        "${CASES:-none}"/cnn_sinabs.nir "${CASES:-none}"/braille_noDelay_bias_zero.nir; do
        [ -e "$file" ] || continue
        again=again.$(basename "$file")
        lucciola network "$file" --to "$again" >/dev/null || failed "$file --to failed"
        pairs="$pairs $file $again"
    done
    $python "$golden/compare_nir.py" $pairs || failed "the package reads something else"
done
exit $status
