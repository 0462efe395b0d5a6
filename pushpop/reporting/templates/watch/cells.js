// The cells of a memory over time. Each is kept once, with its strength at the steps where that changed.
class Cells {
  constructor(way) {
    this.list = way.cells;
    this.ends = way.steps.map((step) => step.ends);
  }

  // How strong a cell is after a step (from 0).
  strength(cell, step) {
    const known = this.list[cell].strengths;
    let [low, high] = [0, known.length]; // the first change after this step is somewhere from low to high
    while (low < high) {
      const middle = (low + high) >> 1;
      if (known[middle][0] <= step) low = middle + 1;
      else high = middle;
    }
    return low ? known[low - 1][1] : 0;
  }

  // Those not empty after a step, oldest (of a DeQue: from the bottom) first: [[cell, strength], ...].
  alive(step) {
    const found = [];
    this.list.forEach((_, cell) => {
      const strength = this.strength(cell, step);
      if (strength > 0) found.push([cell, strength]);
    });
    return found;
  }

  sum(step) {
    return this.alive(step).reduce((total, [, strength]) => total + strength, 0);
  }

  // The memory as a line: where its two ends are after each step's pops, and after its pushes. Stack: all is done at the
  // high end; queue: pushes at the high end, pops at the low one; DeQue: both at both.
  line(memory) {
    let [low, high] = [0, 0];
    return this.ends.map(([first, second]) => {
      if (memory === "Queue") low = Math.min(low + first.pop, high);
      else high = Math.max(high - first.pop, low);
      if (second) low = Math.min(low + second.pop, high);
      const popped = [low, high];
      high += first.push;
      if (second) low -= second.push;
      return { popped, low, high };
    });
  }

  // Where a cell lies on that line, and when: [{ from, to, low, high }, ...], steps from `from` up to and without `to`.
  spans(cell, line, memory) {
    const known = this.list[cell].strengths;
    if (!known.length) return [];
    const [born, first] = known[0];
    const bottom = memory === "DeQue" && cell < this.list.length / 2;
    let [low, high] = bottom ? [line[born].low, line[born].low + first] : [line[born].high - first, line[born].high];
    return known.map(([from, strength], n) => {
      if (n && memory === "Queue") low = high - strength;
      else if (n && memory === "Stack") high = low + strength;
      else if (n) [low, high] = [Math.max(low, line[from].popped[0]), Math.min(high, line[from].popped[1])];
      return { from, to: n + 1 < known.length ? known[n + 1][0] : this.ends.length, low, high, strength };
    }).filter((span) => span.strength > 0);
  }
}
