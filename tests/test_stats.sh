#!/bin/sh
# Statistics, import and export by the commands: every format gives the same numbers, and
# numpy the same as we do.
set -u
cd "$(dirname "$0")/.." || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
status=0

fail() {
    echo "$*"
    status=1
}

# 12 neurons in two populations, 20 s: a rhythm of 8 Hz over random spikes.
awk 'BEGIN {
    srand(5); print "time_ms,node,population"
    for (step = 0; step < 200000; step++) {
        rate = 0.003 * (1 + cos(6.283185307179586 * 8 * step / 10000))
        for (n = 0; n < 12; n++)
            if (rand() < rate * (n < 8 ? 0.5 : 1) && n != 3)
                printf "%.1f,%d,%s\n", step / 10, n, n < 8 ? "E" : "I"
    } }' > "$folder/spikes.csv"

lucciola stats "$folder/spikes.csv" --json > "$folder/csv.json" || fail "stats of a CSV"
lucciola import "$folder/spikes.csv" -o "$folder/run.h5" > /dev/null 2> "$folder/log" ||
    fail "import of a CSV"
lucciola stats "$folder/run.h5" --json --neurons "$folder/neurons.csv" \
    > "$folder/run.json" || fail "stats of an import"
for format in csv nest nirdata sonata; do
    lucciola export "$folder/run.h5" --to $format -o "$folder/out.$format" > /dev/null &&
        lucciola import "$folder/out.$format" -o "$folder/back.h5" > /dev/null 2>&1 &&
        lucciola export "$folder/back.h5" --to nest -o "$folder/$format.dat" > /dev/null ||
        fail "there and back by $format"
    cmp "$folder/nest.dat" "$folder/$format.dat" 2> /dev/null || [ $format = csv ] ||
        fail "$format changes the spikes"
done
cmp "$folder/nest.dat" "$folder/csv.dat" || fail "csv changes the spikes"
[ "$(head -1 "$folder/neurons.csv")" = "population,neuron,spikes,rate_hz,cv,fano" ] &&
    [ "$(wc -l < "$folder/neurons.csv")" -eq 13 ] || fail "the table of neurons"

lucciola view "$folder/out.nirdata" --png "$folder/out.png" 2> /dev/null &&
    [ -s "$folder/out.png" ] || fail "a foreign file is not drawn"

refuse() {      # sentence, command
    sentence=$1
    shift
    if "$@" > "$folder/out" 2> "$folder/err"; then
        fail "not refused: $*"
    fi
    [ "$(wc -l < "$folder/err")" -eq 1 ] && grep -q -e "$sentence" "$folder/err" ||
        fail "expected one line with '$sentence': $(cat "$folder/err")"
}
echo "nonsense here" > "$folder/bad.csv"
printf '5,1\n3,1\n' > "$folder/unsorted.csv"
refuse "is needed" lucciola stats
refuse "No such file" lucciola stats "$folder/none.h5"
refuse "line 1" lucciola stats "$folder/bad.csv"
refuse "before the neuron's last" lucciola stats "$folder/unsorted.csv"
refuse "no population, layer or role 'X'" lucciola stats "$folder/run.h5" --population X
refuse "window" lucciola stats "$folder/run.h5" --window 0
refuse "with -o" lucciola import "$folder/spikes.csv"
refuse "more than 3" lucciola import "$folder/spikes.csv" -o "$folder/no.h5" --size 3
refuse "line 1" lucciola import "$folder/bad.csv" -o "$folder/no.h5"
refuse "line 1" lucciola view "$folder/bad.csv" --png "$folder/no.png"
refuse "expected sonata" lucciola export "$folder/run.h5" --to paper
[ -e "$folder/no.h5" ] && fail "a refused import left a file"
lucciola import "$folder/unsorted.csv" -o "$folder/sorted.h5" > /dev/null 2>&1 &&
    lucciola stats "$folder/sorted.h5" > /dev/null || fail "a file that needs sorting"

