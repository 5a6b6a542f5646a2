#!/bin/sh
# The claims by the command: bad input is refused in a sentence, a measurement is stored
# and judged by, lines fit 100 columns, and the page is well-formed, fetches nothing and
# shows no number that its JSON does not have.
set -u
status=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
stored=$PWD/data/claims/results.json
cd "$work" || exit 1
tests llama model.gguf || exit 1

failed() {
    echo "$*"
    status=1
}

refused() {     # a part of the one line on stderr; arguments
    part=$1
    shift
    if lucciola claims "$@" >out 2>err </dev/null; then
        failed "not refused: claims $*"
    fi
    [ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$part" err ||
        failed "claims $*: one line with '$part' expected: $(cat err)"
}

echo '{"format": "lucciola-claims-1", "measurements": [{"model": 1}]}' >broken.json
echo 'not JSON' >nonsense.json
echo 'ab' >short.txt
i=0
while [ $i -lt 60 ]; do
    printf 'abc bca cab '
    i=$((i + 1))
done >text.txt

refused "no 'nothing'" --claim nothing
refused "No such file" --results none.json
refused "measurement 1: 'model'" --results broken.json
refused "line 1" --results nonsense.json
refused "give -f" -m model.gguf
refused "give -f" --store
refused "none.txt" -m model.gguf -f none.txt
refused "shorter than a window" -m model.gguf -f short.txt -w 32
refused "none/page.html" --results "$stored" --html none/page.html
refused "none/new.json" -m model.gguf -f text.txt -w 16 --store --results none/new.json
refused "none.gguf" -m none.gguf -f text.txt

lucciola claims -m model.gguf -f text.txt -w 16 --chunks 2 --results new.json --store \
    --html page.html >out 2>err || failed "a measurement: $(cat err)"
awk 'length($0) > 100 { print "over 100 columns: " $0; bad = 1 } END { exit bad }' out ||
    status=1
grep -q 'model.gguf, text.txt, k 3, 2 windows of 16 tokens' out ||
    failed "the measurement is not named"
grep -q '^k beside the .*table 11;' out && grep -q '^measured on model.gguf' out ||
    failed "no table of k"
[ -s new.json ] && [ -s page.html ] || failed "nothing is stored"
lucciola claims --results new.json --claim sparsity-69-percent >one 2>err ||
    failed "stored results: $(cat err)"
[ "$(grep -c '^[a-z].*  (' one)" -eq 1 ] || failed "one claim was asked for"
lucciola claims --results new.json >again 2>err
cmp -s out again || failed "stored results are judged otherwise than fresh ones"

# Pages of the shipped results and of the new ones.
cat >check.py <<'END'
import html.parser, json, math, re, sys

page, document = open(sys.argv[1]).read(), json.load(open(sys.argv[2]))
EMPTY = {"meta", "br", "link", "rect", "line", "circle", "polyline"}

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text, self.values, self.bad = [], [], [], []
        self.ids, self.links = set(), set()
    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "srcset", "data") or tag in ("script", "iframe"):
                self.bad.append(f"<{tag} {name}>")
            if name == "href" and not value.startswith("#"):
                self.bad.append(f"link to {value}")
            if name == "href":
                self.links.add(value[1:])
            if name == "id":
                if value in self.ids:
                    self.bad.append(f"id {value} twice")
                self.ids.add(value)
            if tag == "data" and name == "value":
                self.values.append(value)
        if tag not in EMPTY:
            self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        if tag not in EMPTY:
            self.bad.append(f"<{tag}/>")
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append(f"</{tag}> closes nothing")
    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

numbers, words = set(), []
def gather(value):
    if isinstance(value, dict):
        for name, part in value.items():
            words.append(name)
            gather(part)
    elif isinstance(value, list):
        for part in value:
            gather(part)
    elif isinstance(value, str):
        words.append(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        numbers.add(float(value))
gather(document)

TOKEN = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
known = {token for word in words for token in TOKEN.findall(word)}
for number in numbers:
    for scale in (1, 100, 1e-6, 1e-9, 1e-12):
        for form in ("%.4g", "%.0f", "%.1f", "%.3f", "%.4f"):
            known.update(TOKEN.findall(form % (number * scale)))

p = Page()
p.feed(page)
p.close()
p.bad += [f"<{tag}> stays open" for tag in p.open]
p.bad += [f"#{link} is nowhere" for link in p.links - p.ids]
if re.search(r"url\(|@import|https?:", page):
    p.bad.append("something outside the page")
p.bad += [f"{value} is not in the JSON" for value in p.values
          if not any(math.isclose(float(value), n, rel_tol=1e-8, abs_tol=1e-300)
                     for n in numbers)]
headings = ("|c|<=7",)
text = " ".join(p.text)
for heading in headings:
    text = text.replace(heading, "")
p.bad += [f"{token} is not in the JSON" for token in TOKEN.findall(text)
          if token not in known]
if len(p.values) < 100 or page.count("<svg") < 4:
    p.bad.append("the page is too empty")
print("\n".join(sorted(set(p.bad))))
sys.exit(bool(p.bad))
END
check_page() {
    lucciola claims --results "$1" --html page.html --json >page.json 2>err ||
        failed "the page of $1: $(cat err)"
    python3 check.py page.html page.json || failed "the page of $1 is not right"
}
if command -v python3 >/dev/null; then
    check_page new.json
    check_page "$stored"
else
    echo '    skipped: no python3 to read the page'
fi
exit $status
