#!/usr/bin/env python3
"""The results of pairs.sh as a Markdown table, or with --points as data to plot."""
import json, pathlib, sys

folder = pathlib.Path(sys.argv[-1])
rows, sentences = {}, {}
for path in sorted(folder.glob("*.json")):
    rows[path.stem] = json.loads(path.read_text())[0]
for path in sorted(folder.glob("*.sentence")):
    sentences[path.stem] = path.read_text().strip()

if "--points" in sys.argv:
    # neuron+code+kK: a curve over k; with +TT behind it: over T, each at its best k.
    series, best = {}, {}
    for name, row in rows.items():
        neuron, code, *settings = name.split("+")
        point = (row["spikes_per_channel"], row["mean_steps"], row["ratio"], row["ratio_error"])
        if len(settings) == 1:
            series.setdefault(f"{neuron} {code}", []).append(point)
        elif len(settings) == 2:
            key = (f"{neuron} {code}", int(settings[1][1:]))
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
for name in sorted(rows):
    if name.count("+") == 1:
        r = rows[name]
        columns = [*name.split("+"), f"{r['perplexity']:.3g} ± {r['perplexity_error']:.2g}", f"{r['ratio']:.3g} ± {r['ratio_error']:.2g}"]
        columns += [f"{r['kl']:.3g}", f"{r['rate_hz']:.1f}", f"{r['spikes_per_channel']:.2f}", f"{r['mean_steps']:.1f}", f"{r['sop']:.0f}"]
        print("|", " | ".join(columns), "|")
refused = {}
for name in sorted(set(sentences) - set(rows)):
    sentence = sentences[name]
    neuron, code = name.split("+")
    reason = sentence.replace(f"encoder {code}", "the code").replace(f"neuron {neuron}", "the neuron")
    refused.setdefault(reason, {}).setdefault(code, []).append(neuron)
for reason, codes in refused.items():
    print(f"\n{sum(map(len, codes.values()))} pairs do not work, since {reason}:")
    for code, neurons in codes.items():
        print(f"- {code}: {', '.join(neurons)}")
