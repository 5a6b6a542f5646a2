#!/bin/sh
# Runs the code cells of notes/recording.ipynb in order: on the recording named, or on one
# of the story model in CASES and on one imported from a few lines of spikes.
set -u
cd "$(dirname "$0")/.." || exit 1

if ! python3 -c 'import h5py, pandas' 2>/dev/null; then
    echo "  skipped: the notebook needs python3 with h5py and pandas"
    exit 0
fi

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
python3 - "$folder/cells.py" <<'EOF' || exit 1
import json, sys
book = json.load(open("notes/recording.ipynb"))
assert book["nbformat"] == 4 and not any(c.get("outputs") for c in book["cells"])
code = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
assert len(code) >= 8
open(sys.argv[1], "w").write("\n\n".join(code) + "\n")
EOF

status=0
execute() {     # recording, what must come out of it
    if ! { cat "$folder/cells.py"; echo "assert $2, '$2'"; } |
        RECORDING=$1 MPLBACKEND=Agg python3 -W error::FutureWarning - > "$folder/out" 2>&1
    then
        echo "the notebook fails on $1:"
        tail -n 5 "$folder/out"
        status=1
    fi
}

if [ $# -gt 0 ]; then
    execute "$1" "len(populations)"
    exit $status
fi
printf 'time_ms,node\n1,0\n2,1\n3,0\n4.5,1\n6,0\n' > "$folder/spikes.csv"
lucciola import "$folder/spikes.csv" -o "$folder/net.h5" > "$folder/log" 2>&1 || exit 1
execute "$folder/net.h5" "len(spikes) == 5 and len(cv) == 1 and len(firing) == 0"

if [ -r "${CASES:-}/stories260K.bin" ]; then
    lucciola run -m "$CASES/stories260K.bin" -p "Once upon a time" -n 12 \
        --record spikes -o "$folder/run.h5" > "$folder/log" 2>&1 || exit 1
    execute "$folder/run.h5" "len(firing) and roles.hz.min() > 0 and len(shown)"
else
    echo "  skipped: the notebook on a language model needs stories260K.bin in CASES"
fi
exit $status
