// The player: where playback stands, what keys, the mouse and fingers change, what is
// shown of it.

const PACES = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const ZOOMS = [1, 2, 4, 8, 16, 32, 64, 128];
const byId = id => document.getElementById(id);

class Player {
    constructor(run) {
        this.run = run;
        this.step = 0; // what lies before it is shown; fractional
        this.isPlaying = false;
        this.pace = PACES.find(pace => run.steps / pace <= 75) || PACES[PACES.length - 1];
        this.tokensInSight = Infinity;
        this.boundary = 0;
        this.raster = new RasterView(byId("raster"), run);
        this.map = new MapView(byId("map"), run);
        this.isStale = true;
    }
    get token() {
        const { run } = this;
        return tokenAt(run, Math.max(0, Math.min(this.step, run.steps - 1e-6)));
    }
    seek(step) {
        this.step = Math.max(0, Math.min(step, this.run.steps));
        this.isStale = true;
    }
    toggle() {
        if (!this.isPlaying && this.step >= this.run.steps)
            this.step = 0;
        this.isPlaying = !this.isPlaying;
        this.isStale = true;
    }
    // By whole steps and tokens playback pauses.
    stepBy(count) {
        this.isPlaying = false;
        this.seek(count > 0 ? Math.floor(this.step) + count : Math.ceil(this.step) + count);
    }
    tokenBy(count) {
        const { run } = this, at = this.token, isWithin = this.step > run.start[at];
        if (count > 0)
            this.seek(run.start[Math.min(run.tokens, at + 1)]);
        else
            this.seek(run.start[Math.max(0, isWithin ? at : at - 1)]);
    }
    paceBy(count) {
        const at = PACES.indexOf(this.pace) + count;
        this.pace = PACES[Math.max(0, Math.min(PACES.length - 1, at))];
        this.isStale = true;
    }
    zoomBy(count) {
        const zooms = ZOOMS.filter(zoom => zoom < this.run.tokens).concat(Infinity);
        const at = zooms.indexOf(this.tokensInSight) + count;
        this.tokensInSight = zooms[Math.max(0, Math.min(zooms.length - 1, at))];
        this.isStale = true;
    }
    show(populations) {
        this.raster.show(populations);
        this.map.selected = populations;
        this.isStale = true;
    }
    showAll() {
        this.show(this.run.populations);
    }
    advance(seconds) {
        if (!this.isPlaying)
            return;
        this.seek(this.step + seconds * this.pace);
        if (this.step >= this.run.steps)
            this.isPlaying = false;
    }
}

// Sums of a token shared out: at the step, by the share of the token that is over.
function sumAt(sums, token, share) {
    if (!sums.length || sums[token] === null || sums[token + 1] === null)
        return NaN;
    return sums[token] + (sums[token + 1] - sums[token]) * share;
}

function billAt(run, step) {
    const { head } = run, token = tokenAt(run, Math.min(step, run.steps - 1e-6));
    const from = run.start[token], to = run.start[token + 1];
    const share = Math.min(1, Math.max(0, (step - from) / Math.max(1, to - from)));
    const done = summed(run.additionsAt, run, step) - summed(run.additionsAt, run, from);
    const all = summed(run.additionsAt, run, to) - summed(run.additionsAt, run, from);
    const spiked = all > 0 && run.binSteps === 1 ? done / all : share;
    return {
        spikes: summed(run.spikesAt, run, step),
        additions: head.sop.length ? sumAt(head.sop, token, spiked)
                                   : summed(run.additionsAt, run, step),
        macs: sumAt(head.denseMacs, token, share),
        // spikes as they come, dense layers evenly
        energy: head.energyNj.map(variants => variants.map(
            (sums, variant) => sumAt(sums, token, variant === 0 ? spiked : share))),
    };
}

// Sums of the bins that are over at a step.
function summed(sums, run, step) {
    return sums[step >= run.steps ? run.bins : Math.floor((step + 1e-9) / run.binSteps)];
}

function energyText(nanojoules) {
    if (Number.isNaN(nanojoules))
        return WORDS[language()].noPrice;
    const units = ["nJ", "µJ", "mJ", "J"];
    let value = nanojoules, unit = 0;
    for (; value >= 1000 && unit < units.length - 1; unit++)
        value /= 1000;
    const digits = { maximumSignificantDigits: 4 };
    return `${value.toLocaleString(language(), digits)} ${units[unit]}`;
}

function percentText(percent) {
    return percent.toLocaleString(language(), { maximumFractionDigits: 1 });
}

function countText(count) {
    return Math.round(count).toLocaleString(language());
}

