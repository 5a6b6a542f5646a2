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
    series = {}
    for name, row in rows.items():
        part = name.split("+")
        if len(part) > 2:
            label = " ".join(part[:2]) + (f" {part[3]}" if len(part) > 3 else "")
            series.setdefault(label, []).append((row["spikes_per_channel"], row["mean_steps"], row["ratio"], row["ratio_error"], part[2][1:]))
    for label, points in series.items():
        print(f'"{label}"')
        for point in sorted(points, key=lambda p: float(p[4])):
            print(*point)
        print("\n")
    sys.exit()

print("| neuron | code | perplexity | to float | KL nats | rate Hz | spikes/ch | T | SOP/token |")
print("|---|---|---|---|---|---|---|---|---|")
for name in sorted(set(rows) | set(sentences)):
    if name.count("+") != 1:
        continue
    neuron, code = name.split("+")
    if name in sentences:
        print(f"| {neuron} | {code} | does not work: {sentences[name]} | | | | | | |")
        continue
    r = rows[name]
    print(f"| {neuron} | {code} | {r['perplexity']:.3g} ± {r['perplexity_error']:.2g} | {r['ratio']:.3g} ± {r['ratio_error']:.2g} | {r['kl']:.3g} | {r['rate_hz']:.1f} | {r['spikes_per_channel']:.2f} | {r['mean_steps']:.1f} | {r['sop']:.0f} |")
