// A word on the page: everything drawn of it, and going from step to step.
const stage = {
  data: null,
  current: 0,
  timer: null,

  // data: { memory, word, wanted (or null), ways: [{ name, said, error, cut, cells, steps }, ...] }
  load(data) {
    this.pause();
    this.data = data;
    this.length = Math.max(...data.ways.map((way) => way.steps.length));
    const tones = new Tones([...data.word, ...(data.wanted ?? []), ...data.ways.flatMap((way) => way.said)]);
    const go = (index) => this.go(index);
    at("panels").replaceChildren();
    at("charts").replaceChildren();
    this.tape = new Tape(data, tones, go);
    this.panels = data.ways.map((way) => new Panel(way, data, tones));
    this.charts = data.ways.map((way) => {
      const figure = at("chart").content.firstElementChild.cloneNode(true);
      figure.dataset.way = way.name;
      figure.querySelector(".title").textContent = TITLES[way.name];
      at("charts").append(figure);
      return new Chart(figure, data, way, tones, go);
    });
    at("words").replaceChildren(...this.lines());
    const errors = data.ways.map((way) => way.error).filter((error) => error !== null);
    this.error = errors.length ? Math.min(...errors) : null;
    at("error").hidden = this.error === null;
    at("slider").max = this.length - 1;
    at("speed").value = this.length <= 60 ? "2" : "10";
    at("showing").hidden = data.ways.length < 2;
    this.redraw(0);
  },

  // The word, the answer wanted, and those said.
  lines() {
    const line = (name, symbols, outcome, ending = "") => {
      const row = make("div");
      const said = make("dd");
      said.append(...(outcome ? [outcome, " "] : []), symbols.join(" ") || "nothing", ending);
      row.append(make("dt", "", name), said);
      return row;
    };
    const { word, wanted, ways } = this.data;
    const outcome = (way) => wanted && make("b", way.error === null ? "right" : "wrong", way.error === null
      ? "✓ right" : `✗ wrong first at step ${way.error + 1}`);
    const said = ways.map((way) => line(ways.length > 1 ? `says, ${way.name}` : "says", way.said, outcome(way),
      way.cut ? ` … cut off after ${many(way.said.length, "symbol")}: it had not ended its answer` : ""));
    return [line("word", word), ...(wanted ? [line("wanted", wanted)] : []), ...said];
  },

  redraw(index = this.current) {
    if (!this.data) return;
    const tallest = Math.max(...this.panels.map((panel) => panel.pile.tallest));
    for (const panel of this.panels) panel.pile.measure(tallest);
    for (const chart of this.charts) chart.draw(this.length);
    this.tape.measure();
    this.show(index);
  },

  show(index) {
    this.current = clamp(index, 0, this.length - 1);
    const { current, length } = this;
    this.tape.mark(current);
    for (const panel of this.panels) panel.show(current);
    for (const chart of this.charts) chart.mark(current);
    for (const part of [this.tape, ...this.charts]) part.follow(current); // last: scrolling has the page laid out
    const way = this.data.ways.find((one) => current < one.steps.length);
    const step = way.steps[current];
    const head = step.phase === "reading" ? `reads ${step.fed}` : `writes ${step.predicted}`;
    at("when").textContent = `Step ${current + 1}: ${head}`;
    at("slider").value = current;
    at("slider").setAttribute("aria-valuetext", `step ${current + 1}, ${head}`);
    at("count").textContent = `${current + 1} of ${length}`;
    at("first").disabled = at("back").disabled = current === 0;
    at("next").disabled = at("last").disabled = current === length - 1;
    if (!this.timer) at("live").textContent = `Step ${current + 1}, ${head}. ${this.panels.map((panel) => panel.told(current)).join(". ")}.`;
    if (this.timer && current === length - 1) this.pause();
  },

  go(index) {
    this.pause();
    this.show(index);
  },

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    at("play").textContent = "play";
  },

  play() {
    if (this.timer) return this.pause();
    if (this.current === this.length - 1) this.show(0);
    at("play").textContent = "pause";
    this.timer = setInterval(() => this.show(this.current + 1), 1000 / Number(at("speed").value));
  },

  moves: {
    first: () => stage.go(0),
    back: () => stage.go(stage.current - 1),
    next: () => stage.go(stage.current + 1),
    last: () => stage.go(stage.length - 1),
    error: () => stage.error !== null && stage.go(stage.error),
    play: () => stage.play(),
  },
  keys: { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", " ": "play", e: "error" },

  listen() {
    for (const [name, move] of Object.entries(this.moves)) at(name).addEventListener("click", () => this.data && move());
    at("slider").addEventListener("input", () => this.data && this.go(Number(at("slider").value)));
    at("speed").addEventListener("change", () => {
      if (!this.timer) return;
      this.pause();
      this.play();
    });
    document.addEventListener("keydown", (event) => {
      const move = this.keys[event.key];
      const typing = event.target.matches("input:not([type=range]), textarea, select");
      if (!move || !this.data || typing || event.altKey || event.ctrlKey || event.metaKey) return;
      if (move === "play" && event.target.matches("button, summary")) return; // a space presses the button it is on
      event.preventDefault(); // the slider would step a second time
      this.moves[move]();
      if (event.target.closest("#tape")) this.tape.current.focus({ preventScroll: true });
    });
    for (const choice of document.querySelectorAll("[name=showing]")) {
      choice.addEventListener("change", () => {
        document.body.dataset.showing = choice.value;
        this.redraw();
      });
    }
    addEventListener("resize", () => this.redraw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  },
};
