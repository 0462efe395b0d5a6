"""Bracketed texts by name, made here: documents, one a line, whose depth is known.

    corpus("brackets-json")  # the bytes of the corpus of that name: the same on every machine, a million characters
    documents("json", (7, 12), "far", 0)  # documents without end, each of a depth of 7 to 12, by a key of your own

A document is drawn as a tree. Its depth is uniform among those asked for, 1 to 6 in the corpora; a node of depth d has
1 to 4 children, one of them, at any place, of depth d - 1, the others of depths uniform in 0 to 2 or d - 1, whichever
is less. So a document's length grows with its depth, not faster. Depth 0 is an atom: nothing in Dyck words, else a word
or a number. Whether a text is such a document, `nesting` says, which knows nothing of this.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from pushpop.tasks.draws import Draws

TRAINED = (1, 6)  # depths in the corpora
CHARACTERS = 1_000_000  # of a corpus, or a few more: the last document is whole
CORPUS = "brackets-"  # and the language: a corpus's name
CHILDREN, SHALLOW = 4, 3
NAMES = {
    "brackets-dyck": "words of four kinds of brackets, 1 to 6 deep",
    "brackets-quotations": "quotations in quotations, in three kinds of quotation marks, 1 to 6 deep",
    "brackets-json": "JSON of arrays and objects, 1 to 6 deep",
    "brackets-lisp": "calls as Lisp writes them, 1 to 6 deep",
    "brackets-arithmetic": "sums and products in parentheses, 1 to 6 deep",
}
ANN, QUOTED = ("Ann", "Bob", "Eve", "Sam"), (("“", "”"), ("‘", "’"), ("«", "»"))
WORDS = ("yes", "no", "who", "never", "again", "not me", "so be it", "look")
DYCK = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"))
KEYS = ("a", "id", "key", "name", "list", "to")
CALLS = ("add", "mul", "list", "if", "max")


@dataclass(frozen=True)
class Tree:
    """A node with its children; an atom has none."""

    children: tuple["Tree", ...] = ()


class Chance:
    """Whole numbers below small bounds, from a stream of draws; a thousand are fetched at once."""

    def __init__(self, *key: int | str) -> None:
        self._draws, self._left = Draws("brackets", *key), list[int]()

    def below(self, bound: int) -> int:
        if not self._left:
            self._left = self._draws.below(2**32, 1_000).tolist()
        return self._left.pop() % bound

    def one_of(self, some: tuple[str, ...]) -> str:
        return some[self.below(len(some))]


def documents(language: str, depths: tuple[int, int], *key: int | str) -> Iterator[str]:
    """Documents without end, of depths from the first to the last of `depths`; each stream fixed by its key.

    >>> [next(documents("arithmetic", (depth, depth), "an example", 0)) for depth in (1, 2, 3)]
    ['(2+84)', '((x/81/1-10)+(13/x+10))', '(((81/1/10)*5*(x/72)+x)+y)']
    """
    chance = Chance(language, *key)
    while True:
        depth = depths[0] + chance.below(depths[1] - depths[0] + 1)
        yield WRITTEN[language](tree(chance, depth), chance)


@cache
def corpus(name: str) -> bytes:
    """The corpus of one of NAMES."""
    lines, characters = list[str](), 0
    for line in documents(name.removeprefix(CORPUS), TRAINED, "corpus"):
        lines.append(line)
        characters += len(line) + 1
        if characters >= CHARACTERS:
            return "".join(f"{one}\n" for one in lines).encode()
    raise AssertionError("documents have no end")


def tree(chance: Chance, depth: int) -> Tree:
    """A tree of this very depth."""
    if not depth:
        return Tree()
    children = 1 + chance.below(CHILDREN)
    deepest = chance.below(children)
    depths = [depth - 1 if place == deepest else chance.below(min(depth, SHALLOW)) for place in range(children)]
    return Tree(tuple(tree(chance, each) for each in depths))


def dyck(node: Tree, chance: Chance) -> str:
    opening, closing = DYCK[chance.below(len(DYCK))]
    return f"{opening}{''.join(dyck(child, chance) for child in node.children)}{closing}" if node.children else ""


def quotation(node: Tree, chance: Chance, around: int = -1) -> str:
    """Who said it, and what; no kind of mark stands right inside its like."""
    kind = chance.below(3) if around < 0 else (around + 1 + chance.below(2)) % 3
    said = [quotation(child, chance, kind) if child.children else chance.one_of(WORDS) for child in node.children]
    opening, closing = QUOTED[kind]
    return f"{chance.one_of(ANN)} said {opening}{', '.join(said)}{closing}"


def json(node: Tree, chance: Chance) -> str:
    if not node.children:
        return chance.one_of(("null", "true", "false", key(chance), number(chance), number(chance)))
    if chance.below(2):
        return f"[{','.join(json(child, chance) for child in node.children)}]"
    return "{" + ",".join(f"{key(chance)}:{json(child, chance)}" for child in node.children) + "}"


def key(chance: Chance) -> str:
    return f'"{chance.one_of(KEYS)}"'


def lisp(node: Tree, chance: Chance) -> str:
    if not node.children:
        return atom(chance)
    return f"({chance.one_of(CALLS)} {' '.join(lisp(child, chance) for child in node.children)})"


def arithmetic(node: Tree, chance: Chance) -> str:
    """A single child is joined by an atom: nothing is put in parentheses alone."""
    parts = [arithmetic(child, chance) if child.children else atom(chance) for child in node.children]
    parts += [atom(chance)] if len(parts) == 1 else []
    return f"({parts[0]}{''.join(chance.one_of(('+', '-', '*', '/')) + part for part in parts[1:])})"


def atom(chance: Chance) -> str:
    return chance.one_of(("x", "y", number(chance), number(chance)))


def number(chance: Chance) -> str:
    return str(chance.below(100))


WRITTEN: dict[str, Callable[[Tree, Chance], str]] = {
    "dyck": dyck,
    "quotations": quotation,
    "json": json,
    "lisp": lisp,
    "arithmetic": arithmetic,
}
