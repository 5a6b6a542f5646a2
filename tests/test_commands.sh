#!/bin/sh
# What every command does with bad input, and what `run` promises: a recording that both
# engines replay, the same text for the same seed, the same spikes for any number of
# threads. Runs on a random model, and on stories260K.bin where CASES has it.
set -u
status=0
work=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
tests llama model.gguf || exit 1
tests qwen2 other.gguf || exit 1

failed() {
    echo "$*"
    status=1
}

# Wanted exit status and a part of the one line on stderr; arguments.
refused() {
    wanted=$1
    part=$2
    shift 2
    lucciola "$@" >out 2>err </dev/null
    code=$?
    [ "$code" -eq "$wanted" ] || failed "$*: status $code, expected $wanted: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || failed "$*: expected one line, found: $(cat err)"
    grep -qF -e "$part" err || failed "$*: '$part' expected in: $(cat err)"
    for left in *.partial; do
        [ ! -e "$left" ] || failed "$*: left $left"
    done
}

works() {
    lucciola "$@" >out 2>err </dev/null || failed "$*: status $?: $(cat err)"
}

if command -v python3 >/dev/null; then
    parses() { python3 -m json.tool <"$1" >/dev/null; }
elif command -v jq >/dev/null; then
    parses() { jq . <"$1" >/dev/null; }
else
    echo '    skipped: neither python3 nor jq to parse JSON'
    parses() { :; }
fi

is_json() {
    works "$@" --json
    parses out || failed "$*: no JSON: $(head -c 200 out)"
}

long=$(printf '%200s' '' | tr ' ' a)

# Usage
works --help
for command in claims encoders energy export info network neurons pack ppl profiles run sweep tokens \
               view; do
    grep -q "^  $command " out || failed "--help does not list $command"
done
for command in claims encoders energy export info network neurons pack ppl profiles run sweep tokens; do
    lucciola $command --help >help 2>err || failed "$command --help: status $?"
    [ -s help ] && [ ! -s err ] || failed "$command --help is not on stdout"
    refused 2 "no option '--nothing'" $command --nothing
    refused 2 "no option '-X'" $command -X
    refused 2 "--config expects" $command --config
    refused 1 "none.conf" $command --config none.conf
    refused 2 "argument too many" $command a b c d e f g h i
done
lucciola >out 2>err
[ $? -eq 2 ] && [ ! -s out ] || failed "no command: expected its usage on stderr"
refused 2 "no command 'nothing'" nothing
refused 2 "no option '--x?y'" run "--x
y"

# Models
for command in run ppl tokens; do
    refused 1 "none.gguf: No such file" $command -m none.gguf -p hello
    refused 1 "not a regular file" $command -m . -p hello
    refused 2 "" $command -m model.gguf
    refused 2 "" $command -m model.gguf -p hello -f model.gguf
    refused 1 "none.txt" $command -m model.gguf -f none.txt
done
refused 1 "none.gguf: No such file" info none.gguf
refused 1 "none.json: No such file" info none.json
refused 1 "none.json: No such file" info model.gguf none.json
refused 2 "--context" info model.gguf --context 5,x
refused 2 "--position" info model.gguf other.gguf --position 3
printf '{"model_type": "llama", "num_hidden_layers": 2}' >config.json
refused 1 "config.json: hidden_size is missing" info config.json
cat >config.json <<'END'
{ "model_type": "llama", "num_hidden_layers": 2, "hidden_size": 8, "vocab_size": 9,
  "intermediate_size": 12, "num_attention_heads": 2 }
END
works info config.json --context 5
grep -q "^total " out || failed "info config.json shows no total"
works info model.gguf config.json --context 5,70
grep -q "^MAC per token at 70 " out || failed "info compares nothing"
size=$(wc -c <model.gguf)
for bytes in 0 1 4 23 24 100 611 1000 5000 20000 $((size / 2)) $((size - 1)); do
    head -c "$bytes" model.gguf >cut.gguf
    refused 1 "cut.gguf: " run -m cut.gguf -p hello
    refused 1 "cut.gguf: " info cut.gguf
done
for bytes in 0 4 100 611 1000; do
    head -c "$bytes" model.gguf >cut.gguf
    refused 1 "cut.gguf: " tokens -m cut.gguf -p hello
