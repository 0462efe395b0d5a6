// A reader's own word: what it may be, and what is said of one that may not.
const LONGEST = 1000; // symbols that can be watched here
const count = (number) => number.toLocaleString("en");

class WordError extends Error {}

const range = ({ symbols, names }) => (names.length
  ? `${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""} (or their numbers, 0 to ${symbols - 1})`
  : `whole numbers from 0 to ${symbols - 1}`);

// The word written in a text. Throws WordError: what is wrong, the rule, and a way out.
const parse = (text, task) => {
  const parts = text.trim().split(/\s*,\s*|\s+/).filter((part, n, all) => part || all.length > 1);
  if (!parts.length) throw new WordError(`The word is empty. Give 1 symbol or more, such as ${task.example.slice(0, 3).map((symbol) => label(symbol + MARKS, task.names)).join(" ")}.`);
  if (parts.length > LONGEST) {
    throw new WordError(`${count(parts.length)} symbols are too many to watch here. Give ${count(LONGEST)} or fewer; the command pushpop predict answers longer ones.`);
  }
  const word = parts.map((part, n) => {
    const named = task.names.indexOf(part);
    const number = named >= 0 ? named : /^\+?\d{1,9}$/.test(part) ? Number(part) : -1;
    if (number >= 0 && number < task.symbols) return number;
    const shown = part.length > 24 ? `${part.slice(0, 21)}…` : part;
    throw new WordError(`Symbol ${n + 1} is “${shown}”, which the network does not know. Symbols are ${range(task)}, with spaces or commas between them: change it.`);
  });
  if (task.kind === "bigram-flip" && word.length % 2) {
    throw new WordError(`${count(word.length)} symbols are no pairs. Give an even number of them.`);
  }
  return word;
};

const play = {
  asked: 0, // words so far: an answer to any but the last one is not shown

  begin(given) {
    this.task = given.task;
    this.network = new Network(given.net);
    at("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.watch(at("own").value);
    });
    at("draw").addEventListener("click", () => this.draw());
    stage.listen();
    at("own").value = this.task.example.map((symbol) => label(symbol + MARKS, this.task.names)).join(" ");
    return this.watch(at("own").value);
  },

  // A word drawn at random, of the length that is asked for.
  draw() {
    const length = Number(at("length").value);
    if (!Number.isInteger(length) || length < 1 || length > LONGEST) {
      return this.refuse(`${at("length").value || "Nothing"} is no length of a word to draw. Give a whole number from 1 to ${count(LONGEST)}.`, at("length"));
    }
    const even = this.task.kind === "bigram-flip" ? length + (length % 2) : length;
    const symbols = Array.from({ length: even }, () => Math.floor(Math.random() * this.task.symbols));
    at("own").value = symbols.map((symbol) => label(symbol + MARKS, this.task.names)).join(" ");
    return this.watch(at("own").value);
  },

  refuse(message, field) {
    this.asked += 1;
    at("refusal").textContent = message;
    at("progress").textContent = "";
    field.setAttribute("aria-invalid", "true");
    field.focus();
  },

  async watch(text) {
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
    at("progress").textContent = `${many(word.length, "symbol")} answered`;
    stage.load(data);
    if (mine === 1) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (at("panels").getBoundingClientRect().bottom > innerHeight) { // as on a phone, where the memory is further down
      at("tape").scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
    }
    if (!still) stage.play();
  },
};
