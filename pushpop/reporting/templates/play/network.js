// The trained network: a controller, its memory, and the output map. One step at a time, as `step` of the Python model.
class Network {
  constructor(net) {
    this.net = net;
    this.weights = Object.fromEntries(Object.entries(net.weights).map(([name, given]) => [name, new Weights(given)]));
    this.controller = new Controller(net, this.weights);
    this.hands = HANDS[net.memory].length;
  }

  start() {
    const memory = new List(this.net.memory, this.net.width);
    return { layers: this.controller.start(), read: new Float64Array(this.hands * this.net.width), memory, writing: 0 };
  }

  // Reads one symbol: changes the state, and gives { scores, actions, weights }.
  step(state, symbol, rounded = false) {
    if (symbol === this.net.separator) state.writing = 1;
    state.layers = this.controller.step(state.layers, symbol, state.read, state.writing);
    const h = state.layers[state.layers.length - 1][0];
    const actions = this.actions(h, state.writing, rounded);
    state.memory.work(actions);
    const { numbers, weights } = state.memory.read();
    state.read = numbers;
    return { scores: this.scores(h, numbers), actions, weights };
  }

  // What is done at each end: { push, pop, value }.
  actions(h, phase, rounded) {
    const { width, margin } = this.net;
    const bias = this.weights["interface.strength_bias"];
    const logits = linear(this.weights["interface.strength"].numbers, h, bias.at(Math.min(phase, bias.shape[0] - 1)));
    const strength = (n) => {
      const amount = squash(logits[n], margin);
      return rounded ? Number(amount > 0.5) : amount;
    };
    const values = linear(this.weights["interface.value"].numbers, h, this.weights["interface.value_bias"].numbers).map(Math.tanh);
    return Array.from({ length: this.hands }, (_, hand) => ({
      push: strength(2 * hand), pop: strength(2 * hand + 1), value: values.slice(hand * width, (hand + 1) * width),
    }));
  }

  scores(h, read) {
    let seen = this.net.wiring === "direct" ? Float64Array.of(...h, ...read) : h;
    if (this.weights["mix.weight"]) {
      seen = linear(this.weights["mix.weight"].numbers, seen, this.weights["mix.bias"].numbers).map(Math.tanh);
    }
    return linear(this.weights["output.weight"].numbers, seen, this.weights["output.bias"].numbers);
  }

  // The symbol that a value speaks for, read by this hand: what the output map makes of it alone (an output layer's tanh
  // is left out).
  holds(value, hand) {
    const read = new Float64Array(this.hands * this.net.width);
    read.set(value, hand * this.net.width);
    let seen = Float64Array.of(...new Float64Array(this.net.hidden), ...read);
    if (this.weights["mix.weight"]) seen = linear(this.weights["mix.weight"].numbers, seen);
    return largest(linear(this.weights["output.weight"].numbers, seen));
  }
}

// How sure the network is of its likeliest symbol: the softmax there.
const sureness = (scores, best) => 1 / scores.reduce((sum, score) => sum + Math.exp(score - scores[best]), 0);
