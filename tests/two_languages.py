"""Judges of the two made-up translations: parsers in plain Python that know nothing of how sentences are drawn.

A judge reads a sentence by its names and gives all translations that its grammar allows, with the probability of each:
one entry where there is only one right answer, none where it is no sentence. Written from the tables of Grefenstette
et al. 2015, appendix C, one function a symbol.
"""

import re
from collections import defaultdict
from functools import cache

Found = dict[tuple[str, ...], float]


def both(*sides: Found) -> Found:
    """One after the other."""
    if len(sides) == 1:
        return sides[0]
    rest = both(*sides[1:])
    return {one + other: p * q for one, p in sides[0].items() for other, q in rest.items()}


def total(*found: tuple[float, Found]) -> Found:
    """One of these, each as likely as its number says."""
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for share, one in found:
        for said, p in one.items():
            sums[said] += share * p
    return dict(sums)


def word(text: str, kind: str, count: int, becomes: str) -> Found:
    """A word such as si7 of a class of `count`."""
    match = re.fullmatch(kind + r"([1-9]\d*)", text)
    return {(becomes + match[1],): 1 / count} if match and int(match[1]) <= count else {}


def cuts(start: int, end: int):
    """Where two parts that are not empty can meet."""
    return range(start + 1, end)


def svo_sov(sentence: list[str]) -> Found:
    """What a sentence of subjects, verb and objects may become."""
    fifth = 0.2

    signs = [1 if name == "rpi" else -1 if name.startswith("vi") else 0 for name in sentence]
    depth = [sum(signs[:place]) for place in range(len(sentence) + 1)]

    def in_vain(i: int, j: int) -> bool:  # each rpi has its verb, and a subject comes first
        return depth[i] != depth[j] or sentence[i][0] not in "so"

    @cache
    def clause(i: int, j: int) -> Found:  # S1 rpi S2 VT3
        verb = word(sentence[j - 1], "vi", 33, "vo")
        places = [m for m in range(i + 1, j - 2) if sentence[m] == "rpi"] if verb else []
        return total(*((1.0, both(s(i, m), {("rpo",): 1.0}, s(m + 1, j - 1), verb)) for m in places))

    @cache
    def s(i: int, j: int) -> Found:
        if in_vain(i, j):
            return {}
        if j - i == 1:
            return total((3 * fifth, word(sentence[i], "si", 33, "so")))
        return total((fifth, clause(i, j)), *((fifth, both(s(i, m), s(m, j))) for m in cuts(i, j)))

    @cache
    def o(i: int, j: int) -> Found:
        if in_vain(i, j):
            return {}
        if j - i == 1:
            return total((3 * fifth, word(sentence[i], "oi", 33, "oo")))
        return total((fifth, clause(i, j)), *((fifth, both(o(i, m), o(m, j))) for m in cuts(i, j)))

    end = len(sentence)
    return total(*((1.0, both(s(0, m), o(m + 1, end), word(sentence[m], "vi", 33, "vo"))) for m in range(1, end - 1)))


def gender(sentence: list[str]) -> Found:
    """What a made-up English sentence may become in German."""
    half, quarter, sixth = 1 / 2, 1 / 4, 1 / 6
    articles = {"the": {"m": "der", "f": "die", "n": "das"}, "a": {"m": "ein", "f": "eine", "n": "ein"}}

    def noun_phrase(i: int, j: int) -> Found:
        if j - i != 2 or sentence[i] not in articles:
            return {}
        own = articles[sentence[i]]
        nouns = ((of, word(sentence[i + 1], f"{of}e", 25, f"{of}g")) for of in "mfn")
        return total(*((sixth, both({(own[of],): 1.0}, noun)) for of, noun in nouns))

    def doing(i: int) -> Found:
        return word(sentence[i], "we", 25, "wg")

    @cache
    def v(i: int, j: int) -> Found:
        if j - i == 1:
            return total((quarter, doing(i)))
        return total((3 * quarter, both(doing(i), b(i + 1, j)))) if doing(i) else {}

    @cache
    def b(i: int, j: int) -> Found:
        found = [(half, both(b(i, m), v(m, j))) for m in cuts(i, j) if sentence[m].startswith("we")]
        for m in cuts(i, j - 1):
            if sentence[m] == "or":
                found.append((quarter, both(b(i, m), {("oder",): 1.0}, b(m + 1, j))))
            if sentence[m] == "and":
                found.append((quarter, both(noun_phrase(i, m), {("und",): 1.0}, noun_phrase(m + 1, j))))
        return total(*found)

    return b(0, len(sentence))


JUDGES = {"svo-sov": svo_sov, "gender": gender}
