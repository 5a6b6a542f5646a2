#!/bin/sh
# `lucciola bench` by the command: every section gives rows with figures above 0, a peer
# takes part, and what cannot be is refused in a sentence.
set -u
status=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
tests qwen2 model.gguf || exit 1
lucciola pack -m model.gguf >packed || exit 1

failed() {
    echo "$*"
    status=1
}

refused() {     # a part of the one line on stderr; arguments
    part=$1
    shift
    if lucciola bench "$@" >out 2>err </dev/null; then
        failed "not refused: bench $*"
    fi
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$part" err ||
        failed "bench $*: one line with '$part' expected: $(cat err)"
}

cat >peer <<'PEER'
#!/bin/sh
echo '[{"avg_ts": 12.5}]'
PEER
chmod +x peer
printf '#!/bin/sh\necho none\n' >silent
chmod +x silent
i=0
while [ $i -lt 200 ]; do echo "the cat sat on the mat and the dog"; i=$((i + 1)); done >text.txt

lucciola bench decode prompt silence context events recording start -m model.gguf \
    --rounds 1 -n 16 --dead-zones 0,1 -f text.txt --chunks 1 \
    --peer ./peer --threads 1 --json >out.json 2>err || failed "bench failed: $(cat err)"
python3 - <<'PY' || status=1
import json, sys
result = json.load(open("out.json"))
want = ["decode", "prompt", "silence", "context", "events", "recording", "start"]
for name in want:
    rows = result.get(name)
    if not rows:
        sys.exit(f"section {name} has no rows")
    for row in rows:
        figure = row.get("median", row.get("tokens_per_second"))
        if not figure > 0:
            sys.exit(f"{name}: {row}")
peer = [r for r in result["decode"] if r["name"].startswith("peer")]
if [r["median"] for r in peer] != [12.5]:
    sys.exit(f"peer: {peer}")
names = [r["name"] for r in result["start"]]
if names != ["run -n 1", "run -n 64", "run -n 1, packed", "run -n 64, packed"]:
    sys.exit(f"start: {names}")
zones = result["silence"][1:3]
if not zones[0]["silent"] < zones[1]["silent"] or not zones[1]["fetched"] < zones[0]["fetched"]:
    sys.exit(f"silence: {zones}")
if not all(r["perplexity"] > 1 for r in zones):
    sys.exit(f"perplexity: {zones}")
PY

# Without a model, for its kernels, and with one for theirs; two sections read a gigabyte.
sections=
if [ "$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)" -gt 3000 ]; then
    sections="memory gaps"
    lucciola bench $sections --rounds 1 --threads 2 --json >out.json 2>err ||
        failed "bench $sections failed: $(cat err)"
else
    echo "  skipped: no memory for bench memory and gaps"
fi
lucciola bench kernels -m model.gguf --rounds 1 --threads 2 --json >kernels.json 2>err ||
    failed "bench kernels failed: $(cat err)"
python3 - $sections <<'PY' || status=1
import json, sys
result = json.load(open("kernels.json"))
if sys.argv[1:]:
    result.update(json.load(open("out.json")))
for name in ["kernels"] + sys.argv[1:]:
    rows = result.get(name)
    if not rows:
        sys.exit(f"section {name} has no rows")
    for row in rows:
        if not row.get("median", row.get("speed", 1)) > 0:
            sys.exit(f"{name}: {row}")
shares = {row["share"] for row in result.get("gaps", [])}
if "gaps" in sys.argv and shares != {1, 0.7, 0.5, 0.3}:
    sys.exit(f"gaps: {shares}")
PY
refused "--kernel: no 'none'" memory --kernel none
refused "no section 'speed'" speed -m model.gguf
refused "there is no program" decode -m model.gguf --rounds 1 --peer ./none
refused "avg_ts" decode -m model.gguf --rounds 1 --peer ./silent
refused "--dead-zones" silence -m model.gguf --rounds 1 --dead-zones 1,x
refused "--dense" decode -m model.gguf --dense
refused "a context of 16" decode -m model.gguf --context 16
exit $status