done

# Thresholds by site
for i in 1 2 3 4 5 6 7 8 9; do printf 'line %s %s\n' "$i" "$long"; done >text.txt
tune="tune -m model.gguf -f text.txt -w 32 -o sites.conf"
refused 2 "--budget" $tune --budget 0
refused 2 "--against" $tune --against nothing
refused 2 "--save" $tune --save nothing
for list in 5,1 x 1,,2 1,2,; do refused 2 "--budget" $tune --budget $list; done
refused 2 "no first quarter" tune -m model.gguf -p "$long" -w 64
refused 2 "leave it nothing" $tune --dense
refused 2 "leave it nothing" $tune --threshold 1
works $tune --budget 5
[ -s sites.conf ] && grep -q '^L04.ffn_down = ' sites.conf || failed "tune wrote no rows"
awk '/^tuned / { found = $8 - 3 * $9 <= 1.05 } END { exit !found }' out ||
    failed "tune leaves its budget on the held-out text: $(cat out)"
cp sites.conf first.conf
is_json $tune --budget 5
cmp -s sites.conf first.conf || failed "tune with known costs chooses otherwise"
works tune -m model.gguf -f text.txt -w 32 --budget 5 --head spike -o speaking.conf
awk '$1 == "head" { found = $3 > 0 } END { exit !found }' speaking.conf.costs ||
    failed "silence of a head that spikes costs nothing"
works $tune --budget 1,5 --against untuned
[ -s sites.conf.1 ] && [ -s sites.conf.5 ] && grep -q '^tuned, 5 %' out ||
    failed "tune does not do both budgets: $(cat out)"
works $tune --budget 5 --save channels --refine 1 --compare --threshold-group 16
for row in 'k 3 ' 'TEAL 25 % ' 'TEAL 65 %, greedy '; do
    grep -q "^$row" out || failed "tune --compare has no row '$row': $(cat out)"
done
grep -q '^L04.ffn_down = .* .* 16$' sites.conf || failed "tune forgets the groups"
works ppl -m model.gguf -f text.txt -w 32 --thresholds sites.conf
cp first.conf sites.conf
for i in 1 2 3 4 5 6 7 8 9; do printf 'another text\n%s' "$long"; done >other.txt
refused 2 "costs of" tune -m model.gguf -f other.txt -w 32 -o sites.conf
echo "L00.attn_in = x" >bad.costs
refused 2 "bad.costs: costs of" $tune --costs bad.costs
works ppl -m model.gguf -f text.txt -w 32 --thresholds sites.conf
grep -q 'thresholds by site' out || failed "ppl does not say thresholds by site"
refused 2 "sites.conf: made for model.gguf" run -m other.gguf -p hello --thresholds sites.conf
refused 1 "none.conf" run -m model.gguf -p hello --thresholds none.conf
refused 2 "excludes it" ppl -m model.gguf -f text.txt -w 32 --thresholds sites.conf --k 2,3
works run -m model.gguf -p hello -n 3 --thresholds sites.conf -o sites.h5
rm sites.conf
works run --from sites.h5 -m model.gguf
works run --from sites.h5 -m model.gguf --engine events
works energy sites.h5

# A replay through the queue holds against a recording what it was asked to keep.
for kept in spikes spikes:L00 spikes:ffn_down,L01:1-2 spikes::2-; do
    works run -m model.gguf -p hello -n 3 --record $kept -o kept-spikes.h5
    works run --from kept-spikes.h5 -m model.gguf --engine events
done

# Options of a run
hello="run -m model.gguf -p hello -n 3"
for k in 0 -1 nan inf 1e400 x 3,x ,3 3, ''; do
    refused 2 "--k: expected numbers above 0" $hello --k "$k"
    refused 2 "--k: expected numbers above 0" ppl -m model.gguf -p "$long" -w 16 --k "$k"
