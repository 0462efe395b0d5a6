// A reader's own word: what it may be, and what is said of one that may not.
const LONGEST = 1000; // symbols that can be watched here
const count = (number) => number.toLocaleString("en");

class WordError extends Error {}

const range = ({ symbols, names, byNamesAlone }) => {
  if (byNamesAlone) return names.join(" ");
  return names.length
    ? `${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""} (or their numbers, 0 to ${symbols - 1})`
    : `whole numbers from 0 to ${symbols - 1}`;
};

// The word written in a text. Throws WordError: what is wrong, the rule, and a way out.
const parse = (text, task) => {
  const parts = text.trim().split(/\s*,\s*|\s+/).filter((part, n, all) => part || all.length > 1);
  if (!parts.length) throw new WordError(`The word is empty. Give 1 symbol or more, such as ${task.example.slice(0, 3).map((symbol) => label(symbol + MARKS, task.names)).join(" ")}.`);
  if (parts.length > LONGEST) {
    throw new WordError(`${count(parts.length)} symbols are too many to watch here. Give ${count(LONGEST)} or fewer; the command pushpop predict answers longer ones.`);
  }
  const word = parts.map((part, n) => {
    const named = task.names.indexOf(part);
    const number = named >= 0 || task.byNamesAlone ? named : /^\+?\d{1,9}$/.test(part) ? Number(part) : -1;
    if (number >= 0 && number < task.symbols) return number;
    const shown = part.length > 24 ? `${part.slice(0, 21)}…` : part;
    throw new WordError(`Symbol ${n + 1} is “${shown}”, which the network does not know. Symbols are ${range(task)}, with spaces or commas between them: change it.`);
  });
  const form = RULES[task.kind];
  if (form && !form.holds(word, task)) throw new WordError(`This is no word of ${task.kind}: ${form.rule}. Change it, or draw one.`);
  return word;
};

const play = {
  asked: 0, // words so far: an answer to any but the last one is not shown

  begin(given) {
    this.task = given.task;
    this.network = new Network(given.net);
    if (this.task.formed && !RULES[this.task.kind]) {
      at("rule").append(` Which words are those of ${this.task.kind} this page cannot tell: an answer to any other means nothing.`);
    }
    at("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.watch(at("own").value);
    });
    at("draw").addEventListener("click", () => this.draw());
    stage.listen();
    at("own").value = this.task.example.map((symbol) => label(symbol + MARKS, this.task.names)).join(" ");
    return this.watch(at("own").value);
  },

  // A word drawn at random, of the length that is asked for: any symbols where these make a word of the task, else one
  // of those that the task itself drew, of the nearest length.
  draw() {
    const length = Number(at("length").value);
    if (!Number.isInteger(length) || length < 1 || length > LONGEST) {
      return this.refuse(`${at("length").value || "Nothing"} is no length of a word to draw. Give a whole number from 1 to ${count(LONGEST)}.`, at("length"));
    }
    const any = (count) => Math.floor(Math.random() * count);
    let symbols = Array.from({ length }, () => any(this.task.symbols));
    if (this.task.drawn) {
      const far = (word) => Math.abs(word.length - length);
      const nearest = Math.min(...this.task.drawn.map(far));
      const some = this.task.drawn.filter((word) => far(word) === nearest);
      symbols = some[any(some.length)];
    }
    at("own").value = symbols.map((symbol) => label(symbol + MARKS, this.task.names)).join(" ");
    return this.watch(at("own").value, symbols.length === length ? "" : `; of the words in this page none is nearer to ${length}`);
  },

  refuse(message, field) {
    this.asked += 1;
    at("refusal").textContent = message;
    at("progress").textContent = "";
    field.setAttribute("aria-invalid", "true");
    field.focus();
  },

  async watch(text, more = "") {
    const mine = (this.asked += 1);
    let word;
    try {
      word = parse(text, this.task);
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
      return this.refuse(error.message, at("own"));
    }
    at("refusal").textContent = "";
    for (const field of [at("own"), at("length")]) field.removeAttribute("aria-invalid");
    const tell = (share) => (at("progress").textContent = `computing, ${Math.round(100 * share)} %`);
    const data = await answer(this.network, this.task, word, tell, () => mine !== this.asked);
    if (!data) return;
    at("progress").textContent = `${many(word.length, "symbol")} answered${more}`;
    stage.load(data);
    if (mine === 1) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (at("panels").getBoundingClientRect().bottom > innerHeight) { // as on a phone, where the memory is further down
      at("tape").scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
    }
    if (!still) stage.play();
  },
};
