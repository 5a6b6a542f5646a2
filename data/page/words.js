// Every text of the page, by language.
const WORDS = {
    en: {
        other: "Italiano", theme: "Light / dark", helpOpen: "Help",
        about: (model, tokens) => `${model}: a language model that thinks in spikes, ${tokens} tokens`,
        aboutNetwork: (model, time) => `${model}: a network of spiking neurons, ${time}`,
        words: "The words so far", raster: "Spikes", map: "The model",
        mapTimed: "The network", counter: "The bill", counterTimed: "Counted",
        showAll: "Whole model", showAllTimed: "All",
        positive: "positive spike", negative: "negative spike",
        excited: "spike",
        rasterHint: "Upwards: neurons. To the right: time. Pale to strong: what a spike is worth.",
        rasterHintTimed: "Upwards: neurons. To the right: time.",
        mapHint: "A row is a layer, the first at the bottom. Choose a cell to see its spikes alone.",
        mapHintTimed: "A row is a population. Choose one to see its spikes alone.",
        perStep: "spikes/step", speed: "Speed",
        pace: n => `${n} steps/s`,
        play: "Play", pause: "Pause", stepBack: "Back by a step", stepOn: "On by a step",
        tokenBack: "Back by a word", tokenOn: "On by a word", scrub: "Place in time",
        wider: "Show more time", closer: "Show less time",
        position: (token, tokens, step, steps) => `token ${token} of ${tokens}, step ${step} of ${steps}`,
        positionTimed: (now, all) => `${now} of ${all}`,
        spikes: "spikes so far", additions: "additions they caused",
        macs: "multiplications a dense model needs",
        silent: "channels silent for this word",
        variants: ["with spikes", "dense, INT8", "dense, FP16"],
        boundary: "What the bill counts",
        boundaries: ["the sums of the spiking layers", "all their arithmetic and the other projections",
                     "… and fetching the weights", "… and the neurons’ memory",
                     "everything: … attention, norms"],
        prices: profile => `Counted operations times the prices of ${profile}: not a measurement. Exact at the end of a word.`,
        noPrice: "no price",
        partial: "The spikes shown are those of some populations; the bill is that of the whole model.",
        neuron: (name, first, last) => first === last ? `${name}, neuron ${first}` : `${name}, neurons ${first} to ${last}`,
        atStep: (word, step) => `“${word}”, step ${step}`,
        found: n => n === 1 ? "1 spike" : `${n} spikes`,
        layerCell: (name, neurons, rate) => `${name}: ${neurons} neurons, ${rate} % of them firing`,
        help: "How to use this page",
        helpText: "A network of neurons wrote the grey words’ continuation. Each neuron is dark until it has something to say: then it sends a spike, a dot in the picture. Press play and watch the words come with their spikes; choose a word to jump to it, or a cell of the map to see those neurons alone.",
        helpTextTimed: "Each neuron of this network is dark until it has something to say: then it sends a spike, a dot in the picture. Press play; choose a row of the map to see those neurons alone.",
        keys: [["Space", "play, pause"], ["← →", "a word back, on"], [", .", "a step back, on"],
               ["↑ ↓", "faster, slower"], ["Home End", "to the beginning, the end"],
               ["+ −", "less time in sight, more"], ["Esc", "the whole model"],
               ["D", "light, dark"], ["L", "language"], ["?", "this help"]],
        provenance: (version, command, spikes) => `Made by Lucciola ${version} from a recording of ${spikes} spikes, every one of them in this page: ${command}`,
        close: "Close",
        old: "This browser is too old for this page: it needs DecompressionStream (Chrome 103, Firefox 113, Safari 16.4 or later).",
        broken: "This page’s data is damaged: ",
        loading: "Unpacking the spikes …",
    },
    it: {
        other: "English", theme: "Chiaro / scuro", helpOpen: "Aiuto",
        about: (model, tokens) => `${model}: un modello linguistico che pensa a impulsi, ${tokens} token`,
        aboutNetwork: (model, time) => `${model}: una rete di neuroni a impulsi, ${time}`,
        words: "Le parole fin qui", raster: "Gli impulsi", map: "Il modello",
        mapTimed: "La rete", counter: "Il conto", counterTimed: "Contati",
        showAll: "Tutto il modello", showAllTimed: "Tutto",
        positive: "impulso positivo", negative: "impulso negativo",
        excited: "impulso",
        rasterHint: "Verso l’alto: i neuroni. Verso destra: il tempo. Da tenue a intenso: quanto vale un impulso.",
        rasterHintTimed: "Verso l’alto: i neuroni. Verso destra: il tempo.",
        mapHint: "Ogni riga è uno strato, il primo in basso. Scegli una casella per vedere solo i suoi impulsi.",
        mapHintTimed: "Ogni riga è una popolazione. Scegline una per vedere solo i suoi impulsi.",
        perStep: "impulsi/passo", speed: "Velocità",
        pace: n => `${n} passi/s`,
        play: "Avvia", pause: "Pausa", stepBack: "Indietro di un passo", stepOn: "Avanti di un passo",
        tokenBack: "Indietro di una parola", tokenOn: "Avanti di una parola", scrub: "Punto nel tempo",
        wider: "Mostra più tempo", closer: "Mostra meno tempo",
        position: (token, tokens, step, steps) => `token ${token} di ${tokens}, passo ${step} di ${steps}`,
        positionTimed: (now, all) => `${now} di ${all}`,
        spikes: "impulsi fin qui", additions: "somme che hanno causato",
        macs: "moltiplicazioni di un modello denso",
        silent: "canali muti per questa parola",
        variants: ["con gli impulsi", "denso, INT8", "denso, FP16"],
        boundary: "Che cosa entra nel conto",
        boundaries: ["le somme degli strati a impulsi", "tutta la loro aritmetica e le altre proiezioni",
                     "… e la lettura dei pesi", "… e la memoria dei neuroni",
                     "tutto: … attenzione, norme"],
        prices: profile => `Operazioni contate, moltiplicate per i prezzi di ${profile}: non è una misura. Valori esatti alla fine di ogni parola.`,
        noPrice: "senza prezzo",
        partial: "Gli impulsi mostrati sono di alcune popolazioni; il conto è di tutto il modello.",
        neuron: (name, first, last) => first === last ? `${name}, neurone ${first}` : `${name}, neuroni da ${first} a ${last}`,
        atStep: (word, step) => `«${word}», passo ${step}`,
        found: n => n === 1 ? "1 impulso" : `${n} impulsi`,
        layerCell: (name, neurons, rate) => `${name}: ${neurons} neuroni, ${rate} % attivi`,
        help: "Come usare questa pagina",
        helpText: "Una rete di neuroni ha continuato le parole in grigio. Ogni neurone resta al buio finché non ha qualcosa da dire: allora manda un impulso, un punto nella figura. Premi il tasto di avvio e guarda arrivare le parole con i loro impulsi; scegli una parola per saltare lì, o una casella della mappa per vedere solo quei neuroni.",
        helpTextTimed: "Ogni neurone di questa rete resta al buio finché non ha qualcosa da dire: allora manda un impulso, un punto nella figura. Premi il tasto di avvio; scegli una riga della mappa per vedere solo quei neuroni.",
        keys: [["Spazio", "avvia, pausa"], ["← →", "una parola indietro, avanti"], [", .", "un passo indietro, avanti"],
               ["↑ ↓", "più veloce, più lento"], ["Home End", "all’inizio, alla fine"],
               ["+ −", "meno tempo in vista, di più"], ["Esc", "tutto il modello"],
               ["D", "chiaro, scuro"], ["L", "lingua"], ["?", "questo aiuto"]],
        provenance: (version, command, spikes) => `Fatta da Lucciola ${version} da una registrazione di ${spikes} impulsi, tutti contenuti in questa pagina: ${command}`,
        close: "Chiudi",
        old: "Questo browser è troppo vecchio per questa pagina: serve DecompressionStream (Chrome 103, Firefox 113, Safari 16.4 o successivi).",
        broken: "I dati di questa pagina sono danneggiati: ",
        loading: "Sto aprendo gli impulsi …",
    },
};

let chosenLanguage = navigator.language.startsWith("it") ? "it" : "en";

function language() {
    return chosenLanguage;
}

// A token as it is shown: lone spaces and ends of lines visible.
function shownWord(text) {
    const shown = text.length > 1 ? text.replace(/^ /, "") : text;
    return shown.replace(/\n/g, "↵").replace(/\t/g, "⇥").replace(/^ $/, "␣");
}

function timeText(ms) {
    const number = (value, digits) =>
        value.toLocaleString(language(), { maximumFractionDigits: digits });
    return ms >= 10000 ? `${number(ms / 1000, 2)} s` : `${number(ms, 1)} ms`;
}
