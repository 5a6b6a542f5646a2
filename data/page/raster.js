// The raster: neurons upwards, steps to the right. A spike fills every cell of the grid
// that it covers and at least one, so none is lost where many share a pixel; a cell's
// strength is the fourth power mean of log2(1 + |worth|), as in the program's pictures.

function colourOf(name) {
    const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    return [1, 3, 5].map(i => parseInt(text.slice(i, i + 2), 16));
}

function css(colour, alpha = 1) {
    return `rgba(${colour.join(",")},${alpha})`;
}

function mix(from, to, share) {
    return from.map((value, i) => Math.round(value + (to[i] - value) * share));
}

function layerName(layer) {
    return `L${String(layer).padStart(2, "0")}`;
}

// Rows of each population, from the top; the first population is at the bottom.
function stackRows(populations, rows) {
    const gap = populations.length * 6 < rows ? 2 : 0;
    const free = rows - gap * (populations.length - 1);
    const least = Math.max(1, Math.floor(free / populations.length / 3));
    const neurons = populations.reduce((sum, p) => sum + p.size, 0);
    const spare = Math.max(0, free - least * populations.length);
    let bottom = rows, share = 0;
    return populations.map(population => {
        const before = Math.round(spare * share / neurons);
        share += population.size;
        const height = least + Math.round(spare * share / neurons) - before;
        bottom -= height;
        const band = { population, top: Math.max(0, bottom), height };
        bottom -= gap;
        return band;
    });
}

// Image of steps [from, to) of some populations: {canvas, bands, spikes drawn}.
function drawGrid(run, populations, from, to, columns, rows) {
    const steps = to - from;
    columns = Math.max(1, Math.min(columns, steps));
    const positive = new Float32Array(columns * rows);
    const negative = new Float32Array(columns * rows);
    const bands = stackRows(populations, rows), { trains } = run;
    let spikes = 0;
    const first = tokenAt(run, from), last = tokenAt(run, to - 1);
    for (let token = first; token <= last; token++)
        for (const band of bands) {
            const { size, offset } = band.population;
            const start = run.start[token] - from, base = token * run.neurons + offset;
            for (let neuron = 0; neuron < size; neuron++) {
                const train = run.train[base + neuron];
                if (trains.first[train] === trains.first[train + 1])
                    continue;
                const low = Math.floor(neuron * band.height / size);
                const high = Math.max(low + 1, Math.floor((neuron + 1) * band.height / size));
                for (let s = trains.first[train]; s < trains.first[train + 1]; s++) {
                    const step = start + trains.step[s];
                    if (step < 0 || step >= steps)
                        continue;
                    spikes++;
                    const column = Math.floor(step * columns / steps);
                    const grid = trains.worth[s] < 0 ? negative : positive;
                    const weight = trains.strength[s] ** 4;
                    for (let row = low; row < high; row++)
                        grid[(band.top + band.height - 1 - row) * columns + column] += weight;
                }
            }
        }
    const canvas = paintGrid(run, bands, positive, negative, columns, rows, steps);
    return { canvas, bands, spikes, from, to };
}

function paintGrid(run, bands, positive, negative, columns, rows, steps) {
    const canvas = document.createElement("canvas");
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
    const pixel = image.data;
    const plot = colourOf("--plot"), up = colourOf("--excited"), down = colourOf("--inhibited");
    const strongest = run.trains.strength.reduce((most, s) => Math.max(most, s), 1);
    const faintest = 0.3;
    for (const band of bands) {
        const covered = Math.max(1, band.population.size / band.height) *
                        Math.max(1, steps / columns);
        const share = sum => sum === 0 ? 0 : faintest + (1 - faintest) *
            Math.min(1, (sum / covered) ** 0.25 / strongest);
        for (let i = band.top * columns; i < (band.top + band.height) * columns; i++) {
            if (positive[i] + negative[i] === 0)
                continue;
            // where many share a pixel both signs do: the rarer one yields, to show the other
            const lean = Math.min(positive[i], negative[i]) /
                         Math.max(positive[i], negative[i]);
            const above = share(positive[i]) * (positive[i] < negative[i] ? lean ** 2 : 1);
            const below = share(negative[i]) * (negative[i] < positive[i] ? lean ** 2 : 1);
            for (let c = 0; c < 3; c++) // lights add up on dark, inks on light
                pixel[4 * i + c] = plot[c] + (up[c] - plot[c]) * above +
                                   (down[c] - plot[c]) * below;
            pixel[4 * i + 3] = 255;
        }
    }
    context.putImageData(image, 0, 0);
    return canvas;
}