done
refused 2 "--neuron: no 'nothing'" $hello --neuron nothing
refused 2 "--encoder: no 'nothing'" $hello --encoder nothing
refused 2 "--neuron lif" $hello --neuron lif:nothing=1
refused 2 "--neuron lif" $hello --neuron lif:tau_m=nan
refused 2 "closed form" $hello --neuron lif --encoder ternary --engine counts
refused 2 "--engine" $hello --engine nothing
refused 2 "--window" $hello --window -1
refused 2 "--window" $hello --window 99999999999999999999
refused 2 "--clamp" $hello --clamp 2:1
refused 2 "--threshold" $hello --threshold 0
refused 2 "--dt" $hello --dt 0
refused 2 "--spike: 'nothing'" $hello --spike attn,nothing
refused 2 "--head" $hello --head nothing
refused 2 "--precision" $hello --dense --precision nothing
refused 2 "--weights" $hello --weights 3
refused 2 "--kernel" $hello --kernel nothing
refused 2 "--threads" $hello --threads 1000
refused 2 "--seed" $hello --seed -1
refused 2 "--temperature" $hello --temperature nan
refused 2 "--top-p" $hello --top-p 0
refused 2 "--tokens is given twice" $hello -n 4
refused 2 "--json takes no value" $hello --json=yes
refused 2 "expects TEXT" run -m model.gguf -p
refused 2 "empty" run -m model.gguf -p ""
refused 2 "--context" run -m model.gguf -p "$long" -n 0
refused 2 "129" run -m model.gguf -p hello -c 129
refused 1 "chat template" $hello --chat
refused 1 "nothing" $hello --profile nothing
refused 2 "shorter than a window" ppl -m model.gguf -p hello -w 16
refused 2 "--window" ppl -m model.gguf -p "$long" -w 3
refused 2 "--position" info model.gguf --position 128
refused 1 "nothing" profiles nothing
mkdir -p counters/intel-rapl:0
LUCCIOLA_POWERCAP=counters
export LUCCIOLA_POWERCAP
echo package-0 >counters/intel-rapl:0/name
echo 5 >counters/intel-rapl:0/energy_uj
echo 100 >counters/intel-rapl:0/max_energy_range_uj
refused 1 "the energy counters stand still" profiles cpu-measured
rm -r counters
refused 1 "this machine shows no energy counters" profiles cpu-measured
unset LUCCIOLA_POWERCAP
: >empty
refused 2 "empty" run -m model.gguf -f empty
echo 'tokens = many' >bad.conf
refused 2 "--tokens" run -m model.gguf -p hello --config bad.conf
echo 'nothing = 1' >bad.conf
refused 2 "line 1" $hello --config bad.conf

# Recordings
works $hello -o run.h5
cp run.h5 kept.h5
refused 1 "No such file" $hello -o none/run.h5
refused 1 "run.h5" $hello -o /proc/run.h5
mkdir closed
cp run.h5 closed
chmod a-w closed
if [ "$(id -u)" -ne 0 ]; then
    refused 1 "Permission denied" $hello -o closed/run.h5
else
    echo '    skipped: no folder is read-only for root'
fi
mkdir folder
refused 1 "folder" $hello -o folder
for wrong in "-k 3,4" --dense "--record nothing" "--record spikes:nothing" \
             "--from kept.h5" "--chat" "--profile nothing" "-m none.gguf"; do
    lucciola run -m model.gguf -p hello -o run.h5 $wrong >out 2>err &&
        failed "$hello -o run.h5 $wrong: status 0"
    cmp -s run.h5 kept.h5 || failed "$wrong: the earlier recording is not intact"
done
refused 2 "-o" $hello --dense -o run.h5
refused 2 "nothing" $hello --record nothing
refused 2 "--dense" ppl -m model.gguf -p "$long" -w 16 --dense -o new.h5
for command in "energy" "view --png view.png" "export --to csv" \
               "run -m model.gguf --from"; do
    refused 1 "none.h5: No such file" $command none.h5
    refused 1 "model.gguf: not an HDF5 file" $command model.gguf
    for bytes in 1 100 3000; do
        head -c "$bytes" kept.h5 >cut.h5
        refused 1 "cut.h5" $command cut.h5
    done
done
refused 2 "recorded with a model of" run -m other.gguf --from kept.h5
refused 2 "recorded L00.attn_in (if, bitwise" run -m model.gguf --from kept.h5 \
    --encoder ternary
