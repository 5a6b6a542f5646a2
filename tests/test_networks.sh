#!/bin/sh
# `lucciola network`: its list, its verdicts, its outputs, and what it does with bad
# input. Statistics of the networks themselves are in test_named_networks.c.
set -u
status=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

failed() {
    echo "$*"
    status=1
}

# Wanted exit status and a part of the one line on stderr; arguments.
refused() {
    wanted=$1
    part=$2
    shift 2
    lucciola network "$@" >out 2>err </dev/null
    code=$?
    [ "$code" -eq "$wanted" ] || failed "$*: status $code, expected $wanted: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || failed "$*: expected one line, found: $(cat err)"
    grep -qF -e "$part" err || failed "$*: '$part' expected in: $(cat err)"
}

works() {
    lucciola network "$@" >out 2>err </dev/null ||
        failed "network $*: status $?: $(cat err)"
}

# A Python expression about the JSON object d.
holds() {
    command -v python3 >/dev/null || return 0
    python3 -c "import json, sys; d = json.load(open('out')); sys.exit(not ($1))" ||
        failed "JSON: $1"
}

works --help
works --list
for name in brunel-a brunel-b brunel-c brunel-d fi fi-hh fi-lif fireflies izhikevich-1000 \
    izhikevich-patterns potjans-diesmann stdp stdp-window vogels-abbott-coba vogels-abbott-cuba; do
    grep -q "^$name " out || failed "--list does not name $name"
done
works --list --json
holds "all(n['name'] and n['source'] and n['size'] for n in d)"

works izhikevich-patterns
[ "$(grep -c ' pass ' out)" -eq 20 ] || failed "expected twenty patterns to pass"
works izhikevich-patterns --json
holds "d['missed'] == 0 and len(d['patterns']) == 20"
works fi-lif --json
holds "d['missed'] == 0 and d['expectations'] > 10 and len(d['findings']) > 10"
# A coarse grid is not what was published; what theory says of it still holds.
works fi-lif --dt 0.125
works fi --neuron qif:t_ref=2 --json
holds "d['findings'][1]['measured'] > 0 and len(d['points']) == 25"

works fi --neuron hh --png curve.png
[ -s curve.png.gnuplot ] || failed "no script beside the picture"
if command -v gnuplot >/dev/null; then
    [ -s curve.png ] || failed "no picture"
fi
PATH_WAS=$PATH
here=$(command -v lucciola)
PATH=/nowhere "$here" network fi --png no.png >/dev/null 2>err ||
    failed "without gnuplot: $(cat err)"
PATH=$PATH_WAS
grep -q 'gnuplot is not installed' err || failed "without gnuplot: says $(cat err)"

# Networks with synapses: a recording, its picture, traces; the same for any threads.
works fireflies --ms 3000 -o run.h5 --png raster.png --trace field.v:0-3,field.wait:7
[ -s raster.png ] || failed "no raster"
lucciola export run.h5 --to csv -o one.csv >/dev/null 2>err || failed "export: $(cat err)"
works fireflies --ms 3000 --threads 1 -o run.h5 --json
holds "d['missed'] == 0 and d['order'][0]['order'] < 0.2 and len(d['populations']) == 1"
lucciola export run.h5 --to csv -o two.csv >/dev/null 2>err || failed "export: $(cat err)"
cmp one.csv two.csv || failed "one thread fires otherwise than several"
works fireflies --ms 500 --png raster.png
works brunel-c --scale 0.05 --ms 100 --json
holds "d['findings'][0]['expected'] > 0 and d['missed'] == 0"
works brunel-d --scale 0.05 --ms 50 --param g=8,outer=0
works vogels-abbott-cuba --ms 50 --seed 7
works potjans-diesmann --ms 20 --scale 0.02
refused 1 'GB' potjans-diesmann --scale 9 --ms 1 -o large.h5
works stdp-window --dt 0.3
works stdp --ms 1000 --png weights.png -o weights.h5
[ -s weights.png.gnuplot ] || failed "no script of the histogram"
refused 1 'missing.cfg' fireflies --config missing.cfg

refused 2 'no population' fireflies --ms 1 -o run.h5 --trace E.v
refused 2 'no variable' fireflies --ms 1 -o run.h5 --trace field.x
refused 2 'FIRST-LAST' fireflies --ms 1 -o run.h5 --trace field.v:5-1
refused 2 'FIRST-LAST' fireflies --ms 1 -o run.h5 --trace field.v:900
refused 2 'POPULATION.VARIABLE' fireflies --ms 1 -o run.h5 --trace field
refused 2 'expects -o' fireflies --ms 1 --trace field.v
refused 1 'No such file' fireflies --ms 1 -o nowhere/run.h5
refused 2 'coupling' fireflies --param coupling=-1
refused 2 "no parameter 'x'" fireflies --param x=1
refused 2 '--scale has no meaning' fireflies --scale 2
refused 2 'no network' nothing
refused 2 'no network' ''
refused 2 "expected the name"
refused 2 'one argument too many' fi fi
refused 2 'no option' fi --nothing
refused 2 'no neuron model' fi --neuron nothing
refused 2 "no parameter 'x'" fi --neuron lif:x=1
refused 2 'tau_m' fi --neuron lif:tau_m=-1
refused 2 'takes no --neuron' fi-lif --neuron lif
refused 2 '--param has no meaning' fi --param a=1
refused 2 '--scale has no meaning' fi --scale 0.5
refused 2 '--output has no meaning' fi -o run.h5
refused 2 '--ms' fi --ms nan
refused 2 '--ms' fi --ms 0
refused 2 '--dt' fi --dt -1
refused 2 'expected 0 < dt' fi --ms 1 --dt 10
refused 2 '--seed' fi --seed x
refused 1 'No such file' fi --png nowhere/a.png
refused 1 'directory' fi --png .
refused 2 'quote' fi --png "a'b.png"
for left in *; do
    case $left in
    out | err | curve.png | curve.png.gnuplot | no.png.gnuplot) ;;
    weights.png | weights.png.gnuplot | weights.h5 | run.h5 | raster.png | one.csv | two.csv) ;;
    *) failed "left behind: $left" ;;
    esac
done
exit $status
