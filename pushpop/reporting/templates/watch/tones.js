// The colour of each symbol: Okabe and Ito's, in order of first appearance; from the eighth symbol on they return
// striped. Marks (S1, S2, S3) are grey, and so are symbols that the word and its answer do not have. No colour stands
// alone: a block, a chip and a row of the chart have their symbol written on them where it has room.
const TONES = [
  ["#56b4e9", "#14161a"], ["#e69f00", "#14161a"], ["#009e73", "#14161a"], ["#f0e442", "#14161a"],
  ["#0072b2", "#ffffff"], ["#d55e00", "#14161a"], ["#cc79a7", "#14161a"],
];
const GREY = ["#b3b7be", "#14161a"];

class Tones {
  constructor(symbols) {
    this.places = new Map();
    for (const symbol of symbols) {
      if (!/^S[123]$/.test(symbol) && !this.places.has(symbol)) this.places.set(symbol, this.places.size);
    }
    this.patterns = new Map();
  }

  // [background, text, how often these colours have been used before]
  of(symbol) {
    const place = this.places.get(symbol);
    return place === undefined ? [...GREY, 0] : [...TONES[place % TONES.length], Math.floor(place / TONES.length)];
  }

  paint(element, symbol) {
    const [tone, on, round] = this.of(symbol);
    element.style.setProperty("--tone", tone);
    element.style.setProperty("--on", on);
    element.classList.toggle("striped", round > 0);
    element.style.setProperty("--slant", `${45 + 45 * (round - 1)}deg`);
    return element;
  }

  chip(element, symbol) {
    element.classList.add("chip");
    element.textContent = symbol;
    return this.paint(element, symbol);
  }

  // What a canvas fills a symbol's area with.
  fill(pen, symbol) {
    const [tone, , round] = this.of(symbol);
    if (!round) return tone;
    const key = `${tone} ${round}`;
    if (!this.patterns.has(key)) {
      const tile = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
      const brush = tile.getContext("2d");
      brush.fillStyle = tone;
      brush.fillRect(0, 0, 8, 8);
      brush.fillStyle = "rgb(255 255 255 / .6)";
      for (let n = 0; n < 8; n += 1) brush.fillRect(round % 2 ? n : 7 - n, round % 4 < 2 ? n : 2, 2, 1);
      this.patterns.set(key, pen.createPattern(tile, "repeat"));
    }
    return this.patterns.get(key);
  }
}
