// The model as a map: a row a layer, the first at the bottom, a column a role; what has
// no layer (a head, the populations of a network) is a row of its own. Cells glow with
// the rate of the moment, as a share of their own brightest.

class MapView {
    constructor(canvas, run) {
        this.canvas = canvas;
        this.run = run;
        this.selected = run.populations;
        this.roles = [];
        this.rows = [];
        const layers = new Map();
        run.populations.forEach((population, index) => {
            if (population.layer < 0)
                return;
            if (!this.roles.includes(population.role))
                this.roles.push(population.role);
            if (!layers.has(population.layer))
                layers.set(population.layer, []);
            layers.get(population.layer).push(index);
        });
        for (const layer of [...layers.keys()].sort((a, b) => a - b))
            this.rows.push({ layer, label: layerName(layer),
                             members: layers.get(layer) });
        run.populations.forEach((population, index) => {
            if (population.layer < 0)
                this.rows.push({ layer: -1, label: population.name, members: [index] });
        });
    }
    resize() {
        const width = this.canvas.getBoundingClientRect().width;
        const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8;
        this.ratio = Math.min(3, window.devicePixelRatio || 1);
        this.unit = unit;
        this.width = width;
        this.head = this.roles.length > 1 ? unit * 2.6 : 0;
        const room = window.innerHeight * 0.45 / this.rows.length;
        this.rowHeight = Math.max(7, Math.min(unit * 1.5, room));
        const context = this.canvas.getContext("2d");
        context.font = this.font();
        const widest = this.rows.reduce(
            (most, row) => Math.max(most, context.measureText(row.label).width), 0);
        this.left = Math.min(widest + 8, width * 0.45);
        this.height = this.head + this.rowHeight * this.rows.length;
        this.canvas.style.height = `${this.height}px`;
        this.canvas.width = Math.round(width * this.ratio);
        this.canvas.height = Math.round(this.height * this.ratio);
    }
    font() {
        return `${this.unit}px system-ui, "DejaVu Sans", sans-serif`;
    }
    // Of a row from the bottom and a column: the cell's box.
    box(row, column, columns) {
        const width = (this.width - this.left) / columns;
        return [this.left + column * width, this.height - (row + 1) * this.rowHeight,
                width - 1, this.rowHeight - 1];
    }
    each(visit) {
        this.rows.forEach((row, r) => row.members.forEach(index => {
            const population = this.run.populations[index];
            const column = this.roles.indexOf(population.role);
            visit(index, row.layer < 0 ? this.box(r, 0, 1)
                                       : this.box(r, column, this.roles.length));
        }));
    }
    draw(now) {
        const context = this.canvas.getContext("2d"), { run } = this;
        const bin = Math.min(run.bins - 1, Math.floor(now / run.binSteps));
        const plot = colourOf("--plot"), glow = colourOf("--glow"), rule = colourOf("--rule");
        const isPart = this.selected.length < run.populations.length;
        context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        context.fillStyle = css(colourOf("--page"));
        context.fillRect(0, 0, this.width + 1, this.height + 1);
        this.each((index, [x, y, width, height]) => {
            const population = run.populations[index];
            const rate = now > 0 ? run.rate[index][bin] / (population.size * run.binSteps) : 0;
            const share = rate / (run.brightest[index] || 1);
            context.fillStyle = css(mix(mix(plot, rule, 0.5), glow, share));
            context.fillRect(x, y, width, height);
            if (isPart && this.selected.includes(population)) {
                context.strokeStyle = css(colourOf("--ink"));
                context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
            }
        });
        this.drawLabels(context);
    }
    drawLabels(context) {
        context.font = this.font();
        context.fillStyle = css(colourOf("--muted"));
        context.textBaseline = "middle";
        const every = Math.max(1, Math.ceil(this.unit * 1.1 / this.rowHeight));
        this.rows.forEach((row, r) => {
            if (r % every === 0 || row.layer < 0 && every === 1)
                context.fillText(row.label, 2, this.height - (r + 0.5) * this.rowHeight,
                                 this.left - 6);
        });
        const width = (this.width - this.left) / (this.roles.length || 1);
        if (this.head > 0)
            this.roles.forEach((role, column) => role.split("_").forEach((part, line) =>
                context.fillText(part, this.left + column * width,
                                 this.unit * (0.7 + 1.1 * line), width - 4)));
    }
    roleAt(x) {
        const share = (x - this.left) / (this.width - this.left);
        return this.roles[Math.floor(share * this.roles.length)];
    }
    // Populations that a point means: a cell, a layer, a role; null: none.
    find(x, y) {
        const { populations } = this.run;
        if (y < this.head)
            return x < this.left ? null : populations.filter(p => p.role === this.roleAt(x));
        const row = this.rows[Math.floor((this.height - y) / this.rowHeight)];
        if (!row)
            return null;
        if (x < this.left || row.layer < 0)
            return row.members.map(index => populations[index]);
        const found = row.members.map(index => populations[index])
            .filter(p => p.role === this.roleAt(x));
        return found.length ? found : null;
    }
}
