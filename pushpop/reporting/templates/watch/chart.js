// All steps at once: pushes and pops above; below, the memory at every step as a column of its cells, in the colours of
// what they hold. A cell keeps its place on the memory's line while it lasts, so the page draws each of its stretches
// once.
class Chart {
  constructor(figure, data, way, tones, go) {
    Object.assign(this, { data, way, tones });
    this.canvas = figure.querySelector("canvas");
    this.here = figure.querySelector(".here");
    this.scroll = figure.querySelector(".scroll");
    this.cells = new Cells(way);
    this.line = this.cells.line(data.memory);
    this.lowest = Math.min(0, ...this.line.map((ends) => ends.low));
    this.highest = Math.max(1, ...this.line.map((ends) => ends.high));
    this.canvas.addEventListener("click", (event) => go(this.step(event.offsetX)));
  }

  step(x) {
    return clamp(Math.floor((x - this.side) / this.column), 0, this.way.steps.length - 1);
  }

  draw(longest) {
    const room = this.scroll.clientWidth - 2;
    if (room <= 0) return; // not in sight
    this.side = 34;
    this.bars = 26;
    this.column = clamp((room - this.side) / longest, 1.5, 52);
    this.unit = clamp(260 / (this.highest - this.lowest), 0.4, 20);
    this.top = 2 * this.bars + 16;
    this.width = Math.ceil(this.side + this.column * this.way.steps.length) + 1;
    this.height = Math.ceil(this.top + this.unit * (this.highest - this.lowest)) + 22;
    this.room = room;
    this.wide = this.width > room;
    const ratio = Math.min(window.devicePixelRatio || 1, 16000 / this.width);
    Object.assign(this.canvas, { width: this.width * ratio, height: this.height * ratio });
    Object.assign(this.canvas.style, { width: `${this.width}px`, height: `${this.height}px` });
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const look = getComputedStyle(document.documentElement);
    this.colour = (name) => look.getPropertyValue(`--${name}`);
    pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = "middle";
    this.drawBars(pen);
    this.drawCells(pen);
    this.drawReads(pen);
    this.drawNames(pen);
  }

  x(step) {
    return this.side + step * this.column;
  }

  y(height) {
    return this.top + (this.highest - height) * this.unit;
  }

  drawBars(pen) {
    const middle = this.bars + 2;
    this.way.steps.forEach((step, index) => {
      const inset = Math.min(3, this.column * 0.12);
      const wide = (this.column - 2 * inset) / step.ends.length;
      step.ends.forEach((end, hand) => {
        const x = this.x(index) + inset + hand * wide;
        pen.globalAlpha = hand ? 0.55 : 1;
        pen.fillStyle = this.colour("push");
        pen.fillRect(x, middle - end.push * this.bars, wide, end.push * this.bars);
        pen.fillStyle = this.colour("pop");
        pen.fillRect(x, middle, wide, end.pop * this.bars);
      });
    });
    pen.globalAlpha = 1;
    pen.fillStyle = this.colour("line");
    pen.fillRect(this.side, middle - 0.5, this.width - this.side, 1);
    pen.fillStyle = this.colour("soft");
    pen.textAlign = "right";
    pen.fillText("push", this.side - 5, middle - this.bars / 2);
    pen.fillText("pop", this.side - 5, middle + this.bars / 2);
  }

  drawCells(pen) {
    pen.fillStyle = this.colour("wash");
    pen.fillRect(this.side, this.top, this.width - this.side, this.unit * (this.highest - this.lowest));
    const edge = this.unit > 5 ? 1 : 0;
    const gap = this.column > 9 ? 1 : 0;
    pen.textAlign = "center";
    this.way.cells.forEach(({ holds }, cell) => {
      const [, on] = this.tones.of(holds);
      for (const { from, to, low, high, strength } of this.cells.spans(cell, this.line, this.data.memory)) {
        const tall = Math.max(0.5, (high - low) * this.unit - edge);
        pen.fillStyle = edge ? this.tones.fill(pen, holds) : this.tones.of(holds)[0];
        for (let step = from; gap && step < to; step += 1) pen.fillRect(this.x(step), this.y(high), this.column - gap, tall);
        if (!gap) pen.fillRect(this.x(from), this.y(high), this.x(to) - this.x(from), tall);
        if (tall < 11 || this.column < 8 * holds.length + 2 || strength < 0.3) continue;
        pen.fillStyle = on;
        for (let step = from; step < to; step += 1) pen.fillText(holds, this.x(step) + this.column / 2, this.y(high) + tall / 2 + 1);
      }
    });
  }

  // A frame around what is read: one unit from the end.
  drawReads(pen) {
    pen.fillStyle = this.colour("ink");
    const thick = clamp(this.unit / 6, 1, 2.5);
    const wide = this.column - (this.column > 9 ? 1 : 0);
    this.line.forEach(({ low, high }, step) => {
      const reads = [this.data.memory === "Queue" ? [low, Math.min(low + 1, high)] : [Math.max(high - 1, low), high]];
      if (this.way.steps[step].ends.length > 1) reads.push([low, Math.min(low + 1, high)]);
      for (const [from, to] of reads) {
        if (to - from < 0.02) continue;
        const [x, y, tall] = [this.x(step), this.y(to), (to - from) * this.unit];
        pen.fillRect(x, y, thick, tall);
        pen.fillRect(x + wide - thick, y, thick, tall);
        if (this.column > 9) {
          pen.fillRect(x, y, wide, thick);
          pen.fillRect(x, y + tall - thick, wide, thick);
        }
      }
    });
  }

  drawNames(pen) {
    pen.fillStyle = this.colour("soft");
    pen.textAlign = "center";
    const every = Math.ceil(26 / this.column);
    this.way.steps.forEach((step, index) => {
      if (index % every === 0) pen.fillText(step.fed, this.x(index) + this.column / 2, this.height - 9);
    });
    const begins = this.way.steps.findIndex((step) => step.phase === "writing");
    pen.strokeStyle = this.colour("soft");
    pen.setLineDash([4, 4]);
    pen.strokeRect(this.x(begins), 0, 0, this.height - 20);
    pen.setLineDash([]);
    const wrong = this.way.error;
    if (wrong === null) return;
    pen.fillStyle = this.colour("wrong");
    pen.fillText("✗", this.x(wrong) + this.column / 2, this.height - 22);
  }

  mark(step) {
    const last = Math.min(step, this.way.steps.length - 1);
    const place = { left: this.x(last) - 1, top: -1, width: this.column + 2, height: this.height };
    for (const [name, value] of Object.entries(place)) this.here.style[name] = `${value}px`;
  }

  follow(step) {
    if (this.wide) this.scroll.scrollLeft = this.x(Math.min(step, this.way.steps.length - 1)) - this.room / 2;
  }
}
