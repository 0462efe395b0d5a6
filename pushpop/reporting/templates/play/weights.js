// Numbers of a network: float32 in base64, row by row; and the few sums that a step needs, in double precision.
class Weights {
  constructor({ shape, data }) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    this.shape = shape;
    this.numbers = new Float32Array(bytes.buffer); // little-endian, as every browser is
  }

  // The numbers at these first places, such as one phase's matrix: a view.
  at(...places) {
    let [size, from] = [this.numbers.length, 0];
    places.forEach((place, axis) => {
      size /= this.shape[axis];
      from += place * size;
    });
    return this.numbers.subarray(from, from + size);
  }
}

// out += given @ matrix, with matrix [given.length, out.length].
const addProduct = (out, given, matrix) => {
  const columns = out.length;
  for (let row = 0; row < given.length; row += 1) {
    const times = given[row];
    if (times === 0) continue;
    const from = row * columns;
    for (let column = 0; column < columns; column += 1) out[column] += times * matrix[from + column];
  }
  return out;
};
// matrix @ given + bias, with matrix [outputs, given.length].
const linear = (matrix, given, bias) => {
  const out = new Float64Array(matrix.length / given.length);
  for (let row = 0; row < out.length; row += 1) {
    let sum = bias ? bias[row] : 0;
    const from = row * given.length;
    for (let column = 0; column < given.length; column += 1) sum += matrix[from + column] * given[column];
    out[row] = sum;
  }
  return out;
};
const add = (out, given) => {
  for (let n = 0; n < out.length; n += 1) out[n] += given[n];
  return out;
};
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const largest = (numbers) => numbers.reduce((best, number, n) => (number > numbers[best] ? n : best), 0);

// A push or pop strength from its logit: the logistic function, stretched by `margin` beyond 0 and 1 and clipped there.
const squash = (x, margin) => clamp((1 + 2 * margin) * sigmoid(x) - margin, 0, 1);
