#!/bin/sh
# What a token costs is the same whoever counts: `run`, `ppl`, `sweep`, `claims` and
# `energy` on recordings of the first two give one figure for one text, though logits of
# all its tokens, of half of them or of the last alone were asked for.
set -u
status=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export OMP_WAIT_POLICY=passive
tests llama model.gguf || exit 1
command -v python3 >/dev/null || { echo '    skipped: no python3'; exit 0; }
awk 'BEGIN { for (i = 0; i < 6; i++) printf "word %d of a text. ", i }' >text

lucciola run -m model.gguf -f text -n 0 --json >count.json 2>err
window=$(sed -n 's/.*"prompt_tokens": \([0-9]*\).*/\1/p' count.json)

cat >check.py <<'END_CHECK'
import json, math, sys

def read(name):
    return json.load(open(name + ".json"))

PROFILE = "horowitz-45nm"
def energy(rows):
    return {row["boundary"]: (row["spiking_nj"], row["int8_nj"], row["fp16_nj"])
            for profile in rows if profile["profile"] == PROFILE
            for row in profile["boundaries"]}
def of_run(name):
    run = read(name)
    all_roles = run["roles"][-1]
    return {"share": run["event_driven_share"], "dense": all_roles["dense_ops"],
            "sop": all_roles["sop"], "energy": energy(run["energy"])}
def of_row(row):
    found = {"share": row["event_driven_share"], "dense": row["dense_ops"],
             "sop": row["sop"]}
    if "energy" in row:
        found["energy"] = energy(row["energy"])
    return found
def of_claims(name):
    row = read(name)["measurements"][0]["settings"][0]
    return {"share": row["event_driven_share"], "dense": row["dense_ops"],
            "sop": row["sop"],
            "energy": {b["boundary"]: (b["spiking_nj"], b["int8_nj"], b["fp16_nj"])
                       for b in row["energy_per_token"][PROFILE]}}

def differences(name, found, expected, loose):
    for key, value in found.items():
        pairs = ([(key, value, expected[key])] if key != "energy" else
                 [(f"{key}, {boundary}, {i}", a, expected[key][boundary][i])
                  for boundary, row in value.items() for i, a in enumerate(row)])
        for what, a, b in pairs:
            # A spiking head that ran for other tokens has other spikes.
            tolerance = 0.1 if loose and what != "share" and what != "dense" else 1e-8
            if not math.isclose(a, b, rel_tol=tolerance):
                yield f"{name}: {what}: {a}, expected {b}"

loose = sys.argv[1] == "spike"
expected = of_run("run")
others = {"ppl": of_row(read("ppl")[0]), "sweep": of_row(read("sweep")[0]["row"]),
          "claims": of_claims("claims"), "energy of run": of_run("run-energy"),
          "energy of ppl": of_run("ppl-energy")}
bad = [line for name, found in others.items()
       for line in differences(name, found, expected, loose)]
models = [m for m in read("ppl-energy")["costs"]["models"]]
for model, twin in zip(models, read("run-energy")["costs"]["models"]):
    a, b = model["rows"][-1], twin["rows"][-1]
    if not math.isclose(a["other_nj"], b["other_nj"], rel_tol=0.05 if loose else 1e-8):
        bad.append(f"model {model['model']}: {a['other_nj']}, expected {b['other_nj']}")
for line in bad:
    print(line)
sys.exit(bool(bad))
END_CHECK

for head in dense spike; do
    rm -rf folder
    common="-m model.gguf -f text --head $head"
    { lucciola run $common -n 0 -o run.h5 --json >run.json &&
      lucciola ppl $common -w "$window" -o ppl.h5 --json >ppl.json &&
      lucciola sweep $common -w "$window" -o folder --json >sweep.json &&
      lucciola claims $common -w "$window" --k 3 --results claims.json --store >out &&
      lucciola energy run.h5 --model all --json >run-energy.json &&
      lucciola energy ppl.h5 --model all --json >ppl-energy.json; } 2>err ||
        { echo "--head $head: $(cat err)"; status=1; continue; }
    python3 check.py $head || status=1
    rm -f claims.json
done
exit $status
