#!/bin/sh
# Installs what packages.txt lists and the machine lacks: `build`, or `test`, which has
# build in it, or `extra`, which has both. With nothing missing it does nothing: no root,
# no network, no output.
set -eu

list=$(dirname "$0")/packages.txt

usage() {
    echo "usage: ${0##*/} build|test|extra"
    exit "$1"
}

# Rows of the wanted sections as "package probe".
wanted() {
    awk -v section="$section" \
        '$1 == "build" || $1 == section || ($1 == "test" && section == "extra") {
            print $2, $3 }' "$list"
}

is_installed() {        # Debian package
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_found() {            # probe, on systems without dpkg
    name=${1#*:}
    case $1 in
    cmd:*)    command -v "$name" >/dev/null ;;
    pc:*)     pkg-config --exists "$name" 2>/dev/null ;;
    header:*) echo "#include <$name>" | ${CC:-cc} -E -x c - >/dev/null 2>&1 ;;
    -)        true ;;
    esac
}

name_missing() {
    wanted | while read -r package probe; do
        if [ "$1" = debian ]; then
            is_installed "$package" || echo "$package"
        else
            is_found "$probe" || echo "${probe#*:}"
        fi
    done | tr '\n' ' '
}

has_root() {
    [ "$(id -u)" = 0 ] && return
    command -v sudo >/dev/null || return
    sudo -n true 2>/dev/null || [ -t 0 ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_missing() {
    # shellcheck disable=SC2086  # package names hold no spaces
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing
}

section=${1:-}
case $section in
build|test|extra) [ $# -eq 1 ] || usage 2 >&2 ;;
-h|--help)  usage 0 ;;
*)          usage 2 >&2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    missing=$(name_missing elsewhere)
    [ -z "$missing" ] && exit 0
    echo "missing: $missing"
    echo "install these with this system's package manager, headers included;" \
         "$list has the names they carry on Debian"
    exit 1
fi >&2

missing=$(name_missing debian)
[ -z "$missing" ] && exit 0

if ! has_root; then
    echo "missing packages: $missing"
    echo "installing them takes root; run this, then try again:"
    echo "    apt-get update && apt-get install -y --no-install-recommends $missing"
    exit 1
fi >&2

echo "installing: $missing" >&2
# The lists of a new machine or container are empty, those of an old one name versions
# that are gone: both are mended by one update.
# shellcheck disable=SC2086
if ! apt-cache show $missing >/dev/null 2>&1 || ! install_missing; then
    as_root apt-get update
    install_missing
fi
