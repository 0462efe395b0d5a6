// The memory after one step, as a pile of blocks that stands on its floor, or as a pipe that lies. Only blocks that are
// in sight are elements: a step costs the same however much lies below.
const LEAST = { pile: [15, 15], pipe: [22, 36] }; // pixels of a block with its name on it, and with its strength too

class Pile {
  constructor(frame, way, shape, tones) {
    Object.assign(this, { way, tones, shape, frame });
    this.cells = new Cells(way);
    this.shown = new Map(); // cell -> its elements
    this.place = frame.querySelector(".blocks");
    this.more = frame.querySelector(".more");
    this.tallest = Math.max(1, ...way.steps.map((_, step) => this.cells.sum(step)));
  }

  // How much room there is; the same for both piles of a page, so that their blocks can be compared.
  measure(tallest) {
    this.room = (this.shape === "pile" ? this.frame.clientHeight : this.frame.clientWidth) - 4;
    this.unit = clamp(this.room / tallest, this.shape === "pile" ? 19 : 30, 46);
  }

  element(cell) {
    if (!this.shown.has(cell)) {
      const { pushed, holds } = this.way.cells[cell];
      const element = make("div", "cell");
      element.dataset.cell = cell;
      const block = this.tones.paint(make("div", "block"), holds);
      const amount = make("small");
      block.append(make("span", "", holds), amount);
      const reads = this.way.steps[0].ends.map((_, end) => make("i", end ? "taken second" : "taken"));
      element.append(block, ...reads);
      block.title = `pushed at ${pushed}${holds === pushed ? "" : `, holds ${holds}`}`;
      this.place.append(element);
      this.shown.set(cell, { element, amount, reads });
    }
    return this.shown.get(cell);
  }

  // Which blocks are in sight, and where each begins: Map cell -> [place, size, strength]; and what is not in sight.
  arrange(alive) {
    const size = (strength) => Math.max(1, strength * this.unit);
    const total = alive.reduce((sum, [, strength]) => sum + size(strength), 0);
    const seen = new Map();
    const lay = (blocks, start, room, back) => {
      let used = 0;
      for (const [cell, strength] of blocks) {
        if (used >= room || seen.has(cell)) break;
        const long = size(strength);
        if (used + long > room && this.shape === "pipe") break;
        seen.set(cell, [back ? start - used - long : start + used, long, strength]);
        used += long;
      }
    };
    if (total <= this.room) lay(alive, 0, this.room + 1, false);
    else if (this.shape === "pile") lay([...alive].reverse(), this.room, this.room, true);
    else {
      lay(alive, 0, this.room / 2 - 34, false);
      lay([...alive].reverse(), this.room, this.room / 2 - 34, true);
    }
    return { seen, unseen: alive.length - seen.size };
  }

  show(step) {
    const last = Math.min(step, this.way.steps.length - 1);
    const alive = this.cells.alive(last);
    const { seen, unseen } = this.arrange(alive);
    const weights = this.way.steps[last].ends.map((end) => new Map(end.weights));
    for (const [cell, { element }] of this.shown) {
      if (seen.has(cell)) continue;
      if (element.classList.contains("gone")) {
        element.remove();
        this.shown.delete(cell);
      } else {
        element.classList.add("gone"); // it shrinks away first
        element.style.setProperty("--size", "0px");
      }
    }
    for (const [cell, [place, size, strength]] of seen) {
      const { element, amount, reads } = this.element(cell);
      element.style.setProperty("--at", `${place}px`);
      element.style.setProperty("--size", `${size}px`);
      element.classList.remove("gone");
      element.classList.toggle("thin", size < LEAST[this.shape][0]);
      element.classList.toggle("slim", size < LEAST[this.shape][1]);
      amount.textContent = share(strength);
      reads.forEach((bar, end) => bar.style.setProperty("--weight", weights[end].get(cell) ?? 0));
    }
    this.more.hidden = unseen === 0;
    this.more.textContent = unseen ? `${unseen} more` : "";
    this.frame.classList.toggle("cut", unseen > 0);
    const total = alive.reduce((sum, [, strength]) => sum + strength, 0);
    this.frame.previousElementSibling.textContent = alive.length ? `${many(alive.length, "cell")}, ${share(total)} in all` : "empty";
  }
}
