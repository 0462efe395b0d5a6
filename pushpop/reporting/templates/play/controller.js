// The recurrent cell that works a memory: Elman RNN, LSTM or GRU, in layers, with the last read as a second input.
// Gates are in torch's order; a cell has one set of weights, or one for each phase (0 reading, 1 writing).
const CELLS = {
  rnn: (entering, recurrent, [h]) => [h.map((_, n) => Math.tanh(entering[n] + recurrent[n]))],
  lstm: (entering, recurrent, [, c]) => {
    const size = c.length;
    const gate = (place, n) => entering[place * size + n] + recurrent[place * size + n];
    const cell = c.map((kept, n) => sigmoid(gate(1, n)) * kept + sigmoid(gate(0, n)) * Math.tanh(gate(2, n)));
    return [cell.map((value, n) => sigmoid(gate(3, n)) * Math.tanh(value)), cell];
  },
  gru: (entering, recurrent, [h]) => {
    const size = h.length;
    const gate = (place, n) => sigmoid(entering[place * size + n] + recurrent[place * size + n]);
    return [h.map((old, n) => {
      const update = gate(1, n);
      const fresh = Math.tanh(entering[2 * size + n] + gate(0, n) * recurrent[2 * size + n]);
      return (1 - update) * fresh + update * old;
    })];
  },
};

class Controller {
  constructor(net, weights) {
    Object.assign(this, { kind: net.controller, layers: net.layers, hidden: net.hidden, weights });
    this.rows = { rnn: 1, lstm: 4, gru: 3 }[this.kind] * net.hidden;
    this.known = new Map(); // what each symbol adds to the lowest gates, by phase, once it has been asked for
  }

  get(name) {
    return this.weights[`controller.${name}`];
  }

  // The weights of a phase, of those that have one set or two.
  of(name, phase) {
    const found = this.get(name);
    return found.at(Math.min(phase, found.shape[0] - 1));
  }

  // The bias vectors of a layer's phase: a GRU's second one belongs to the hidden side, others just add up.
  bias(layer, phase) {
    const found = this.get(`bias.${layer}`);
    const own = (n) => found.at(n, Math.min(phase, found.shape[1] - 1));
    const sum = new Float64Array(own(0));
    if (this.kind !== "gru" && found.shape[0] > 1) add(sum, own(1));
    return { entering: sum, recurrent: this.kind === "gru" ? own(1) : null };
  }

  row(symbol, phase) {
    const key = 2 * symbol + phase;
    if (!this.known.has(key)) {
      const sum = this.bias(0, phase).entering;
      const embedding = this.get("embedding");
      if (embedding) addProduct(sum, embedding.at(Math.min(phase, embedding.shape[0] - 1), symbol), this.of("symbol", phase));
      else add(sum, this.get("symbol").at(Math.min(phase, this.get("symbol").shape[0] - 1), symbol));
      this.known.set(key, sum);
    }
    return this.known.get(key);
  }

  // Before the first symbol: for each layer [h], of an LSTM [h, c].
  start() {
    const learned = this.get("initial");
    return Array.from({ length: this.layers }, (_, layer) => (this.kind === "lstm" ? [0, 1] : [0]).map(
      (part) => new Float64Array(learned ? learned.at(part, layer) : this.hidden),
    ));
  }

  step(state, symbol, read, phase) {
    let entering = addProduct(new Float64Array(this.row(symbol, phase)), read, this.of("read", phase));
    const after = [];
    state.forEach((parts, layer) => {
      const { entering: above, recurrent: beside } = this.bias(layer, phase);
      if (layer) entering = addProduct(above, after[layer - 1][0], this.of(`below.${layer - 1}`, phase));
      const recurrent = addProduct(new Float64Array(this.rows), parts[0], this.of(`hidden.${layer}`, phase));
      if (beside) add(recurrent, beside);
      after.push(CELLS[this.kind](entering, recurrent, parts));
    });
    return after;
  }
}
