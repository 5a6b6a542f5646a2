"""Pages of lucciola-view in a headless Chromium: page_check.py PAGE.html SPIKES.csv ...
Every spike must be the recording's (the CSV is `lucciola export --to csv`), and everything
on the page must do what it says. PICTURES in the environment: a folder for screenshots."""
import csv
import os
import sys

from browser_pipe import Browser

pictures = os.environ.get("PICTURES")
ready = "window.lucciola"
failed = 0


def check(what, found, expected):
    global failed
    if found != expected:
        print("%s: %s: expected %r, found %r" % (os.path.basename(page), what, expected,
                                                 found))
        failed = 1


def totals_of(path):
    names = ("spikes", "nodes", "steps", "worths", "nodeSteps", "stepWorths")
    sums = dict.fromkeys(names, 0)
    with open(path) as file:
        for row in csv.DictReader(file):
            node, step = int(row["node_id"]), round(float(row["timestamp_ms"]) / dt_ms)
            worth = int(row["worth"])
            for name, value in zip(names, (1, node, step, worth, node * step,
                                           step * worth)):
                sums[name] += value
    return sums


def text(selector):
    return browser.value("document.querySelector('%s').textContent" % selector)


def state(expression):
    return browser.value("lucciola.player." + expression)


def picture(name):
    if pictures:
        browser.picture(os.path.join(pictures, name + ".png"))


def check_size(width, height, mobile):
    browser.size(width, height, mobile, 2 if mobile else 1)
    browser.open("file://" + page, ready)
    state("seek(lucciola.run.steps * 0.6)")
    browser.frame()
    # Nothing sticks out, nor is any text cut by its own box.
    out = browser.value(
        "[...document.querySelectorAll('body *')].filter(e => e.getClientRects().length "
        "&& e.getBoundingClientRect().right > innerWidth + 1).map(e => e.id || "
        "e.className || e.tagName)")
    check("out of %d pixels" % width, out, [])
    check("width", browser.value("document.documentElement.scrollWidth <= innerWidth"),
          True)
    cut = browser.value(
        "[...document.querySelectorAll('button, dt, dd, b, h1, h2, p')].filter(e => "
        "e.getClientRects().length && e.scrollWidth > e.clientWidth + 1 && "
        "getComputedStyle(e).display !== 'inline').map(e => e.id || e.tagName)")
    check("cut at %d pixels" % width, cut, [])
    picture("width-%d" % width)


def check_playing():
    browser.click("#play")
    browser.wait("lucciola.player.step > 1.5")
    check("playing", state("isPlaying"), True)
    browser.click("#play")
    check("paused", state("isPlaying"), False)
    browser.key("End")
    check("the end", state("step"), browser.value("lucciola.run.steps"))
    check("spikes at the end", text("#counts dd").replace(",", ""), str(sums["spikes"]))
    browser.key("Home")
    check("the beginning", state("step"), 0)
    check("spikes at the beginning", text("#counts dd"), "0")
    pace = state("pace")
    browser.key("ArrowUp")
    check("faster", state("pace") > pace, True)
    browser.key("ArrowRight")
    check("a token on", state("step"), browser.value("lucciola.run.start[1]"))
    browser.key(".", "Period", ".")
    browser.key(".", "Period", ".")
    browser.key(",", "Comma", ",")
    check("a step on", state("step"), browser.value("lucciola.run.start[1] + 1"))
    browser.click("#token-back")
    check("back", state("step"), browser.value("lucciola.run.start[1]"))
    browser.click("#scrub", 0.5)
    middle = browser.value("lucciola.player.step / lucciola.run.steps")
    check("scrubbed to the middle", 0.4 < middle < 0.6, True)
    browser.click("#raster", 0.8, 0.3)
    check("the raster scrubs, too", state("step") > 0.6 * browser.value(
        "lucciola.run.steps"), True)


