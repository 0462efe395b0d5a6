// The string: one column a step, what goes in above, what is said below; and the head, on what is read or written now.
class Tape {
  constructor(data, tones, go) {
    this.place = at("tape");
    const [first] = data.ways;
    const longest = Math.max(...data.ways.map((way) => way.steps.length));
    this.columns = Array.from({ length: longest }, (_, index) => {
      const step = first.steps[index] ?? data.ways[1].steps[index];
      const column = make("button", step.phase);
      column.type = "button";
      column.tabIndex = -1; // one stop for the Tab key, not hundreds: arrow keys go along
      column.append(tones.paint(make("span", "chip fed", step.fed), step.fed));
      const said = data.ways.map((way) => {
        const done = way.steps[index];
        const speaks = done?.phase === "writing";
        const mark = !speaks || done.correct === null ? "" : done.correct ? " right" : " wrong";
        const chip = make("span", `chip said ${way.name}${mark}${speaks ? "" : " none"}`, speaks ? done.predicted : "·");
        column.append(chip);
        return speaks ? `${way.name} says ${done.predicted}${mark && `,${mark}`}` : "";
      });
      column.setAttribute("aria-label", [`step ${index + 1}: fed ${step.fed}`, ...said].filter(Boolean).join("; "));
      column.addEventListener("click", () => go(index));
      return column;
    });
    this.head = make("div", "head"); // one thing that moves: what it leaves behind need not be drawn anew
    this.place.replaceChildren(...this.columns, this.head);
    at("tape-says").replaceChildren(...["in", ...data.ways.map((way) => way.name)].map((name) => make("span", name, name)));
    this.current = null;
  }

  // Where columns are, asked once: asking at every step would lay out the page at every step.
  measure() {
    this.places = this.columns.map((column) => [column.offsetLeft, column.offsetWidth]);
    const [left, width] = this.places[this.places.length - 1];
    this.end = left + width;
    this.half = this.place.clientWidth / 2;
  }

  mark(index) {
    if (this.current) {
      this.current.removeAttribute("aria-current");
      this.current.tabIndex = -1;
    }
    this.current = this.columns[index];
    this.current.setAttribute("aria-current", "step");
    this.current.tabIndex = 0;
    const [left, width] = this.places[index];
    this.head.style.setProperty("--left", `${left}px`);
    this.head.style.setProperty("--width", `${width}px`);
    this.head.style.setProperty("--rest", `${this.end - left - width}px`);
  }

  follow(index) {
    const [left, width] = this.places[index];
    this.place.scrollLeft = left + width / 2 - this.half;
  }
}
