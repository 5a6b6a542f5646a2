#!/bin/sh
# `lucciola sweep`: killed in the middle and taken up again it gives what an uninterrupted
# run gives; its workers die with it; wrong options and folders cost one sentence.
set -u
status=0
work=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
export OMP_WAIT_POLICY=passive
tests llama model.gguf || exit 1
tests qwen2 other.gguf || exit 1
awk 'BEGIN { for (i = 0; i < 400; i++) printf "word %d of a text. ", i }' >text

failed() {
    echo "$*"
    status=1
}

sweep() {
    lucciola sweep -m model.gguf -f text -w 64 --chunks 8 "$@"
}

is_alive() {    # neither gone nor a zombie
    case $(ps -o stat= -p "$1" 2>/dev/null) in ''|Z*) return 1 ;; esac
}

refused() {     # exit status, part of the sentence, command
    wanted=$1
    part=$2
    shift 2
    "$@" >out 2>err </dev/null
    code=$?
    [ "$code" -eq "$wanted" ] || failed "$*: status $code, expected $wanted: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || failed "$*: expected one line, found: $(cat err)"
    grep -qF -e "$part" err || failed "$*: '$part' expected in: $(cat err)"
}

grid="--k 1,2,3,4,6,8 --dead-zone 0,0.2 --encoder bitwise,latency"

# Without interruption, by one process and by three.
sweep $grid -o whole --csv >whole.csv 2>err || failed "a sweep: $(cat err)"
[ "$(wc -l <whole.csv)" -eq 25 ] || failed "expected 24 points: $(wc -l <whole.csv)"
sweep $grid -o three -j 3 --csv >three.csv 2>err || failed "three processes: $(cat err)"
cmp -s whole.csv three.csv || failed "three processes give other results"

# Killed again and again, each time with the last line torn on top.
rounds=0
while [ "$rounds" -lt 40 ] && [ "$(cat killed/results.jsonl 2>/dev/null | wc -l)" -lt 24 ]; do
    before=$(cat killed/results.jsonl 2>/dev/null | wc -l)
    lucciola sweep -m model.gguf -f text -w 64 --chunks 8 $grid -o killed -j 2 \
        >/dev/null 2>&1 &
    main=$!
    waited=0
    while [ "$waited" -lt 200 ] && kill -0 "$main" 2>/dev/null &&
          [ "$(cat killed/results.jsonl 2>/dev/null | wc -l)" -le $((before + 2)) ]; do
        sleep 0.05
        waited=$((waited + 1))
    done
    workers=$(ps -o pid= --ppid "$main" 2>/dev/null)
    kill -9 "$main" 2>/dev/null
    wait "$main" 2>/dev/null
    for worker in $workers; do
        waited=0
        while [ "$waited" -lt 100 ] && is_alive "$worker"; do
            sleep 0.05
            waited=$((waited + 1))
        done
        ! is_alive "$worker" || failed "worker $worker outlives its parent"
    done
    printf '{"point":{"neuron":"if"' >>killed/results.jsonl
    rounds=$((rounds + 1))
done
[ "$rounds" -gt 2 ] || failed "nothing was killed in the middle"
sweep $grid -o killed --csv >killed.csv 2>err || failed "after kills: $(cat err)"
cmp -s whole.csv killed.csv || failed "a killed sweep gives other results"
[ "$(sort killed/results.jsonl | uniq | wc -l)" -eq 24 ] || failed "points twice"

# Nothing is left to do, and it is shown in every way.
cp whole/results.jsonl before
sweep $grid -o whole >out 2>err || failed "a second run: $(cat err)"
grep -q '24 points, 0 of them measured now' out || failed "measured twice"
cmp -s before whole/results.jsonl || failed "a second run changes the results"
sweep --k 3 -o whole --json >out 2>err || failed "--json: $(cat err)"
grep -q '"perplexity"' out || failed "--json has no perplexity"
if command -v python3 >/dev/null; then
    python3 -m json.tool <out >/dev/null || failed "--json is no JSON"
fi
for picture in silence spikes counts rates energy-horowitz-45nm; do
    [ -s whole/$picture.png.gnuplot ] || failed "no script of $picture"
    [ -s whole/$picture.png ] || ! command -v gnuplot >/dev/null ||
        failed "no picture $picture"