def check_selection():
    check("all drawn", browser.value("lucciola.drawn()"), sums["spikes"])
    browser.click("#map", 0.95, 0.98)
    chosen = browser.value("lucciola.player.raster.populations.length")
    part = browser.value("lucciola.drawn()")
    everything = browser.value("lucciola.run.populations.length")
    if everything > 1:
        check("one of them", (chosen, 0 < part < sums["spikes"]), (1, True))
        check("is named", text("#shown") != "", True)
    picture("chosen")
    browser.key("Escape")
    check("all again", browser.value("lucciola.drawn()"), sums["spikes"])
    browser.click("#closer")
    browser.click("#closer")
    check("closer", 0 < browser.value("lucciola.drawn()") < sums["spikes"], True)
    browser.click("#wider")
    browser.click("#wider")
    browser.hover("#raster", 0.6, 0.3)
    check("a tip", browser.value("document.querySelector('#tip').hidden"), False)
    check("of neurons", "neuron" in text("#tip"), True)
    picture("tip")


def check_languages():
    for language, button, word in (("en", "Italiano", "The "), ("it", "English", "Gli ")):
        check("language", browser.value("document.documentElement.lang"), language)
        check("the other", text("#language"), button)
        empty = browser.value("[...document.querySelectorAll('[data-word]')]"
                              ".filter(e => !e.textContent).map(e => e.dataset.word)")
        check("texts missing in " + language, empty, [])
        body = text("body main") + text("#help")
        check("gaps in " + language, [w for w in ("undefined", "NaN", "null", "[object")
                                      if w in body], [])
        check("a word of " + language, word in text("#raster-pane") + text("#map-pane"),
              True)
        browser.key("l", "KeyL", "l")
    theme = browser.value("document.documentElement.dataset.theme")
    browser.click("#theme")
    check("theme", browser.value("document.documentElement.dataset.theme") != theme, True)
    picture("dark")
    browser.key("?", "Slash", "?")
    check("help", browser.value("document.querySelector('#help').open"), True)
    check("provenance", "{:,}".format(sums["spikes"]) in text("#provenance"), True)
    picture("help")
    browser.click("#help button")
    check("help closed", browser.value("document.querySelector('#help').open"), False)


def check_words():
    if browser.value("lucciola.run.head.isTimed"):
        check("no words", browser.value("document.querySelector('#words-pane').hidden"),
              True)
        return
    browser.click(".word:nth-of-type(3)")
    check("a word clicked", state("token"), 2)
    check("its place", state("step"), browser.value("lucciola.run.start[2]"))
    check("its mark", browser.value(
        "document.querySelectorAll('.word.now').length"), 1)
    if browser.value("lucciola.run.head.energyNj.length"):
        browser.key("End")
        before = text("#bars")
        browser.value("document.querySelector('#boundary').value = 4;"
                      "document.querySelector('#boundary').dispatchEvent("
                      "new Event('change'))")
        browser.frame()
        check("another boundary", text("#bars") != before, True)


def check_damage():
    """A page cut short says so and throws nothing."""
    with open(page) as file:
        whole = file.read()
    at = whole.index('id="symbols"') + 40
    cut = os.path.splitext(page)[0] + "-cut.html"
    with open(cut, "w") as file:
        file.write(whole[:at] + whole[whole.index("</script>", at):])
    browser.open("file://" + cut,
                 "document.querySelector('#problem')?.textContent.includes('damaged')", 10)
    check("damage", browser.problems, [])


def check_page():
    global dt_ms, sums
    browser.size(1280, 800)
    browser.open("file://" + page, ready)
    dt_ms = browser.value("lucciola.run.head.dtMs")
    sums = totals_of(spikes)
    check("totals", browser.value("lucciola.totals()"), sums)
    check("spikes of the head", browser.value("lucciola.run.head.spikes"), sums["spikes"])
    browser.frame()
    check_selection()
    check_words()
    check_playing()
    check_languages()
    browser.size(390, 844, True, 2)
    browser.tap("#raster", 0.25, 0.5)
    check("a tap", 0 < state("step") < 0.5 * browser.value("lucciola.run.steps"), True)
    check("problems", browser.problems, [])
    check("requests", browser.requests, ["file://" + page])


browser = Browser()
try:
    for page, spikes in zip(sys.argv[1::2], sys.argv[2::2]):
        page = os.path.abspath(page)
        check_page()
        for width, height, mobile in ((1280, 800, False), (390, 844, True),
                                      (320, 568, True), (1920, 1080, False)):
            check_size(width, height, mobile)
        check("problems of sizes", browser.problems, [])
        check_damage()
finally:
    browser.close()
sys.exit(failed)
