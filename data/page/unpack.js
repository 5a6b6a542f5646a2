// What the page plays, unpacked: see "The page's data" in notes/viewer.md.

class Numbers { // of 7 bits a byte, least first
    constructor(bytes) {
        this.bytes = bytes;
        this.at = 0;
    }
    next() {
        let value = 0, scale = 1, byte;
        do {
            if (this.at >= this.bytes.length)
                throw new Error("the page's data ends early");
            byte = this.bytes[this.at++];
            value += (byte & 127) * scale;
            scale *= 128;
        } while (byte > 127);
        return value;
    }
    signed() {
        const value = this.next();
        return value % 2 ? -(value + 1) / 2 : value / 2;
    }
    get isAtEnd() {
        return this.at === this.bytes.length;
    }
}

async function inflate(id) {
    const text = atob(document.getElementById(id).textContent);
    const packed = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++)
        packed[i] = text.charCodeAt(i);
    const stream = new Blob([packed]).stream()
        .pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
}

// {first: of each train its first spike, step, worth, strength: by spike}
function readTrains(bytes) {
    const numbers = new Numbers(bytes), first = [0], step = [], worth = [];
    while (!numbers.isAtEnd) {
        const spikes = numbers.next();
        for (let i = 0, at = 0; i < spikes; i++) {
            at += numbers.next();
            step.push(at);
            worth.push(numbers.signed());
        }
        first.push(step.length);
    }
    return {
        count: first.length - 1,
        first: Uint32Array.from(first),
        step: Uint32Array.from(step),
        worth: Int32Array.from(worth),
        strength: Float32Array.from(worth, w => Math.log2(1 + Math.abs(w))),
    };
}

// The train of every neuron in every window: [token * neurons + neuron].
function readWindows(run, cells, symbols) {
    const ranked = new Numbers(cells), ranks = new Numbers(symbols);
    const room = run.tokens * run.neurons;
    const train = run.trains.count < 65536 ? new Uint16Array(room) : new Uint32Array(room);
    for (let token = 0, at = 0; token < run.tokens; token++)
        for (const population of run.populations) {
            const of = new Array(ranked.next());
            for (let rank = 0; rank < of.length; rank++)
                of[rank] = ranked.next();
            if (of.length > 1)
                for (let i = 0; i < population.size; i++)
                    train[at + i] = of[ranks.next()];
            else
                train.fill(of.length ? of[0] : 0, at, at + population.size);
            at += population.size;
        }
    return train;
}

function readWords(run, bytes) {
    const decoder = new TextDecoder();
    let at = 0;
    return run.head.bytes.map((length, token) => {
        const piece = bytes.subarray(at, at + length);
        at += length;
        return decoder.decode(piece, { stream: token + 1 < run.tokens });
    });
}

// Spikes by population and bin of time, and sums over time. A bin is a step unless the
// recording is long.
function addRates(run) {
    const { trains, populations } = run;
    run.binSteps = Math.max(1, Math.ceil(populations.length * run.steps / 4e6));
    run.bins = Math.ceil(run.steps / run.binSteps);
    run.rate = populations.map(() => new Uint32Array(run.bins));
    run.spikesAt = new Float64Array(run.bins + 1);
    run.additionsAt = new Float64Array(run.bins + 1);
    for (let token = 0; token < run.tokens; token++)
        populations.forEach((population, p) => {
            const rate = run.rate[p], start = run.start[token];
            const from = token * run.neurons + population.offset;
            for (let i = from; i < from + population.size; i++) {
                const train = run.train[i];
                for (let s = trains.first[train]; s < trains.first[train + 1]; s++)
                    rate[Math.floor((start + trains.step[s]) / run.binSteps)]++;
            }
        });
    for (let bin = 0; bin < run.bins; bin++) {
        let spikes = 0, additions = 0;
        populations.forEach((population, p) => {
            spikes += run.rate[p][bin];
            additions += run.rate[p][bin] * population.fanOut;
        });
        run.spikesAt[bin + 1] = run.spikesAt[bin] + spikes;
        run.additionsAt[bin + 1] = run.additionsAt[bin] + additions;
    }
    run.brightest = populations.map((population, p) =>
        run.rate[p].reduce((most, n) => Math.max(most, n), 0) /
        (population.size * run.binSteps));
}

async function unpack() {
    const head = JSON.parse(document.getElementById("head").textContent);
    const run = { head, tokens: head.steps.length, populations: head.populations };
    run.start = [0];
    for (const steps of head.steps)
        run.start.push(run.start[run.start.length - 1] + steps);
    run.steps = run.start[run.tokens];
    run.neurons = 0;
    for (const population of run.populations) {
        population.offset = run.neurons;
        run.neurons += population.size;
    }
    run.words = readWords(run, await inflate("text"));
    run.trains = readTrains(await inflate("trains"));
    run.train = readWindows(run, await inflate("cells"), await inflate("symbols"));
    const counters = new Numbers(await inflate("counters"));
    run.cell = [];
    while (!counters.isAtEnd)
        run.cell.push({ steps: counters.next(), silent: counters.next() });
    addRates(run);
    return run;
}

// Every spike once more, for checks: sums that a wrong neuron, step or worth changes.
function totalsOf(run) {
    const sum = { spikes: 0, nodes: 0, steps: 0, worths: 0, nodeSteps: 0, stepWorths: 0 };
    const { trains } = run;
    for (let token = 0; token < run.tokens; token++)
        for (const population of run.populations)
            for (let i = 0; i < population.size; i++) {
                const train = run.train[token * run.neurons + population.offset + i];
                const node = population.first + i;
                for (let s = trains.first[train]; s < trains.first[train + 1]; s++) {
                    const step = run.head.firstStep + run.start[token] + trains.step[s];
                    sum.spikes++;
                    sum.nodes += node;
                    sum.steps += step;
                    sum.worths += trains.worth[s];
                    sum.nodeSteps += node * step;
                    sum.stepWorths += step * trains.worth[s];
                }
            }
    return sum;
}

function tokenAt(run, step) {
    let low = 0, high = run.tokens - 1;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (run.start[middle] <= step)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}