function element(name, attributes, ...children) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
}

class Page {
    constructor(run) {
        this.run = run;
        this.player = new Player(run);
        this.before = null;
    }
    get words() {
        return WORDS[language()];
    }
    begin() {
        const { run } = this;
        document.querySelector("main").hidden = false;
        document.querySelector("footer").hidden = false;
        byId("words-pane").hidden = run.head.isTimed;
        byId("counter-pane").hidden = false;
        this.wordElements = run.words.map((text, token) => this.addWord(text, token));
        this.translate();
        this.listen();
        this.resize();
        requestAnimationFrame(time => this.frame(time));
    }
    addWord(text, token) {
        const { run } = this, space = text.length > 1 && text.startsWith(" ") ? " " : "";
        const kind = run.head.kind[token] === 0 ? "word prompt" : "word";
        const span = element("span", { className: kind, tabIndex: 0 },
                             text.slice(space.length).replace(/\n/g, "↵\n"));
        const go = () => this.act(p => p.seek(run.start[token]));
        span.setAttribute("role", "button");
        span.addEventListener("click", go);
        span.addEventListener("keydown", event => event.key === "Enter" && go());
        byId("words").append(space, span);
        return span;
    }
    act(change) {
        change(this.player);
        this.player.isStale = true;
    }
    listen() {
        const on = (id, change) => byId(id).addEventListener("click", () => this.act(change));
        on("play", p => p.toggle());
        on("step-back", p => p.stepBy(-1));
        on("step-on", p => p.stepBy(1));
        on("token-back", p => p.tokenBy(-1));
        on("token-on", p => p.tokenBy(1));
        on("all", p => p.showAll());
        on("wider", p => p.zoomBy(1));
        on("closer", p => p.zoomBy(-1));
        byId("language").addEventListener("click", () => this.switchLanguage());
        byId("theme").addEventListener("click", () => this.switchTheme());
        byId("help-open").addEventListener("click", () => byId("help").showModal());
        const onValue = (id, name, change) => byId(id).addEventListener(
            name, event => this.act(p => change(p, +event.target.value)));
        onValue("scrub", "input", (p, value) => p.seek(value));
        onValue("speed", "change", (p, value) => p.pace = value);
        onValue("boundary", "change", (p, value) => p.boundary = value);
        document.addEventListener("keydown", event => this.key(event));
        window.addEventListener("resize", () => this.resize());
        this.listenRaster();
        this.listenMap();
    }
    listenRaster() {
        const canvas = byId("raster"), { player } = this;
        const scrub = event => player.seek(player.raster.step(event.offsetX));
        canvas.addEventListener("pointerdown", event => {
            scrub(event);
            if (event.pointerType === "mouse")
                canvas.setPointerCapture(event.pointerId);
            this.tipOfRaster(event);
        });
        canvas.addEventListener("pointermove", event => {
            if (event.buttons & 1)
                scrub(event);
            this.tipOfRaster(event);
        });
        canvas.addEventListener("wheel", event => {
            event.preventDefault();
            this.act(p => p.zoomBy(event.deltaY > 0 ? 1 : -1));
        }, { passive: false });
        canvas.addEventListener("pointerleave", () => this.tip(null));
    }
    listenMap() {
        const canvas = byId("map"), { player } = this;
        canvas.addEventListener("click", event => {
            const found = player.map.find(event.offsetX, event.offsetY);
            const same = found && found.length === player.map.selected.length &&
                         found.every(p => player.map.selected.includes(p));
            if (found && found.length)
                this.act(p => same ? p.showAll() : p.show(found));
        });
        canvas.addEventListener("pointermove", event => this.tipOfMap(event));
        canvas.addEventListener("pointerleave", () => this.tip(null));
    }
    key(event) {
        const isField = /^(SELECT|TEXTAREA)$/.test(event.target.tagName);
        if (event.ctrlKey || event.metaKey || event.altKey || isField || byId("help").open)
            return;
        const actions = {
            " ": p => p.toggle(), ArrowLeft: p => p.tokenBy(-1), ArrowRight: p => p.tokenBy(1),
            ",": p => p.stepBy(-1), ".": p => p.stepBy(1), ArrowUp: p => p.paceBy(1),
            ArrowDown: p => p.paceBy(-1), Home: p => p.seek(0),
            End: p => p.seek(this.run.steps),
            "+": p => p.zoomBy(-1), "-": p => p.zoomBy(1), Escape: p => p.showAll(),
            d: () => this.switchTheme(), l: () => this.switchLanguage(),
            "?": () => byId("help").showModal(),
        };
        const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (!action)
            return;
        event.preventDefault();
        this.act(action);
    }
    switchLanguage() {
        chosenLanguage = language() === "en" ? "it" : "en";
        this.translate();
        this.resize(); // texts wrap elsewhere
    }
    switchTheme() {
        const root = document.documentElement;
        root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
        this.player.raster.grid = null;
        this.player.isStale = true;
    }
    translate() {
        const { words, run } = this, { head } = run, isTimed = head.isTimed;
        const of = name => isTimed && words[`${name}Timed`] || words[name];
        document.documentElement.lang = language();
        for (const node of document.querySelectorAll("[data-word]"))
            node.textContent = of(node.dataset.word);
        if (!run.trains.worth.some(worth => worth < 0)) {
            document.querySelector(".legend .inhibited").parentNode.hidden = true;
            document.querySelector("[data-word=positive]").textContent = words.excited;
        }
        byId("about").textContent = isTimed
            ? words.aboutNetwork(head.model, timeText(run.steps * head.dtMs))
            : words.about(head.model.replace(/\.gguf$/, ""), run.tokens);
        byId("language").textContent = words.other;
        byId("theme").textContent = "◐";
        const labels = { theme: "theme", "help-open": "helpOpen", "step-back": "stepBack",
                         "step-on": "stepOn", "token-back": "tokenBack", "token-on": "tokenOn",
                         scrub: "scrub", wider: "wider", closer: "closer",
                         raster: "raster", map: "map" };
        for (const [id, name] of Object.entries(labels)) {
            byId(id).title = id === "raster" || id === "map" ? "" : words[name];
            byId(id).setAttribute("aria-label", words[name]);
        }
        byId("speed").replaceChildren(...PACES.map(pace =>
            element("option", { value: pace }, words.pace(pace.toLocaleString(language())))));
        byId("keys").replaceChildren(...words.keys.map(([keys, meaning]) =>
            element("tr", {}, element("td", {}, ...keys.split(" ").flatMap(
                key => [element("kbd", {}, key), " "])), element("td", {}, meaning))));
        byId("provenance").textContent =
            words.provenance(head.version, head.command, countText(head.spikes));
        const isPriced = head.energyNj.length > 0;
        byId("boundary").hidden = !isPriced;
        byId("boundary").replaceChildren(...words.boundaries.map((text, index) =>
            element("option", { value: index }, text)));
        byId("boundary").setAttribute("aria-label", words.boundary);
        byId("prices").textContent =
            !isPriced ? (isTimed ? "" : head.unpriced)
                      : words.prices(head.profile) + (head.isPartial ? ` ${words.partial}` : "");
        this.player.isStale = true;
    }
    resize() {
        this.player.raster.resize();
        this.player.map.resize();
        this.player.isStale = true;
    }
    tip(text, event) {
        const tip = byId("tip");
        tip.hidden = !text;
        if (!text)
            return;
        tip.textContent = text;
        const box = tip.getBoundingClientRect(), gap = 14;
        const left = Math.min(event.clientX + gap, window.innerWidth - box.width - 4);
        const above = event.clientY - box.height - gap;
        tip.style.left = `${Math.max(4, left)}px`;
        tip.style.top = `${above > 4 ? above : event.clientY + gap}px`;
    }
    tipOfRaster(event) {
        const { run, words } = this;
        const found = this.player.raster.find(event.offsetX, event.offsetY);
        if (!found)
            return this.tip(null);
        const when = run.head.isTimed
            ? timeText((found.step + run.head.firstStep) * run.head.dtMs)
            : words.atStep(shownWord(run.words[found.token]),
                           found.step - run.start[found.token] + 1);
        const lines = [when];
        if (found.population)
            lines.unshift(words.neuron(found.population.name, found.first, found.last),
                          words.found(found.spikes));
        this.tip(lines.join("\n"), event);
    }
    tipOfMap(event) {
        const { run, player, words } = this;
        const found = player.map.find(event.offsetX, event.offsetY);
        if (!found || found.length !== 1)
            return this.tip(null);
        const index = run.populations.indexOf(found[0]);
        const bin = Math.min(run.bins - 1, Math.floor(player.step / run.binSteps));
        const rate = 100 * run.rate[index][bin] / (found[0].size * run.binSteps);
        this.tip(words.layerCell(found[0].name, countText(found[0].size),
                                 percentText(rate)), event);
    }
    frame(time) {
        if (this.before !== null)
            this.player.advance((time - this.before) / 1000);
        this.before = time;
        if (this.player.isStale)
            this.draw();
        requestAnimationFrame(next => this.frame(next));
    }
    draw() {
        const { player, run } = this, now = player.step;
        player.isStale = false;
        player.raster.zoom(Math.min(player.tokensInSight, run.tokens),
                           Math.min(now, run.steps - 1e-6));
        player.raster.draw(now);
        player.map.draw(Math.max(0, now - 1e-6));
        this.drawWords(now);
        this.drawBill(billAt(run, now));
        this.drawTransport(now);
    }
    drawWords(now) {
        const { run } = this, current = this.player.token;
        this.wordElements.forEach((span, token) => {
            span.classList.toggle("said", now > run.start[token]);
            span.classList.toggle("now", token === current);
        });
    }
    drawBill(bill) {
        const { words, run } = this, { head } = run;
        const rows = [[words.spikes, countText(bill.spikes)]];
        if (!Number.isNaN(bill.additions))
            rows.push([head.isGraded ? words.products : words.additions,
                       countText(bill.additions)]);
        if (!Number.isNaN(bill.macs))
            rows.push([words.macs, countText(bill.macs)]);
        const silent = this.silentShare();
        if (silent !== null)
            rows.push([words.silent, `${percentText(silent)} %`]);
        byId("counts").replaceChildren(...rows.flatMap(([name, value]) =>
            [element("dt", {}, name), element("dd", {}, value)]));
        if (!head.energyNj.length)
            return;
        const { boundary } = this.player, { tokens } = run;
        byId("boundary").value = boundary;
        const most = Math.max(...head.energyNj[boundary].map(sums => sums[tokens] || 0));
        byId("bars").replaceChildren(...bill.energy[boundary].map((energy, variant) => {
            const bar = element("i", {});
            bar.style.width = `${Math.max(0.3, 100 * (energy || 0) / (most || 1))}%`;
            return element("div", { className: variant === 0 ? "bar spiking" : "bar" },
                           element("div", {}, words.variants[variant],
                                   element("b", {}, energyText(energy))), bar);
        }));
    }
    // Of the token at hand, among the channels of populations that ran for it.
    silentShare() {
        const { run } = this, token = this.player.token;
        let silent = 0, channels = 0;
        if (run.head.isTimed || !run.cell.length)
            return null;
        run.populations.forEach((population, p) => {
            const cell = run.cell[token * run.populations.length + p];
            if (cell.steps > 0) {
                silent += cell.silent;
                channels += population.channels;
            }
        });
        return channels ? 100 * silent / channels : null;
    }
    drawTransport(now) {
        const { words, run, player } = this, token = player.token;
        const scrub = byId("scrub");
        scrub.max = run.steps;
        scrub.value = now;
        byId("speed").value = player.pace;
        byId("play").setAttribute("aria-label", player.isPlaying ? words.pause : words.play);
        byId("play").title = player.isPlaying ? words.pause : words.play;
        byId("play-shape").setAttribute(
            "d", player.isPlaying ? "M6 4h4v16H6zM14 4h4v16h-4z" : "M6 4v16l14-8z");
        byId("position").textContent = run.head.isTimed
            ? words.positionTimed(timeText(now * run.head.dtMs),
                                  timeText(run.steps * run.head.dtMs))
            : words.position(token + 1, run.tokens, Math.floor(now - run.start[token] + 1e-9),
                             run.start[token + 1] - run.start[token]);
        const shown = player.raster.populations;
        byId("shown").textContent = shown.length === run.populations.length ? ""
            : shown.length <= 4 ? shown.map(p => p.name).join(", ")
            : `${shown[0].name} – ${shown[shown.length - 1].name}`;
        byId("all").disabled = shown.length === run.populations.length;
    }
}

function refuse(text) {
    byId("problem").hidden = false;
    byId("problem").textContent = text;
}

async function start() {
    const head = JSON.parse(byId("head").textContent);
    if (WORDS[head.language])
        chosenLanguage = head.language;
    if (window.matchMedia("(prefers-color-scheme: dark)").matches)
        document.documentElement.dataset.theme = "dark";
    if (typeof DecompressionStream === "undefined")
        return refuse(WORDS[language()].old);
    refuse(WORDS[language()].loading);
    let run;
    try {
        run = await unpack();
    } catch (error) {
        return refuse(WORDS[language()].broken + error.message);
    }
    byId("problem").hidden = true;
    const page = new Page(run);
    page.begin();
    window.lucciola = { // for tests and for the curious
        run, player: page.player,
        totals: () => totalsOf(run),
        drawn: () => page.player.raster.grid.spikes,
    };
}

start();