refused 1 "differs" run -m model.gguf --from kept.h5 --k 5
refused 2 "--to" export kept.h5 --to nothing
refused 2 "expected all, additions-8" energy kept.h5 --model nothing
refused 2 "--by: expected role or token" energy kept.h5 --model all --by layer
refused 2 "about the rows of --model" energy kept.h5 --by token
refused 2 "about the rows of --model" energy kept.h5 --csv
refused 2 "exclude each other" energy kept.h5 --model all --csv --json
works energy kept.h5 --model lemaire --by token
grep -q '^by token' out || failed "energy --by token has no rows"
works energy kept.h5 --model all --csv
[ "$(grep -c '^lemaire,int32,all,' out)" -eq 1 ] || failed "energy --csv has no row of all"
priced() {
    printf 'name = x\nprocess = y\nbasis = z\nyear = 2014\n%b' "$2" >priced.conf
    refused 1 "$1" energy kept.h5 --profile ./priced.conf
}
priced "a profile needs a source" ""
priced "a number from 0 on, found '-1'" "source = s\nadd_i8_pj = -1\n"
priced "expected the unit _pj, found '_nj'" "source = s\nhop_nj = 1\n"
priced "expected the unit _mw, found '_pj'" "source = s\nstatic_pj = 1\n"
refused 1 "No such file" export kept.h5 --to csv -o none/run.csv
[ ! -e cut.csv ] && [ ! -e view.png ] || failed "export or view left a file"

# Results
# A plug-in whose row holds a number that JSON cannot is listed all the same.
for name in rate-poisson tuning ternary; do
    works encoders
    grep -q "^$name " out || failed "encoders does not list $name"
done

for command in encoders neurons profiles "profiles horowitz-45nm" "info model.gguf" \
               "info model.gguf --tensors" "info config.json" "info config.json model.gguf" \
               "tokens -m model.gguf -p hello" \
               "tokens -m model.gguf -p 260 --decode" "$hello" "$hello --dense" \
               "$hello --k 2,3" "run -m model.gguf -p hello -n 0" \
               "ppl -m model.gguf -f text -w 16 --kl --k 2,3" \
               "run -m model.gguf --from kept.h5" "energy kept.h5" \
               "energy kept.h5 --profile all --model all"; do
    printf '%s' "$long" >text
    is_json $command
done

# What a run of a model promises; further arguments say which.
promises() {
    temperature="--temperature 1 --seed 7 -n 24"
    works run -p "Once upon a time" -n 12 --record spikes -t 1 -o one.h5 "$@"
    sed -n '/^role/,$p' out >figures
    works run -p "Once upon a time" -n 12 --record spikes -t 2 -o two.h5 "$@"
    works export one.h5 --to csv -o one.csv
    works export two.h5 --to csv -o two.csv
    cmp -s one.csv two.csv || failed "$*: one and two threads spike differently"
    [ "$(wc -l <one.csv)" -gt 1000 ] || failed "$*: hardly a spike"
    for engine in counts events; do
        works run --from one.h5 --engine $engine "$@"
        grep -q identical out || failed "$*: engine $engine replays something else"
    done

    works energy one.h5
    sed -n '/^role/,$p' out | cmp -s - figures ||
        failed "$*: energy says something else than the run"
    works energy two.h5
    sed -n '/^role/,$p' out | cmp -s - figures ||
        failed "$*: two threads cost something else"

    works run -p "Once upon a time" $temperature "$@"
    cp out first
    works run -p "Once upon a time" $temperature -t 1 "$@"
    cmp -s out first || failed "$*: the same seed gives another text"
    works run -p "Once upon a time" $temperature "$@" --engine events
    cmp -s out first || failed "$*: the engines give different texts"
}

promises -m model.gguf
promises -m other.gguf
if [ -r "${CASES:-}/stories260K.bin" ] && [ -r "${CASES:-}/tok512.bin" ]; then
    promises -m "$CASES/stories260K.bin"
    works run -m "$CASES/stories260K.bin" -p "Once upon a time" -n 40 --dense \
        --precision float
    grep -q 'there was a little girl named Lily' out ||
        failed "stories260K.bin continues: $(head -c 200 out)"
    cp "$CASES/stories260K.bin" lonely.bin
    head -c 100000 lonely.bin >cut.bin
    refused 1 "cut.bin" run -m cut.bin -p hello
    refused 2 "--tokenizer" run -m lonely.bin -p hello
else
    echo '    skipped: no stories260K.bin and tok512.bin in the folder CASES'
fi
exit $status