done
mkdir bare
ln -s "$(command -v lucciola)" bare/lucciola
PATH=$work/bare lucciola sweep -m model.gguf -f text -w 64 --chunks 8 --k 3,4 -o plain \
    >out 2>err || failed "without gnuplot: $(cat err)"
grep -q 'gnuplot is not installed' err && [ -s plain/silence.png.gnuplot ] ||
    failed "without gnuplot nothing is kept: $(cat err)"

# The same figures as ppl.
lucciola ppl -m model.gguf -f text -w 64 --chunks 8 --k 3 --kl --json >ppl.json 2>err
figure() { sed -n "s/^ *\"$1\": \([-0-9.e]*\),*$/\1/p" "$2" | head -1; }
sweep --k 3 -o whole --json >sweep.json 2>err
for name in perplexity ratio ratio_error kl silent_share sop event_driven_share; do
    [ -n "$(figure $name ppl.json)" ] &&
        [ "$(figure $name ppl.json)" = "$(figure $name sweep.json)" ] ||
        failed "$name: $(figure $name ppl.json) by ppl, $(figure $name sweep.json)"
done

# What cannot work keeps its sentence, and the rest goes on.
sweep --encoder bitwise,phase --neuron if,izhikevich --window 0,3 --k 0.5 -o odd \
    >out 2>err || failed "points that cannot work: $(cat err)"
grep -q '"sentence"' odd/results.jsonl && grep -q 'what cannot work' out ||
    failed "no point kept a sentence"
grep -q '"row"' odd/results.jsonl || failed "nothing else went on"

# Other sweeps' folders, wrong options, folders that cannot be written
refused 2 "model" lucciola sweep -m other.gguf -f text -w 64 --chunks 8 -o whole
refused 2 "text_sha256" lucciola sweep -m model.gguf -p "$(cat text) more" -w 64 \
    --chunks 8 -o whole
refused 2 "window_tokens" lucciola sweep -m model.gguf -f text -w 32 --chunks 8 -o whole
refused 2 "seed" sweep -o whole --seed 5
refused 2 "profiles" sweep -o whole --profile horowitz-45nm
lucciola tune -m model.gguf -f text -w 64 --calibrate 1 --judge 2 -o rows.conf >out 2>err ||
    failed "thresholds for a sweep: $(cat err)"
refused 2 "thresholds_sha256" sweep -o whole --thresholds rows.conf
sweep -o tuned --thresholds rows.conf --json >out 2>err && grep -q '"perplexity"' out ||
    failed "a sweep with --thresholds: $(cat err)"
refused 2 "excludes it" sweep -o new --thresholds rows.conf --k 2,3
refused 2 "a folder is needed" sweep --k 3
refused 2 "listed twice" sweep --k 3,3.0 -o new
refused 2 "--k: expected numbers" sweep --k 3,x -o new
refused 2 "--k: expected numbers above 0" sweep --k 3,-1 -o new
refused 2 "--encoder: no 'nothing'" sweep --encoder bitwise,nothing -o new
refused 2 "--neuron if" sweep --neuron if:x=1 -o new
refused 2 "no site" sweep --spike all,nothing -o new
refused 2 "--jobs" sweep --jobs 0 -o new
refused 2 "--dense" sweep --dense -o new
refused 2 "--chosen" sweep --k 2,3 --chosen 3 -o new
refused 2 "exclude" sweep --csv --json -o new
refused 2 "shorter than a window" lucciola sweep -m model.gguf -p short -o new
refused 1 "none.txt" lucciola sweep -m model.gguf -f none.txt -o new
refused 1 "none.gguf" lucciola sweep -m none.gguf -f text -o new
[ ! -e new ] || failed "a refused sweep left a folder"
refused 1 "no/such" sweep --k 3 -o no/such
refused 1 "text" sweep --k 3 -o text
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed && chmod a-w closed
    refused 1 "closed" sweep --k 3 -o closed
fi
mkdir full
(ulimit -f 8; refused 1 "full/" sweep --k 2,3,4,6,8 -o full; exit $status) || status=1
sweep --k 2,3,4,6,8 -o full >out 2>err || failed "after a full disk: $(cat err)"
echo nonsense >whole/sweep.json
refused 1 "not the description" sweep $grid -o whole
exit $status
