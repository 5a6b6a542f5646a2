#!/bin/sh
# Videos and tours, without a window: sizes, lengths, the same frames every time, the
# shipped tours in both languages on small recordings, and what is refused.
set -u
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
root=$(cd "$(dirname "$0")/.." && pwd)
status=0
cd "$folder" || exit 1

failed() {
    echo "$*"
    status=1
}

# Wanted exit status and a part of the one line on stderr; arguments.
refused() {
    wanted=$1
    part=$2
    shift 2
    lucciola-view "$@" >out 2>err </dev/null
    code=$?
    [ "$code" -eq "$wanted" ] || failed "$*: status $code, expected $wanted: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || failed "$*: expected one line, found: $(cat err)"
    grep -qF -e "$part" err || failed "$*: '$part' expected in: $(cat err)"
    for left in *.partial none.mp4 none.gif; do
        [ ! -e "$left" ] || failed "$*: left $left"
    done
}

works() {
    lucciola-view "$@" >out 2>err </dev/null || failed "$*: status $?: $(cat err)"
}

# A property of the video stream of a file.
probe() {
    ffprobe -v error -count_frames -select_streams v:0 -show_entries "stream=$2" \
        -of csv=p=0 "$1"
}

tests llama model.gguf || exit 1
lucciola run -m model.gguf -p "Once upon a time" -n 9 -o word.h5 >out 2>err ||
    failed "run: $(cat err)"
mkdir -p build/demo
lucciola network fireflies --param side=6,radius=0 --ms 12000 --trace field.v:0-5 \
    -o build/demo/neuron.h5 >out 2>err || failed "network: $(cat err)"

refused 2 "ends in .mp4 or .gif" word.h5 --video none.avi
refused 2 "--fps" word.h5 --video none.mp4 --fps 1000
refused 2 "pictures, at most" build/demo/neuron.h5 --video none.mp4 --speed 0.001
refused 2 "nothing plays" word.h5 --video none.mp4 --from 5 --to 5
program=$(command -v lucciola-view)
PATH=/nowhere "$program" word.h5 --video none.mp4 --size 160x120 2>err &&
    failed "a video without ffmpeg"
grep -q "apt-get install ffmpeg" err || failed "without ffmpeg: $(cat err)"

# The shipped tours: every stop in both languages, refused on what cannot show them.
for language in en it; do
    works --tour neuron --language $language --png neuron-$language --size 640x360
    [ "$(ls neuron-$language | wc -l)" -eq 6 ] || failed "stops: $(ls neuron-$language)"
done
cmp -s neuron-en/01-glass.png neuron-it/01-glass.png && failed "one language for both"
refused 2 "expected en or it" --tour neuron --language fr --png none
refused 1 "No such file" --tour nowhere --png none
refused 1 "build/demo/run.h5" --tour sentence --png none
refused 2 "line" --tour neuron word.h5 --png none
printf '[a]\ncaption.en = A\nplay = 5-100\n' >long.conf
refused 2 "long.conf: line 2: stop 'a': token 100: the recording has" \
    --tour long.conf word.h5 --png none
printf '[a]\ncaption.en = A\nshape = round\n' >bad.conf
refused 1 "bad.conf: line 3" --tour bad.conf word.h5 --png none

if ! command -v ffmpeg >/dev/null || ! command -v ffprobe >/dev/null; then
    echo '    skipped: no ffmpeg to make videos'
    exit $status
fi

# 0 to 20 steps at 20 steps a second: 1 s; the first and the last picture count.
works word.h5 --video a.mp4 --size 321x241 --from 0 --to 20 --fps 10
grep -q "322x242" err || failed "odd sizes are not told: $(cat err)"
[ "$(probe a.mp4 width,height,pix_fmt,nb_read_frames)" = 322,242,yuv420p,11 ] ||
    failed "a.mp4: $(probe a.mp4 width,height,pix_fmt,nb_read_frames)"
[ "$(probe a.mp4 r_frame_rate)" = 10/1 ] || failed "rate: $(probe a.mp4 r_frame_rate)"
works word.h5 --video b.mp4 --size 321x241 --from 0 --to 20 --fps 10
cmp a.mp4 b.mp4 || failed "another video the second time"

works word.h5 --video a.gif --size 320x240 --from 0 --to 20 --fps 10 --dark
[ "$(probe a.gif width,height,nb_read_frames)" = 320,240,11 ] ||
    failed "a.gif: $(probe a.gif width,height,nb_read_frames)"
# The first frame is the picture of that step.
works word.h5 --png first.png --step 0 --size 320x240 --dark
ffmpeg -loglevel error -i a.gif -frames:v 1 -pix_fmt rgb24 -f rawvideo first.raw &&
    ffmpeg -loglevel error -i first.png -pix_fmt rgb24 -f rawvideo want.raw ||
    failed "ffmpeg cannot read them"
[ "$(wc -c <first.raw)" -eq 230400 ] || failed "a frame of $(wc -c <first.raw) bytes"
cmp -l first.raw want.raw >differ
far=$(awk '{ a = $2; b = $3; a = int(a / 100) * 64 + int(a % 100 / 10) * 8 + a % 10
             b = int(b / 100) * 64 + int(b % 100 / 10) * 8 + b % 10
             if (a - b > 24 || b - a > 24) n++ } END { print n + 0 }' differ)
[ "$far" -eq 0 ] || failed "$far bytes of the first frame are not the picture's"

# A video that ffmpeg cannot write is told with its own words, and nothing stays.
refused 1 "ffmpeg failed" word.h5 --video nowhere/none.mp4 --size 160x120

cat >tiny.conf <<'END'
[one]
caption.en = "{tokens} tokens"
play = 0-1
speed = 10
pause = 0.5
[two]
caption.en = "{spikes} spikes"
pause = 1
END
works --tour tiny.conf word.h5 --video tour.mp4 --size 320x240 --fps 10
frames=$(probe tour.mp4 nb_read_frames)
[ "$frames" -ge 15 ] && [ "$frames" -le 25 ] || failed "a tour of $frames frames"
exit $status
