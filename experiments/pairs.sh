#!/bin/sh
# Any neuron with any code on a language model: perplexity, rate, spikes and synaptic
# operations of every pair, and what a given perplexity costs in spikes and steps.
#
#     experiments/pairs.sh table MODEL FOLDER     every pair of the two tables
#     experiments/pairs.sh price MODEL FOLDER     a few pairs over k and window; a plot
#
# The text is the model's own, sampled from its dense float form, so that perplexity means
# the same for any model. FOLDER keeps what was made; a run that was stopped goes on.
# LUCCIOLA names the program; TEXTS, TOKENS and CHUNKS the size of the text.
set -eu

lucciola=${LUCCIOLA:-lucciola}
what=${1:-}
model=${2:-}
folder=${3:-}
case $what in table|price) ;; *) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2 ;; esac
[ -n "$folder" ] || { echo "pairs.sh: expected a model and a folder" >&2; exit 2; }
mkdir -p "$folder"

text=$folder/text.txt
if [ ! -s "$text" ]; then
    seed=1
    while [ "$seed" -le "${TEXTS:-6}" ]; do
        "$lucciola" run -m "$model" --dense --precision float --temperature 1 --top-k 0 \
            --top-p 1 --min-p 0 --seed "$seed" -p "Once upon a time" \
            -n "${TOKENS:-120}" 2>/dev/null | sed '/surprisal per generated/,$d'
        seed=$((seed + 1))
    done > "$text.partial"
    mv "$text.partial" "$text"
fi

# One row: name, neuron, encoder, then options; what cannot work keeps its sentence.
score() {
    label=$1
    file=$folder/$label.json
    neuron=$2
    encoder=$3
    shift 3
    [ -s "$file" ] && return
    if "$lucciola" ppl -m "$model" -f "$text" -w 128 --chunks "${CHUNKS:-4}" --kl --json \
        --neuron "$neuron" --encoder "$encoder" "$@" > "$file.partial" 2> "$file.error"
    then
        mv "$file.partial" "$file"
    else
        rm -f "$file.partial"
        tail -n 1 "$file.error" | sed 's/^lucciola ppl: //' > "$folder/$label.sentence"
    fi
    rm -f "$file.error"
}

names() {
    "$lucciola" "$1" --json | python3 -c 'import json,sys; print(*[r["name"] for r in json.load(sys.stdin)])'
}

table() {
    for neuron in $(names neurons); do
        for encoder in $(names encoders); do
            score "$neuron+$encoder" "$neuron" "$encoder" --threshold-group 0
            echo "$neuron $encoder" >&2
        done
    done
    python3 "$(dirname "$0")/pairs_table.py" "$folder" > "$folder/pairs.md"
    cat "$folder/pairs.md"
}

price() {
    for k in 0.5 1 2 3 6 12; do
        for encoder in rate rate-poisson latency burst bitwise ternary sigma_delta tuning; do
            score "if+$encoder+k$k" if "$encoder" --k "$k" --threshold-group 0
        done
        for window in 16 32 64 128 256; do
            for neuron in izhikevich qif cuba_lif; do
                score "$neuron+rate+k$k+T$window" "$neuron" rate --k "$k" \
                    --window "$window" --threshold-group 0
            done
        done
        echo "k $k" >&2
    done
    python3 "$(dirname "$0")/pairs_table.py" --points "$folder" > "$folder/price.txt"
    if command -v gnuplot >/dev/null; then
        (cd "$folder" && gnuplot "$OLDPWD/$(dirname "$0")/pairs.gnuplot")
    else
        echo "no gnuplot: $folder/price.txt has the points" >&2
    fi
}

$what