class RasterView {
    constructor(canvas, run) {
        this.canvas = canvas;
        this.run = run;
        this.populations = run.populations;
        this.from = 0;
        this.to = run.steps;
        this.grid = null;
    }
    show(populations) {
        this.populations = populations;
        this.grid = null;
    }
    // So many tokens around the step, in whole pages.
    zoom(tokens, step) {
        const run = this.run, page = Math.floor(tokenAt(run, step) / tokens);
        const first = Math.min(page * tokens, run.tokens - 1);
        const from = run.start[first];
        const to = run.start[Math.min(run.tokens, first + tokens)];
        if (from !== this.from || to !== this.to)
            this.grid = null;
        this.from = from;
        this.to = Math.max(to, from + 1);
    }
    resize() {
        const box = this.canvas.getBoundingClientRect();
        this.ratio = Math.min(3, window.devicePixelRatio || 1);
        const wide = box.width > 620;
        this.unit = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8;
        const below = parseFloat(getComputedStyle(document.body).paddingBottom) + this.unit * 4;
        const left = window.innerHeight - (box.top + window.scrollY) - below;
        const height = wide ? Math.max(280, Math.min(left, box.width))
                            : Math.max(260, window.innerHeight * 0.42);
        this.canvas.style.height = `${height}px`;
        this.canvas.width = Math.round(box.width * this.ratio);
        this.canvas.height = Math.round(height * this.ratio);
        this.width = box.width;
        this.height = height;
        this.left = wide ? this.unit * 7.5 : 0;
        this.strip = Math.round(height * 0.12);
        this.axis = this.unit * 2;
        this.plotHeight = Math.round(height - this.strip - this.axis - 6);
        this.grid = null;
    }
    x(step) {
        const share = (step - this.from) / (this.to - this.from);
        return this.left + share * (this.width - this.left);
    }
    step(x) {
        const share = (x - this.left) / (this.width - this.left);
        return this.from + share * (this.to - this.from);
    }
    draw(now) {
        const context = this.canvas.getContext("2d"), ratio = this.ratio;
        if (!this.grid)
            this.grid = drawGrid(this.run, this.populations, this.from, this.to,
                                 Math.round((this.width - this.left) * ratio),
                                 Math.round(this.plotHeight * ratio));
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.fillStyle = css(colourOf("--page"));
        context.fillRect(0, 0, this.width + 1, this.height + 1);
        context.fillStyle = css(colourOf("--plot"));
        context.fillRect(this.left, 0, this.width - this.left, this.plotHeight);
        this.drawSpikes(context, now);
        this.drawBands(context);
        this.drawStrip(context, now);
        this.drawAxis(context, now);
        context.fillStyle = css(colourOf("--ink"));
        const at = this.x(Math.min(Math.max(now, this.from), this.to));
        context.fillRect(Math.min(at, this.width - 1.5), 0, 1.5,
                         this.plotHeight + this.strip + 6);
    }
    drawSpikes(context, now) {
        const { canvas } = this.grid, width = this.width - this.left;
        const share = Math.min(1, Math.max(0, (now - this.from) / (this.to - this.from)));
        context.imageSmoothingEnabled = false;
        context.globalAlpha = 0.16; // what is still to come
        context.drawImage(canvas, this.left, 0, width, this.plotHeight);
        context.globalAlpha = 1;
        if (share <= 0)
            return;
        context.save();
        context.beginPath();
        context.rect(this.left, 0, share * width, this.plotHeight);
        context.clip();
        context.drawImage(canvas, this.left, 0, width, this.plotHeight);
        context.restore();
    }
    // Bands too thin for their names are named by layer.
    labels() {
        const { bands } = this.grid, thin = bands.some(b => b.height < this.unit * this.ratio);
        if (!thin || bands.every(band => band.population.layer < 0))
            return bands.map(band => ({ text: band.population.name,
                                        middle: (band.top + band.height / 2) / this.ratio }));
        const layers = new Map();
        for (const band of bands) {
            const { layer, name } = band.population;
            const text = layer < 0 ? name : layerName(layer), last = layers.get(text);
            layers.set(text, { top: band.top,
                               bottom: last ? last.bottom : band.top + band.height });
        }
        return [...layers].map(([text, { top, bottom }]) =>
            ({ text, middle: (top + bottom) / 2 / this.ratio }));
    }
    drawBands(context) {
        const { unit } = this, narrow = this.left === 0;
        context.font = `${unit}px system-ui, "DejaVu Sans", sans-serif`;
        context.textBaseline = "middle";
        let free = this.plotHeight + unit;
        for (const { text, middle } of this.labels()) {
            if (middle > free - unit * (narrow ? 2.2 : 0.65) || middle < unit * 0.6)
                continue;
            free = middle - unit * 0.65;
            if (narrow) {
                context.fillStyle = css(colourOf("--page"), 0.75);
                const width = context.measureText(text).width + 6;
                context.fillRect(0, middle - unit * 0.6, width, unit * 1.2);
            }
            context.fillStyle = css(colourOf("--ink"));
            context.fillText(text, 3, middle, narrow ? this.width / 2 : this.left - 8);
        }
    }
    // Spikes per step of what the raster shows.
    drawStrip(context, now) {
        const { run } = this, top = this.plotHeight + 4;
        const first = Math.floor(this.from / run.binSteps);
        const last = Math.min(run.bins, Math.ceil(this.to / run.binSteps));
        const sums = new Float64Array(last - first);
        for (const population of this.populations) {
            const rate = run.rate[run.populations.indexOf(population)];
            for (let bin = first; bin < last; bin++)
                sums[bin - first] += rate[bin];
        }
        const most = sums.reduce((a, b) => Math.max(a, b), 1);
        const said = css(colourOf("--muted")), coming = css(colourOf("--rule"));
        for (let bin = first; bin < last; bin++) {
            const height = sums[bin - first] / most * (this.strip - 4);
            const from = Math.max(this.left, this.x(bin * run.binSteps));
            const to = this.x((bin + 1) * run.binSteps);
            context.fillStyle = bin * run.binSteps < now ? said : coming;
            context.fillRect(from, top + this.strip - 4 - height,
                             Math.max(0.5, to - from), height);
        }
        if (this.left > 0) {
            context.fillStyle = css(colourOf("--muted"));
            context.fillText(WORDS[language()].perStep, 3, top + this.strip / 2, this.left - 8);
        }
    }
    drawAxis(context, now) {
        const { run, unit } = this, top = this.plotHeight + this.strip + 5;
        const current = tokenAt(run, Math.max(0, now - 1e-6));
        const first = tokenAt(run, this.from), last = tokenAt(run, this.to - 1);
        let free = this.left;
        context.textBaseline = "top";
        if (run.head.isTimed)
            return this.drawTimes(context, top);
        for (let token = first; token <= last; token++) {
            const from = this.x(run.start[token]), to = this.x(run.start[token + 1]);
            const isPrompt = run.head.kind[token] === 0;
            context.fillStyle = css(colourOf(token === current ? "--glow"
                                             : isPrompt ? "--prompt" : "--generated"));
            context.fillRect(from, top, Math.max(1, to - from - 1), 4);
            const text = shownWord(run.words[token]), width = context.measureText(text).width;
            const left = this.within((from + to - width) / 2, width);
            if (left < free)
                continue;
            context.fillStyle = css(colourOf(isPrompt ? "--muted" : "--ink"));
            context.fillText(text, left, top + 7);
            free = left + width + unit * 0.5;
        }
    }
    within(left, width) {
        return Math.min(Math.max(left, this.left), this.width - width);
    }
    drawTimes(context, top) {
        const { run } = this, dt = run.head.dtMs;
        const total = (this.to - this.from) * dt;
        const power = 10 ** Math.floor(Math.log10(total / 4));
        const distance = [5, 2, 1].find(n => n * power <= total / 4) * power;
        const origin = run.head.firstStep * dt, begin = this.from * dt + origin;
        context.fillStyle = css(colourOf("--muted"));
        for (let k = Math.ceil(begin / distance); k * distance <= begin + total; k++) {
            const text = timeText(k * distance);
            const width = context.measureText(text).width;
            const at = this.x((k * distance - origin) / dt);
            context.fillRect(at, top, 1, 4);
            context.fillText(text, this.within(at - width / 2, width), top + 7);
        }
    }
    // What lies under a point of the canvas, or null.
    find(x, y) {
        const step = Math.floor(this.step(x));
        if (!this.grid || x < this.left || step < this.from || step >= this.to || y < 0)
            return null;
        const token = tokenAt(this.run, step), found = { step, token };
        const row = y * this.ratio;
        const band = this.grid.bands.find(b => row >= b.top && row < b.top + b.height);
        if (!band)
            return found;
        const { population } = band, up = band.top + band.height - 1 - Math.floor(row);
        const first = Math.floor(up * population.size / band.height);
        const last = Math.max(first, Math.ceil((up + 1) * population.size / band.height) - 1);
        let spikes = 0;
        const { trains, train, neurons, start } = this.run;
        for (let neuron = first; neuron <= last; neuron++) {
            const t = train[token * neurons + population.offset + neuron];
            for (let s = trains.first[t]; s < trains.first[t + 1]; s++)
                if (trains.step[s] === step - start[token])
                    spikes++;
        }
        return { ...found, population, first, last, spikes };
    }
}
