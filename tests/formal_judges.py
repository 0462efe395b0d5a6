"""The fifteen tasks once more, slowly and in other ways: by text, by walking about, by trying, by schoolbook sums."""

from collections import deque
from fractions import Fraction
from itertools import pairwise


def even_pairs(word):
    return [sum(a != b for a, b in pairwise(word)) % 2]


def parity(word):
    odd = False
    for symbol in word:
        odd = odd ^ (symbol == 1)
    return [1 if odd else 0]


def cycle(word):
    ring = deque(range(5))
    for step in word:
        ring.rotate(1 - step)
    return [ring[0]]


def arithmetic(word):
    text = "".join("01234+-*"[symbol] for symbol in word)
    return [eval(text) % 5]


def reverse(word):
    turned = deque()
    for symbol in word:
        turned.appendleft(symbol)
    return list(turned)


def stack(word):
    kept = []  # back to front: how many of what stands left are popped by what stands right
    popped = 0
    low, depths = 0, []
    for symbol in word:
        low = max(low - 1, 0) if symbol == 2 else low + 1
        depths.append(low)
    for place in range(len(word) - 1, -1, -1):
        if word[place] == 2:
            if (depths[place - 1] if place else 0) > 0:
                popped += 1
        elif popped:
            popped -= 1
        else:
            kept.append(word[place] if word[place] < 2 else word[place] - 3)
    return kept


def brackets(word):
    """Recursive descent over text, in whole numbers that are never cut down before the end."""
    text = "".join("01234+-*()"[symbol] for symbol in word)
    found, rest = operand(text)
    assert rest == "", text
    return [int(found % 5)]


def operand(text):
    if text[0] == "-":
        return -Fraction(text[1]), text[2:]
    if text[0] != "(":
        return Fraction(text[0]), text[1:]
    left, rest = operand(text[1:])
    if rest[0] != ")":
        right, after = operand(rest[1:])
        left = {"+": left + right, "-": left - right, "*": left * right}[rest[0]]
        rest = after
    assert rest[0] == ")", text
    return left, rest[1:]


def equation(word):
    if len(word) < 3:
        return [0]
    text = "".join("01234+-()x="[symbol] for symbol in word)
    left, right = text.split("=")
    fits = [digit for digit in range(5) if operand(left.replace("x", str(digit)))[0] % 5 == int(right)]
    assert len(fits) == 1, text
    return fits


def twice(word):
    return [*word, *word]


def hidden(word):
    if len(word) == 1:
        return [1]
    half = len(word) // 2
    one, other = word[:half], word[half : 2 * half]
    fits = [bit for bit in (0, 1) if [bit if s == 2 else s for s in one] == [bit if s == 2 else s for s in other]]
    assert len(fits) == 1, word
    return fits


def seconds_first(word):
    return [s for n, s in enumerate(word) if n % 2] + [s for n, s in enumerate(word) if n % 2 == 0]


def in_order(word):
    return [symbol for symbol in range(5) for _ in range(word.count(symbol))]


def halves(word):
    cut = word.index(2)
    return word[:cut], word[cut + 1 :]


def trimmed(digits):
    while len(digits) > 1 and digits[-1] == 0:
        digits = digits[:-1]
    return digits


def added(one, other):
    """Column by column, the lowest first."""
    said, carry = [], 0
    for place in range(max(len(one), len(other)) + 1):
        column = carry + sum(part[place] for part in (one, other) if place < len(part))
        said.append(column % 2)
        carry = column // 2
    return trimmed(said)


def addition(word):
    return trimmed(word) if len(word) < 3 else added(*halves(word))


def multiplication(word):
    if len(word) < 3:
        return [0] * (len(word) - 1)
    one, other = halves(word)
    total = [0]
    for place, bit in enumerate(other):
        if bit:
            total = added(total, [0] * place + one)
    return total


def root(word):
    """Bit by bit from the highest: the greatest number whose square is no more."""
    wanted, found = sum(bit << n for n, bit in enumerate(reversed(word))), 0
    size = (len(word) + 1) // 2
    for place in range(size - 1, -1, -1):
        if (found | 1 << place) ** 2 <= wanted:
            found |= 1 << place
    return [found >> place & 1 for place in range(size - 1, -1, -1)]


JUDGES = {
    "even-pairs": even_pairs,
    "modular-arithmetic": arithmetic,
    "parity-check": parity,
    "cycle-navigation": cycle,
    "stack-manipulation": stack,
    "reverse-string": reverse,
    "modular-arithmetic-brackets": brackets,
    "solve-equation": equation,
    "duplicate-string": twice,
    "missing-duplicate": hidden,
    "odds-first": seconds_first,
    "binary-addition": addition,
    "binary-multiplication": multiplication,
    "compute-sqrt": root,
    "bucket-sort": in_order,
}
