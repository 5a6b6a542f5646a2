#!/usr/bin/env python3
"""The results of pairs.sh as a Markdown table, or with --points as data to plot."""
import json, pathlib, sys

folder = pathlib.Path(sys.argv[-1])


def results(sweep):
    """(neuron, code, the point's other settings, its line) of every line of a sweep, in order."""
    lines = [json.loads(line) for line in (folder / sweep / "results.jsonl").open()]
    return sorted(((l["point"]["neuron"], l["point"]["encoder"], l["point"], l) for l in lines), key=lambda p: p[:2])


if "--points" in sys.argv:
    # Codes: a curve over k; neurons: over the window T, each at its best k.
    series, best = {}, {}
    coordinates = lambda row: (row["spikes_per_channel"], row["mean_steps"], row["ratio"], row["ratio_error"])
    for neuron, code, _, line in results("codes"):
        if "row" in line:
            series.setdefault(f"{neuron} {code}", []).append(coordinates(line["row"]))
    for neuron, code, settings, line in results("neurons"):
        if "row" in line:
            key, point = (f"{neuron} {code}", int(settings["window"])), coordinates(line["row"])
            best[key] = min(best.get(key, point), point, key=lambda p: p[2])
    for (label, window), point in best.items():
        series.setdefault(label, []).append(point)
    for label, points in series.items():
        print(f'"{label}"')
        for point in sorted(points):
            print(*point)
        print("\n")
    sys.exit()

print("| neuron | code | perplexity | over float | KL, nats | rate, Hz | spikes/channel | T | SOP/token |")
print("|---|---|---|---|---|---|---|---|---|")
refused = {}
for neuron, code, _, line in results("table"):
    if "row" in line:
        r = line["row"]
        columns = [neuron, code, f"{r['perplexity']:.3g} ± {r['perplexity_error']:.2g}", f"{r['ratio']:.3g} ± {r['ratio_error']:.2g}"]
        columns += [f"{r['kl']:.3g}", f"{r['rate_hz']:.1f}", f"{r['spikes_per_channel']:.2f}", f"{r['mean_steps']:.1f}", f"{r['sop']:.0f}"]
        print("|", " | ".join(columns), "|")
    else:
        reason = line["sentence"].replace(f"encoder {code}", "the code").replace(f"neuron {neuron}", "the neuron")
        refused.setdefault(reason, {}).setdefault(code, []).append(neuron)
for reason, codes in refused.items():
    print(f"\n{sum(map(len, codes.values()))} pairs do not work, since {reason}:")
    for code, neurons in codes.items():
        print(f"- {code}: {', '.join(neurons)}")
