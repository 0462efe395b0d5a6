"use strict";
(() => {
  const trace = JSON.parse(document.getElementById("trace").textContent);
  const steps = trace.steps;
  const at = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const share = (value) => value.toFixed(3);
  const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

  // Okabe and Ito's colours, in order of a symbol's first appearance; from the eighth on they return striped. Marks are grey,
  // and so are symbols that are neither fed nor wanted.
  const tones = [
    ["#56b4e9", "#14161a"], ["#e69f00", "#14161a"], ["#009e73", "#14161a"], ["#f0e442", "#14161a"],
    ["#0072b2", "#ffffff"], ["#d55e00", "#14161a"], ["#cc79a7", "#14161a"],
  ];
  const places = new Map();
  for (const symbol of steps.flatMap((step) => [step.fed, step.wanted])) {
    if (symbol !== null && !/^S\d$/.test(symbol) && !places.has(symbol)) places.set(symbol, places.size);
  }
  const paint = (element, symbol) => {
    const place = places.get(symbol);
    const [tone, on] = place === undefined ? ["var(--grey)", "#14161a"] : tones[place % tones.length];
    element.style.setProperty("--tone", tone);
    element.style.setProperty("--on", on);
    const round = place === undefined ? 0 : Math.floor(place / tones.length);
    element.classList.toggle("striped", round > 0);
    element.style.setProperty("--slant", `${45 + 45 * (round - 1)}deg`);
    return element;
  };
  const chip = (element, symbol) => {
    element.className = symbol === null ? "chip none" : "chip";
    element.textContent = symbol === null ? "nothing yet" : symbol;
    if (symbol !== null) paint(element, symbol);
  };

  // The words at the top.
  at("word").textContent = trace.word.join(" ");
  at("wanted").textContent = trace.wanted.join(" ");
  const verdict = make("b", trace.first_error === null ? "right" : "wrong", trace.first_error === null ? " ✓ right" : " ✗ ");
  if (trace.first_error !== null) {
    const jump = make("button", "", `wrong first at step ${trace.first_error + 1}`);
    jump.type = "button";
    jump.addEventListener("click", () => show(trace.first_error));
    verdict.append(jump);
  }
  at("said").append(trace.said.join(" ") || "nothing", verdict);

  // The string: what is fed above, what is said below.
  const columns = steps.map((step, index) => {
    const column = make("button");
    column.type = "button";
    column.append(paint(make("span", "chip", step.fed), step.fed));
    const mark = step.correct === null ? "" : step.correct ? " right" : " wrong";
    column.append(make("span", `chip said${mark}`, step.correct === null ? "·" : step.predicted));
    column.title = `step ${index + 1}`;
    column.setAttribute("aria-label", `step ${index + 1}: fed ${step.fed}${mark && `, said ${step.predicted},${mark}`}`);
    column.addEventListener("click", () => show(index));
    at("tape").append(column);
    return column;
  });

  // The pile: one element a cell, kept over the steps so that its height moves. What is read first is on top.
  const fromOld = trace.memory === "Queue";
  const rank = (index) => (fromOld ? -index : index);
  const sum = (pairs) => pairs.reduce((total, [, amount]) => total + amount, 0);
  const tallest = Math.max(1, ...steps.map((step) => sum(step.strengths)));
  const frame = at("window");
  const cells = new Map();
  const cellOf = (index) => {
    if (!cells.has(index)) {
      const cell = make("div", "cell");
      cell.dataset.cell = index;
      const block = paint(make("div", "block"), trace.cells[index]);
      const amount = make("span");
      const reads = steps[0].ends.map((_, end) => [make("i", end ? "bottom" : ""), make("span")]);
      block.append(make("span", "", trace.cells[index]), amount);
      const beside = make("div", "read");
      beside.append(...reads.flat());
      cell.append(block, beside);
      cell.style.height = "0px";
      cells.set(index, { cell, amount, reads });
      const under = [...cells.keys()].filter((other) => rank(other) < rank(index)).sort((a, b) => rank(b) - rank(a))[0];
      at("pile").insertBefore(cell, under === undefined ? null : cells.get(under).cell);
    }
    return cells.get(index);
  };
  const drawPile = (step) => {
    const room = frame.clientHeight - 6;
    const unit = Math.min(52, Math.max(20, room / tallest));
    const weights = step.ends.map((end) => new Map(end.weights));
    const left = new Map(step.strengths);
    for (const index of left.keys()) cellOf(index);
    void frame.offsetHeight; // a new cell grows from nothing
    for (const [index, { cell, amount, reads }] of cells) {
      const strength = left.get(index) ?? 0;
      const height = strength > 0 ? Math.max(2, strength * unit) : 0;
      cell.style.height = `${height}px`;
      cell.classList.toggle("thin", height < 15);
      cell.classList.toggle("gone", strength === 0);
      cell.setAttribute("aria-hidden", String(strength === 0));
      amount.textContent = share(strength);
      reads.forEach(([bar, read], end) => {
        const weight = weights[end].get(index) ?? 0;
        bar.style.width = `${weight * 62 / reads.length}%`;
        read.textContent = weight > 0 && height >= 10 ? share(weight) : "";
      });
    }
    const height = step.strengths.reduce((total, [, strength]) => total + Math.max(2, strength * unit), 0);
    const hidden = Math.max(0, height - room);
    at("pile").style.transform = `translateY(${hidden}px)`; // the top stays in sight
    at("below").hidden = hidden === 0;
    at("below").textContent = hidden ? `about ${Math.round((hidden + 40) / unit)} more below` : "";
    at("floor").hidden = hidden > 0;
    at("pile-sum").textContent = step.strengths.length
      ? `${many(step.strengths.length, "cell")}, ${share(sum(step.strengths))} in all` : "empty";
  };

  // What happens in this step.
  const meter = (id, amount) => {
    at(id).textContent = share(amount);
    at(`${id}-bar`).style.width = `${100 * Math.min(1, amount)}%`;
  };
  const drawReads = (element, weights) => {
    const parts = weights.filter(([, weight]) => weight >= 0.01).map(([cell, weight]) => {
      const part = make("span", "part");
      const symbol = make("span");
      chip(symbol, trace.cells[cell]);
      part.append(symbol, ` ${share(weight)}`);
      return part;
    });
    element.replaceChildren(...(parts.length > 4 ? [...parts.slice(0, 4), "…"] : parts.length ? parts : ["nothing"]));
  };
  const drawStep = (step, index) => {
    const writing = step.phase === "writing";
    at("when").textContent = `Step ${index + 1}: ${step.phase}`;
    chip(at("fed"), step.fed);
    meter("probability", step.probability);
    step.ends.forEach((end, place) => {
      const id = place ? "-bottom" : "";
      meter(`push${id}`, end.push);
      meter(`pop${id}`, end.pop);
      drawReads(at(`reads${id}`), fromOld || place ? end.weights : [...end.weights].reverse());
    });
    chip(at("predicted"), step.predicted);
    chip(at("wants"), step.wanted);
    at("verdict").className = writing ? (step.correct ? "right" : "wrong") : "";
    at("verdict").textContent = writing ? (step.correct ? "✓ right" : "✗ wrong") : "";
    at("aside").textContent = writing
      ? "What it predicts is said, and fed back at the next step."
      : "While reading, its predictions are ignored: the next symbol of the word comes whatever it says.";
    at("live").textContent = `Step ${index + 1}, ${step.phase}: fed ${step.fed}, `
      + step.ends.map((end, place) => `pops ${share(end.pop)}, pushes ${share(end.push)}${place ? " at the bottom" : ""}, `).join("")
      + `predicts ${step.predicted}${writing ? (step.correct ? ", right" : `, wrong, wanted ${step.wanted}`) : ""}.`;
  };

  // All steps at once: pushes and pops above, strengths below.
  const chart = at("chart");
  const alive = [...new Set(steps.flatMap((step) => step.strengths.filter(([, s]) => s > 0.1).map(([cell]) => cell)))];
  alive.sort((a, b) => a - b);
  const rowOf = new Map(alive.map((cell, row) => [cell, row]));
  const size = { side: 34, bars: 34, gap: 14, foot: 20 };
  const drawChart = () => {
    const room = chart.parentElement.clientWidth - 24;
    const column = Math.max(4, Math.min(56, (room - size.side) / steps.length));
    const row = Math.max(0.4, Math.min(20, 420 / Math.max(1, alive.length)));
    const middle = size.bars + 2;
    const top = middle + size.bars + size.gap;
    const [width, height] = [size.side + column * steps.length, top + row * alive.length + size.foot];
    const ratio = Math.min(window.devicePixelRatio || 1, 16000 / width);
    Object.assign(size, { column, height });
    chart.width = width * ratio;
    chart.height = height * ratio;
    chart.style.width = `${width}px`;
    chart.style.height = `${height}px`;
    const pen = chart.getContext("2d");
    pen.scale(ratio, ratio);
    const look = getComputedStyle(document.documentElement);
    const colours = {};
    for (const name of ["ink", "soft", "line", "wash", "push", "pop", "read"]) colours[name] = look.getPropertyValue(`--${name}`);
    const box = (fill, x, y, w, h, alpha = 1) => {
      pen.globalAlpha = alpha;
      pen.fillStyle = colours[fill];
      pen.fillRect(x, y, w, h);
      pen.globalAlpha = 1;
    };
    const word = (text, x, y, align) => {
      pen.fillStyle = colours.soft;
      pen.textAlign = align;
      pen.fillText(text, x, y);
    };
    pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = "middle";
    word("push", size.side - 6, middle - size.bars / 2, "right");
    word("pop", size.side - 6, middle + size.bars / 2, "right");
    box("line", size.side, middle - 0.5, width - size.side, 1);
    const gap = column > 7 ? 1 : 0;
    const inset = Math.min(3, column * 0.12);
    box("wash", size.side, top, width - size.side, row * alive.length);
    steps.forEach((step, index) => {
      const x = size.side + index * column;
      const wide = (column - 2 * inset) / step.ends.length;
      step.ends.forEach((end, place) => {
        const from = x + inset + place * wide;
        box("push", from, middle - end.push * size.bars, wide, end.push * size.bars, place ? 0.5 : 1);
        box("pop", from, middle, wide, end.pop * size.bars, place ? 0.5 : 1);
      });
      const weights = step.ends.map((end) => new Map(end.weights));
      for (const [cell, strength] of step.strengths) {
        if (!rowOf.has(cell)) continue;
        const y = top + (alive.length - 1 - rowOf.get(cell)) * row;
        box("ink", x, y, column - gap, row - (row > 5 ? 1 : 0), 0.08 + 0.55 * Math.min(1, strength));
        const thick = Math.max(1.5, row * 0.42) / weights.length;
        weights.forEach((read, place) => {
          const weight = read.get(cell) ?? 0;
          const from = y + (row - thick * weights.length) / 2 + thick * place;
          if (weight > 0.02) box("read", x + inset, from, (column - gap - 2 * inset) * weight, thick, place ? 0.5 : 1);
        });
      }
      const every = Math.ceil(26 / column);
      if (index % every === 0) word(step.fed, x + column / 2, height - size.foot / 2, "center");
    });
    const every = Math.ceil(13 / row);
    alive.forEach((cell, place) => {
      if (place % every === 0) word(trace.cells[cell], size.side - 6, top + (alive.length - 0.5 - place) * row, "right");
    });
    const begins = steps.findIndex((step) => step.phase === "writing");
    if (begins > 0) {
      pen.strokeStyle = colours.soft;
      pen.setLineDash([4, 4]);
      pen.strokeRect(size.side + begins * column, 0, 0, height - size.foot);
      pen.setLineDash([]);
    }
  };
  const markChart = (index) => {
    const scroll = at("chart-scroll");
    const left = chart.offsetLeft + size.side + index * size.column;
    const place = { left: left - 1, top: chart.offsetTop - 2, width: size.column + 2, height: size.height + 4 };
    for (const [name, value] of Object.entries(place)) at("here").style[name] = `${value}px`;
    scroll.scrollLeft = left - scroll.clientWidth / 2;
  };
  chart.addEventListener("click", (event) => {
    const index = Math.floor((event.offsetX - size.side) / size.column);
    show(Math.max(0, Math.min(steps.length - 1, index)));
  });

  // Going from step to step.
  let current = 0;
  let timer = null;
  const slider = at("slider");
  slider.max = steps.length - 1;
  const pause = () => {
    clearInterval(timer);
    timer = null;
    at("play").textContent = "play";
    at("play").setAttribute("aria-label", "play");
  };
  const show = (index) => {
    current = Math.max(0, Math.min(steps.length - 1, index));
    const step = steps[current];
    drawStep(step, current);
    drawPile(step);
    markChart(current);
    columns.forEach((column, place) => {
      column.classList.toggle("later", place > current);
      if (place === current) column.setAttribute("aria-current", "step");
      else column.removeAttribute("aria-current");
    });
    const tape = at("tape");
    tape.scrollLeft = columns[current].offsetLeft - tape.offsetLeft - tape.clientWidth / 2 + columns[current].offsetWidth / 2;
    slider.value = current;
    slider.setAttribute("aria-valuetext", `step ${current + 1}, ${step.phase}`);
    at("count").textContent = `step ${current + 1} of ${steps.length}`;
    at("first").disabled = at("back").disabled = current === 0;
    at("next").disabled = at("last").disabled = current === steps.length - 1;
    if (timer && current === steps.length - 1) pause();
  };
  const play = () => {
    if (timer) return pause();
    if (current === steps.length - 1) show(0);
    at("play").textContent = "pause";
    at("play").setAttribute("aria-label", "pause");
    timer = setInterval(() => show(current + 1), Math.max(90, Math.min(650, 20000 / steps.length)));
  };
  const moves = {
    first: () => 0, back: () => current - 1, next: () => current + 1, last: () => steps.length - 1,
  };
  const go = (name) => {
    if (timer) pause();
    show(moves[name]());
  };
  for (const name of Object.keys(moves)) at(name).addEventListener("click", () => go(name));
  at("play").addEventListener("click", play);
  slider.addEventListener("input", () => {
    if (timer) pause();
    show(Number(slider.value));
  });
  const keys = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last" };
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      play();
    } else if (keys[event.key]) {
      event.preventDefault(); // the slider would step a second time
      go(keys[event.key]);
    }
  });
  const redraw = () => {
    drawChart();
    show(current);
  };
  addEventListener("resize", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  redraw();
})();
