#!/bin/sh
# Any neuron with any code on a language model: perplexity, rate, spikes and synaptic
# operations of every pair, and what a given perplexity costs in spikes and steps.
#
#     experiments/pairs.sh table MODEL FOLDER     every pair of the two tables
#     experiments/pairs.sh price MODEL FOLDER     a few pairs over k and window; a plot
#
# The text is the model's own, sampled from its dense float form, so that perplexity means
# the same for any model. FOLDER keeps what was made; a run that was stopped goes on.
# LUCCIOLA names the program; TEXTS, TOKENS and CHUNKS the size of the text; JOBS the
# processes.
set -eu

lucciola=${LUCCIOLA:-lucciola}
what=${1:-}
model=${2:-}
folder=${3:-}
case $what in table|price) ;; *) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2 ;; esac
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

# A folder below FOLDER, then the grid.
sweep() {
    name=$1
    shift
    "$lucciola" sweep -m "$model" -f "$text" -w 128 --chunks "${CHUNKS:-4}" \
        -j "${JOBS:-1}" -o "$folder/$name" "$@" > "$folder/$name.txt"
}

here=$(cd "$(dirname "$0")" && pwd)
if [ "$what" = table ]; then
    sweep table --neuron all --encoder all --threshold-group 0
    python3 "$here/pairs_table.py" "$folder" | tee "$folder/pairs.md"
else
    k=0.5,1,2,3,6,12
    sweep codes --k $k --neuron if --threshold-group 0 \
        --encoder rate,rate-poisson,latency,burst,bitwise,ternary,sigma_delta,tuning
    sweep neurons --k $k --neuron izhikevich,qif,cuba_lif --encoder rate \
        --window 16,32,64,128,256 --threshold-group 0
    python3 "$here/pairs_table.py" --points "$folder" > "$folder/price.txt"
    if command -v gnuplot >/dev/null; then
        (cd "$folder" && gnuplot "$here/pairs.gnuplot")
    else
        echo "no gnuplot: $folder/price.txt has the points" >&2
    fi
fi
