#!/bin/sh
# The main job on a real model, start to end: continue a sentence as a spiking network,
# replay its tokens through the event queue, let it dissolve, draw it; and a few fireflies,
# for the tour of one neuron.
# Usage: experiments/demo.sh [FOLDER]; writes run.h5, neuron.h5 and raster.png there.
set -eu
cd "$(dirname "$0")/.."

bin=build/release/bin
out=${1:-build/demo}
prompt="A firefly glows in the dark because"
mkdir -p "$out"

say() { printf '\n== %s\n\n' "$1"; }

say "$prompt ... as a spiking network: if neurons, bitwise code, k = 3"
"$bin/lucciola" run -p "$prompt" -n 40 --k 3 --neuron if --encoder bitwise -o "$out/run.h5"

say "the same tokens through the event queue, step by step"
"$bin/lucciola" run --from "$out/run.h5" --engine events

say "coarser and coarser thresholds: V = mean|x| / k"
"$bin/lucciola" run -p "$prompt" -n 24 --k 8,4,2,1,0.5

say "the spikes, drawn"
"$bin/lucciola" view "$out/run.h5" --png "$out/raster.png"

say "36 fireflies that fall into step, with the membranes of six"
"$bin/lucciola" network fireflies --param side=6,radius=0 --ms 12000 \
    --trace field.v:0-5 -o "$out/neuron.h5" | sed -n 1,4p

printf '\nrecording: %s\npicture:   %s\n' "$out/run.h5" "$out/raster.png"
