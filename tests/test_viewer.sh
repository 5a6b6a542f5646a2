#!/bin/sh
# The viewer in a real window of a virtual display, driven by real keys and a real mouse:
# what is on the screen is what --png draws of the same view, pixel for pixel.
set -u
for tool in Xvfb xdotool import compare; do
    command -v $tool >/dev/null || { echo "    no $tool: skipped"; exit 0; }
done
status=0
work=$(mktemp -d) || exit 1
display= viewer=
cleanup() {
    for process in $viewer $display; do
        kill "$process" 2>/dev/null
    done
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1

failed() {
    echo "$*"
    status=1
}

# Waits up to five seconds for a command to succeed.
until_true() {
    for tenth in $(seq 50); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

Xvfb -noreset -screen 0 1600x1000x24 -displayfd 3 3>number >/dev/null 2>&1 &
display=$!
until_true test -s number || { echo '    Xvfb does not start: skipped'; exit 0; }
DISPLAY=:$(cat number)
export DISPLAY
unset SDL_VIDEODRIVER WAYLAND_DISPLAY

tests llama model.gguf || exit 1
lucciola run -m model.gguf -p 'a b c d' -n 20 --ignore-end -o run.h5 >/dev/null 2>&1 || exit 1
lucciola run -m model.gguf -p 'a b c d' -n 20 --ignore-end --k 1 -o one.h5 >/dev/null 2>&1 ||
    exit 1

find_window() {
    window=$(xdotool search --onlyvisible --name Lucciola 2>/dev/null | tail -1)
    [ -n "$window" ]
}

# Opens the viewer with these arguments, the mouse out of its way.
begin() {
    xdotool mousemove 1599 999
    rm -f state.json
    lucciola-view "$@" --state state.json 2>err &
    viewer=$!
    until_true find_window || { failed "no window: $(cat err)"; return 1; }
    sleep 0.3
}

end() {
    xdotool key --clearmodifiers q
    until_true test -s state.json || failed "no state: $(cat err)"
    wait "$viewer" || failed "the viewer failed: $(cat err)"
    viewer=
}

# The last state holds this.
state() {
    tr -d ' \n' <state.json | grep -qF -e "$1" || failed "$2: $1 expected in $(cat state.json)"
}

# The window shows what these arguments draw.
shows() {
    what=$1
    shift
    lucciola-view "$@" --png expected.png || failed "$what: no picture"
    for try in 1 2 3 4 5 6 7 8; do
        sleep 0.15
        import -silent -window "$window" shot.png
        differ=$(compare -metric AE shot.png expected.png null: 2>&1)
        [ "$differ" = 0 ] && return
    done
    failed "$what: $differ pixels differ"
}

# Relative to the window, in pixels.
mouse_to() {
    xdotool mousemove --window "$window" "$1" "$2"
}

size=--size\ 900x560

begin run.h5 --paused --at 3 $size && {
    shows 'a window' run.h5 --at 3 $size
    xdotool key --clearmodifiers Right Right
    shows 'two tokens on' run.h5 --at 5 $size
    xdotool key --clearmodifiers c e e e Tab
    shows 'dark and enlarged' run.h5 --at 5 $size --palette dark --enlarge map --select L00
    xdotool key --clearmodifiers Escape Escape 1 4 plus minus
    shows 'without two panes' run.h5 --at 5 $size --dark --panes raster,map,histogram,energy
    xdotool windowsize --sync "$window" 1200 700
    shows 'another size' run.h5 --at 5 --size 1200x700 --dark --panes raster,map,histogram,energy
    end
    state '"token":5' 'after keys'
    state '"palette":"dark"' 'after keys'
    state '"layer":null' 'after escape'
}

begin run.h5 --paused $size && {
    shows 'the beginning' run.h5 --at 0 $size
    mouse_to 450 536 # the bar of the whole run, above the line of state
    xdotool click 1
    mouse_to 300 200
    xdotool click 4 click 4
    xdotool keydown shift click 4 keyup shift
    xdotool mousedown 1 mousemove_relative -- -40 0 mousemove_relative -- -20 0 mouseup 1
    end
    state '"paused":true' 'after the mouse'
    tr -d ' \n' <state.json | grep -q '"time":\[0.0,' && failed 'the wheel does not zoom'
    tr -d ' \n' <state.json | grep -q '"neurons":\[0.0,' && failed 'shift does not zoom neurons'
    tr -d ' \n' <state.json | grep -q '"step":0.0' && failed 'the bar does not scrub'
}

begin run.h5 $size && {
    sleep 0.5
    xdotool key --clearmodifiers space
    sleep 0.2
    before=$(cut -d' ' -f14,15 "/proc/$viewer/stat")
    sleep 1
    after=$(cut -d' ' -f14,15 "/proc/$viewer/stat")
    [ "$before" = "$after" ] || failed "works while paused: $before, then $after ticks"
    xdotool key --clearmodifiers question
    end
    state '"help":true' 'after ?'
    grep -q '"step": 0.0' state.json && failed 'nothing was played'
}

begin run.h5 one.h5 --paused --at 7 $size && {
    shows 'two side by side' run.h5 one.h5 --at 7 $size
    xdotool key --clearmodifiers m
    shows 'their difference' run.h5 one.h5 --at 7 $size --compare difference
    end
}

# A tour goes on and back by the keys that presenters send.
cat >tour.conf <<'END'
[one]
caption.en = "{tokens} tokens"
panes = raster
[two]
caption.en = "{spikes} spikes"
panes = map, text
play = 2
speed = 100
[three]
caption.en = "The end"
panes = energy
END
lucciola-view --tour tour.conf run.h5 --png stops $size || failed 'stops of a tour'
begin --tour tour.conf run.h5 --language en $size && {
    xdotool key --clearmodifiers Next Next Next Prior
    sleep 0.5
    cp stops/02-two.png expected.png
    for try in 1 2 3 4 5 6 7 8; do
        sleep 0.15
        import -silent -window "$window" shot.png
        [ "$(compare -metric AE expected.png shot.png null: 2>&1)" = 0 ] && break
    done
    [ "$(compare -metric AE expected.png shot.png null: 2>&1)" = 0 ] ||
        failed 'the stop of a tour is not its picture'
    end
    state '"panes":["text","map"]' 'the second stop'
    state '"token":2' 'the second stop'
    state '"paused":true' 'a stop that has played'
}

# A run that is watched, and killed.
lucciola network brunel-c --scale 0.1 --ms 1e6 -o live.h5 >/dev/null 2>&1 &
run=$!
until_true test -s live.h5
begin live.h5 --follow $size && {
    sleep 1
    kill -9 $run
    wait $run 2>/dev/null
    sleep 1
    end
    state '"notice":"itsrunwaskilled"' 'a killed run'
    tr -d ' \n' <state.json | grep -q '"end":0.0' && failed 'nothing was followed'
}
kill $run 2>/dev/null

unset DISPLAY
if lucciola-view run.h5 2>err </dev/null; then
    failed 'no display, and no failure'
fi
grep -q -e --png err || failed "no display: --png expected in: $(cat err)"
[ "$(grep -c lucciola-view err)" -eq 1 ] || failed "no display: one line expected: $(cat err)"

exit $status
