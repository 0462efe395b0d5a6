// A stack, queue or DeQue of cells, each a value and a strength (Grefenstette et al. 2015). In a step each hand pops, then
// each pushes, then each reads 1 in all. Cells that are empty are out of the list for good: nothing revives them.
const HANDS = { // the end that a hand pushes at, and the one that it pops and reads at
  Stack: [{ put: "new", take: "new" }],
  Queue: [{ put: "new", take: "old" }],
  DeQue: [{ put: "new", take: "new" }, { put: "old", take: "old" }],
};

class List {
  constructor(kind, width) {
    this.hands = HANDS[kind];
    this.width = width;
    this.cells = []; // [{ id, value, strength }, ...], oldest (of a DeQue: the bottom) first; none is empty
    this.count = 0;
    this.note = () => {}; // told (id, hand, strength) of every cell that is new, or has less than before
  }

  // The amount taken cell by cell from an end, `of` each; gives what was taken of which.
  from(end, amount, of) {
    const places = this.cells.length;
    for (let n = 0, owed = amount; n < places && owed > 0; n += 1) {
      const cell = this.cells[end === "new" ? places - 1 - n : n];
      const taken = Math.min(cell.strength, owed);
      owed -= cell.strength;
      of(cell, taken);
    }
  }

  work(actions) {
    this.hands.forEach(({ take }, hand) => {
      this.from(take, actions[hand].pop, (cell, taken) => {
        cell.strength -= taken;
        this.note(cell.id, cell.hand, cell.strength);
      });
      this.cells = this.cells.filter((cell) => cell.strength > 0);
    });
    this.hands.forEach(({ put }, hand) => {
      const { push: strength, value } = actions[hand];
      const cell = { id: this.count, hand, value, strength };
      this.count += 1;
      this.note(cell.id, hand, strength);
      if (strength > 0) this.cells[put === "new" ? "push" : "unshift"](cell);
    });
  }

  // What each hand reads, one after another, and the cells that it is made of: [[id, weight], ...].
  read() {
    const numbers = new Float64Array(this.hands.length * this.width);
    const weights = this.hands.map(({ take }, hand) => {
      const parts = [];
      this.from(take, 1, (cell, weight) => {
        parts.push([cell.id, weight]);
        for (let n = 0; n < this.width; n += 1) numbers[hand * this.width + n] += weight * cell.value[n];
      });
      return parts;
    });
    return { numbers, weights };
  }
}
