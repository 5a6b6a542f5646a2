#!/bin/sh
# The README's pictures of the viewer, from what `make demo` records and two runs with
# fine and coarse thresholds. Usage: experiments/pictures.sh [FOLDER]
set -eu
cd "$(dirname "$0")/.."

bin=build/release/bin
demo=build/demo
out=${1:-notes/pictures}
prompt="A firefly glows in the dark because"
mkdir -p "$out"
if [ ! -f "$demo/run.h5" ] || [ ! -f "$demo/neuron.h5" ]; then
    echo "no $demo/run.h5 and neuron.h5: 'make demo' records them" >&2
    exit 1
fi
for k in 4 1; do
    [ -f "$demo/k$k.h5" ] ||
        "$bin/lucciola" run -p "$prompt" -n 40 -k $k -o "$demo/k$k.h5" >/dev/null
done

"$bin/lucciola-view" "$demo/run.h5" --png "$out/raster.png" --size 1280x680 \
    --tokens 0-12 --at 12.999 --select L15 --panes raster,text --font-scale 1.25
"$bin/lucciola-view" "$demo/run.h5" --png "$out/map.png" --size 1280x480 \
    --at 12.6 --panes map --dark --font-scale 1.6
"$bin/lucciola-view" "$demo/k4.h5" "$demo/k1.h5" --png "$out/compare.png" \
    --size 1600x900 --tokens 0-12 --at 12.999 --select L15 --panes raster,text