if ! python3 -c 'import numpy, pandas' 2> /dev/null; then
    echo "  skipped: the comparison with numpy needs python3 with numpy and pandas"
    exit $status
fi
python3 - "$folder" <<'EOF' || fail "numpy finds other numbers"
import json, sys
import numpy as np, pandas as pd
folder = sys.argv[1]
spikes = pd.read_csv(folder + "/spikes.csv")
found = {p["population"]: p for p in json.load(open(folder + "/run.json"))["populations"]}
other = {p["population"]: p for p in json.load(open(folder + "/csv.json"))["populations"]}
bad = 0
def same(what, ours, theirs, tolerance=1e-9):
    global bad
    if not abs(ours - theirs) <= tolerance * max(1, abs(theirs)):
        print(f"{what}: {ours}, numpy {theirs}")
        bad = 1
end = np.floor(spikes.time_ms.max() / 0.1 + 0.5) * 0.1 + 0.1    # the import adds a step
for name, first, size in (("E", 0, 8), ("I", 8, 4)):
    part, p = spikes[spikes.population == name], found[name]
    trains = [np.round(part.time_ms[part.node == n].to_numpy(), 1)
              for n in range(first, first + size)]
    def binned(width):
        bins = int(end / width + 1e-6)
        return np.array([np.bincount((t / width + 1e-6).astype(int),
                                     minlength=bins + 1)[:bins] for t in trains])
    isi = [np.diff(t) for t in trains]
    long = [i for i in isi if len(i) >= 2]
    same("spikes", p["spikes"], len(part))
    same("silent", p["silent"], sum(len(t) == 0 for t in trains))
    same("rate", p["rate_hz"], len(part) / size / end * 1000)
    same("median", p["rate_quantiles_hz"][2],
         np.quantile([len(t) / end * 1000 for t in trains], 0.5))
    same("cv", p["cv"], np.mean([i.std() / i.mean() for i in long]))
    ratio = [np.abs(np.diff(i)) / (i[1:] + i[:-1]) for i in long]
    same("cv2", p["cv2"], np.mean([2 * r.mean() for r in ratio]))
    same("lv", p["lv"], np.mean([3 * (r ** 2).mean() for r in ratio]))
    w = binned(100)
    w = w[w.sum(1) > 0]
    same("fano", p["fano"], np.mean(w.var(1, ddof=1) / w.mean(1)))
    n = binned(5)
    live = n[n.var(1) > 0]
    r = np.corrcoef(live)[np.triu_indices(len(live), 1)]
    same("pairs", p["pairs"], len(r))
    same("correlation", p["correlation"], r.mean())
    same("chi", p["synchrony"],
         np.sqrt(n.mean(0).var(ddof=1) / n.var(1, ddof=1).mean()))
    x, S = binned(1).sum(0), 4096
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(S) / S)
    power = [np.abs(np.fft.rfft(hann * (x[i:i + S] - x[i:i + S].mean()))) ** 2
             for i in range(0, len(x) - S + 1, S // 2)]
    power = np.mean(power, 0) / (hann ** 2).sum() / x.mean()
    same("segments", p["segments"], len(range(0, len(x) - S + 1, S // 2)))
    same("power", p["peak_power"], power[2:S // 2 - 1].max(), 1e-6)
    same("rhythm", p["peak_hz"], 8, 0.01)
    count = sum(i["count"] for i in p["intervals"]) + p["intervals_outside"]
    same("intervals", count, sum(len(i) for i in isi))
    for i in p["intervals"]:
        all = np.round(np.concatenate(isi), 1)
        same("interval bin", i["count"],
             ((all >= i["from_ms"] - 1e-9) & (all < i["to_ms"] - 1e-9)).sum())
    same("text and import", other[name]["cv"], p["cv"], 1e-6)
neurons = pd.read_csv(folder + "/neurons.csv")
same("all neurons", neurons.spikes.sum(), len(spikes))
sys.exit(bad)
EOF
exit $status
