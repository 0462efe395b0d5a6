// A word answered by the network, free-running and greedy, as the data that the stage shows.
const [START, SEPARATOR, END, MARKS] = [0, 1, 2, 3]; // a user's symbol a is a + MARKS
const SEEN = 5e-4; // a cell with less strength is empty to the eye
const SLICE = 12; // milliseconds of work between two looks at what the reader does

// The right answers of tasks that this page knows.
const ANSWERS = {
  reverse: (word) => [...word].reverse(),
  copy: (word) => [...word],
  "bigram-flip": (word) => word.map((_, n) => word[n ^ 1]),
};

const label = (symbol, names) => (symbol < MARKS ? `S${symbol + 1}` : names[symbol - MARKS] ?? String(symbol - MARKS));

// One way of answering, soft or rounded. A generator: it yields how far it is after every step.
function* way(network, task, word, rounded) {
  const wanted = ANSWERS[task.kind]?.(word).map((symbol) => symbol + MARKS).concat(END);
  const most = wanted?.length ?? 4 * word.length + 10; // where it ends unless the network ends it: a page says so then
  const prompt = [START, ...word.map((symbol) => symbol + MARKS), SEPARATOR];
  const state = network.start();
  const [cells, steps, said] = [[], [], []];
  let fed = prompt[0];
  state.memory.note = (id, hand, strength) => {
    const known = (cells[id] ??= { hand, strengths: [] }).strengths;
    const shown = strength >= SEEN ? strength : 0;
    if (shown !== (known.length ? known[known.length - 1][1] : 0)) known.push([steps.length, shown]);
  };
  while (said.length < most && !said.includes(END)) {
    const { scores, actions, weights } = network.step(state, fed, rounded);
    const writing = steps.length + 1 >= prompt.length;
    const predicted = largest(scores);
    const fedName = label(fed, steps.length < prompt.length ? task.names : task.answerNames);
    actions.forEach(({ value }, hand) => {
      const cell = cells[cells.length - actions.length + hand];
      cell.pushed = fedName;
      cell.holds = task.hand === null ? fedName : label(network.holds(value, task.hand), task.answerNames);
    });
    const wants = writing && wanted ? wanted[said.length] : null;
    steps.push({
      fed: fedName,
      phase: writing ? "writing" : "reading",
      predicted: label(predicted, task.answerNames),
      probability: sureness(scores, predicted),
      wanted: wants === null ? null : label(wants, task.answerNames),
      correct: wants === null ? null : predicted === wants,
      ends: actions.map(({ push, pop }, hand) => ({ push, pop, weights: weights[hand].filter(([, weight]) => weight >= SEEN) })),
    });
    if (writing) said.push(predicted);
    fed = writing ? predicted : prompt[steps.length];
    yield steps.length / (prompt.length + most - 1);
  }
  const error = steps.findIndex((step) => step.correct === false);
  return {
    name: rounded ? "rounded" : "soft",
    said: (said.includes(END) ? said.slice(0, -1) : said).map((symbol) => label(symbol, task.answerNames)),
    error: error < 0 ? null : error,
    cut: !said.includes(END),
    ...inOrder(cells, steps),
  };
}

// Cells as they lie, those pushed at a DeQue's bottom under the others; weights name them by their new places.
const inOrder = (cells, steps) => {
  const ids = cells.map((_, id) => id);
  const order = [...ids.filter((id) => cells[id].hand).reverse(), ...ids.filter((id) => !cells[id].hand)];
  const place = new Map(order.map((id, n) => [id, n]));
  for (const end of steps.flatMap((step) => step.ends)) {
    end.weights = end.weights.map(([id, weight]) => [place.get(id), weight]).sort(([a], [b]) => a - b);
  }
  return { cells: order.map((id) => cells[id]), steps };
};

// Both ways, in slices, so that the page never stands still; null where `stale()` says that nobody waits for it any more.
async function answer(network, task, word, tell, stale) {
  const ways = [];
  for (const rounded of [false, true]) {
    const run = way(network, task, word, rounded);
    let [began, next] = [performance.now(), run.next()];
    while (!next.done) {
      if (performance.now() - began > SLICE) {
        tell((ways.length + next.value) / 2);
        await new Promise((go) => setTimeout(go));
        if (stale()) return null;
        began = performance.now();
      }
      next = run.next();
    }
    ways.push(next.value);
  }
  const name = (symbols, names) => symbols.map((symbol) => label(symbol + MARKS, names));
  const wanted = ANSWERS[task.kind]?.(word);
  return { memory: network.net.memory, word: name(word, task.names), wanted: wanted ? name(wanted, task.answerNames) : null, ways };
}
