// One way of answering, soft or rounded: its pile, and what is done in a step.
const TITLES = { soft: "As trained", rounded: "Rounded" };
const FEW = 4; // cells named among what is read

class Panel {
  constructor(way, data, tones) {
    Object.assign(this, { way, tones, data });
    this.root = at("panel").content.firstElementChild.cloneNode(true);
    this.root.dataset.way = way.name;
    this.root.querySelector(".title").textContent = TITLES[way.name];
    const right = way.error === null;
    if (data.wanted) this.find(".outcome").append(make("b", right ? "right" : "wrong", right ? "✓ right" : "✗ wrong"));
    at("panels").append(this.root);
    this.pile = new Pile(this.find(".frame"), way, this.find(".frame").dataset.shape, tones);
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  meter(name, amount) {
    const row = this.find(`[data-row="${name}"]`);
    row.querySelector("i").style.width = `${100 * Math.min(1, amount)}%`;
    row.querySelector(".number").textContent = share(amount);
  }

  reads(name, weights) {
    const parts = weights.filter(([, weight]) => weight >= 0.01).map(([cell, weight]) => {
      const part = make("span", "part");
      part.append(this.tones.chip(make("span"), this.way.cells[cell].holds), ` ${share(weight)}`);
      return part;
    });
    const shown = parts.length > FEW ? [...parts.slice(0, FEW), "…"] : parts.length ? parts : ["nothing"];
    this.find(`[data-row="${name}"] td`).replaceChildren(...shown);
  }

  show(index) {
    const over = index >= this.way.steps.length;
    const step = this.way.steps[Math.min(index, this.way.steps.length - 1)];
    const writing = step.phase === "writing";
    this.root.classList.toggle("over", over);
    this.pile.show(index);
    this.tones.chip(this.find(".fed"), step.fed);
    step.ends.forEach((end, hand) => {
      this.meter(`pop${hand}`, end.pop);
      this.meter(`push${hand}`, end.push);
      this.reads(`read${hand}`, hand || this.data.memory === "Queue" ? end.weights : [...end.weights].reverse());
    });
    this.meter("predicted", step.probability);
    this.tones.chip(this.find(".predicted"), step.predicted);
    const verdict = this.find(".verdict");
    verdict.className = `verdict ${step.correct === null ? "" : step.correct ? "right" : "wrong"}`;
    const wants = step.correct === false ? `✗ wrong, wanted ${step.wanted}` : step.correct ? "✓ right" : "said, and fed back";
    verdict.textContent = over ? "its answer has ended" : writing ? wants : "not said: it is still reading";
  }

  told(index) {
    const step = this.way.steps[Math.min(index, this.way.steps.length - 1)];
    const done = step.ends.map(({ pop, push }, hand) => `pops ${share(pop)}, pushes ${share(push)}${hand ? " at the bottom" : ""}`);
    const ending = step.correct === null ? "" : step.correct ? ", right" : `, wrong, wanted ${step.wanted}`;
    return `${TITLES[this.way.name]}: ${done.join(", ")}, predicts ${step.predicted}${ending}`;
  }
}
