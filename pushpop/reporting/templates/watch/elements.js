"use strict";

// Parts of a page, and how numbers are written.
const at = (id) => document.getElementById(id);
const make = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};
const share = (value) => value.toFixed(3);
const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
