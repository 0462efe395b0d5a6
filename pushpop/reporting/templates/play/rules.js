// Which words are a task's, of tasks whose words have a form: the rule as people read it, and whether a word keeps it.
const spelled = (word, task, between = "") => word.map((symbol) => task.names[symbol]).join(between);
const like = (form, between) => (word, task) => form.test(spelled(word, task, between));
const takingTurns = { rule: "digits 0 to 4 and operators take turns, a digit first and last", holds: like(/^[0-4]([-+*][0-4])*$/) };
const ofTwo = { rule: "two binary numbers with an operator between them, or 1 or 2 bits alone", holds: like(/^([01]{1,2}|[01]+[+*][01]+)$/) };
const EXPRESSION = "an expression is a digit, -digit, or one such or two joined by an operator in brackets";

// Brackets that hold a digit or an operation become an operand, from within outwards, until one is left or none can.
const isExpression = (text) => {
  let [before, now] = ["", text.replace(/[0-4]/g, "d")];
  while (now !== before) [before, now] = [now, now.replace(/\((-?d|(-?d|e)[-+*](-?d|e))\)/g, "e")];
  return /^(-?d|e)$/.test(now);
};

const isEquation = (text) => {
  if (text.length < 3) return /^0+$/.test(text);
  const [left, right, more] = text.split("=");
  return more === undefined && /^[0-4]$/.test(right ?? "") && left.includes("x") && isExpression(left.replace("x", "0"));
};

const isTwice = (text) => {
  const half = Math.floor(text.length / 2);
  if (text.length % 2 && text[2 * half] !== (half ? "." : "1")) return false;
  const bits = [...text.slice(0, 2 * half)];
  const hidden = bits.indexOf("?");
  if (half && (hidden < 0 || bits.includes("?", hidden + 1))) return false;
  if (half) bits[hidden] = bits[(hidden + half) % (2 * half)];
  return bits.every((bit, n) => /[01]/.test(bit) && bit === bits[(n + half) % (2 * half)]);
};

const isClosing = (word, { symbols }) => {
  const waiting = [];
  return word.every((symbol) => (symbol < symbols / 2 ? waiting.push(symbol) : waiting.pop() === symbol - symbols / 2));
};

// After each kind of word of svo-sov (subject, verb, object, rpi) what may follow; a verb in clauses closes the last one.
const FOLLOWS = [{ s: 1 }, { s: 1, r: 2, v: 4 }, { s: 3 }, { s: 3, r: 2, v: 3 }, { o: 5, s: 6 }, { o: 5, s: 6 }, { s: 6, r: 2 }, { o: 5, s: 6, r: 2 }];
const isSentence = (word, task) => {
  let [state, clauses, outside] = [0, 0, 1];
  for (const symbol of word) {
    const kind = task.names[symbol][0];
    const closes = kind === "v" && state === 3;
    state = FOLLOWS[state][kind];
    if (state === undefined) return false;
    clauses += (kind === "r") - closes;
    if (closes && !clauses) state = outside;
    else if (state === 4) outside = 7;
  }
  return state === 5 || state === 7;
};
const GENDERED = { the: "t", a: "t", and: "&", or: "o" };
const isGendered = (word, task) => /^tn&tn(w+tn&tn|otn&tn|w)*$/.test(
  word.map((symbol) => GENDERED[task.names[symbol]] ?? (task.names[symbol][0] === "w" ? "w" : "n")).join(""));

const RULES = {
  "bigram-flip": { rule: "its symbols are pairs: give an even number of them", holds: (word) => word.length % 2 === 0 },
  anbmcnm: { rule: "a number of a and then one of b", holds: like(/^a+b+$/) },
  addition: { rule: "two binary numbers that begin with 1, and + between them", holds: like(/^1[01]*\+1[01]*$/) },
  dyck: { rule: "a bracket closes the last one that is open", holds: isClosing },
  "svo-sov": { rule: "subjects, a verb, objects; clauses are rpi, subjects and a verb", holds: isSentence },
  gender: { rule: "such as: the ne19 and a fe17 we11", holds: isGendered },
  "modular-arithmetic": takingTurns,
  "stack-manipulation": { rule: "bits first, then what is done to them: pop, push-0, push-1", holds: like(/^[01]( [01])*( (pop|push-[01]))*$/, " ") },
  "modular-arithmetic-brackets": { rule: EXPRESSION, holds: (word, task) => isExpression(spelled(word, task)) },
  "solve-equation": { rule: `${EXPRESSION}; one digit is x, and = and a digit follow`, holds: (word, task) => isEquation(spelled(word, task)) },
  "missing-duplicate": { rule: "bits twice over, one of them hidden (?); odd lengths end with a dot", holds: (word, task) => isTwice(spelled(word, task)) },
  "binary-addition": ofTwo,
  "binary-multiplication": ofTwo,
};
