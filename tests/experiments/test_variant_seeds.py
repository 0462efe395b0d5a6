"""A variant may be trained from seeds of its own, a few or many."""

from itertools import islice

import pytest

from pushpop.errors import ConfigError
from pushpop.experiments.sweep import Sweep
from pushpop.experiments.trials import of_grid, of_search

FEW, WIDE = {"name": "few", "seeds": "5-6"}, {"name": "wide", "over": {"model.hidden": [8, 16]}}


def sweep(*variants, **given):
    return Sweep.from_dict({"sweep": {"seeds": [0, 1], "variants": list(variants), **given}})


def told(wanted):
    return [(each.configuration.variant, each.seed) for each in wanted]


def test_each_variant_has_its_own_seeds_or_those_of_the_sweep():
    grid = told(of_grid(sweep(FEW, WIDE)))
    assert grid == [("few", 5), ("few", 6), ("wide", 0), ("wide", 0), ("wide", 1), ("wide", 1)]


def test_a_grid_without_end_goes_on_after_the_last_seed_of_each():
    grid = told(islice(of_grid(sweep(FEW, WIDE, trials=0)), 9))
    assert grid[6:] == [("few", 7), ("wide", 2), ("wide", 2)]


def test_a_search_trains_what_it_is_told_from_the_seeds_of_the_variant():
    asked = []

    def suggest(variant, index, seed):
        asked.append((variant.name, seed))
        return index, {"model.hidden": 8 + index}

    space = {"over": {"model.hidden": {"low": 8, "high": 64}}}
    found = of_search(sweep(FEW | space, WIDE | space, search="random", trials=2), {}, suggest, refuse=None)
    assert told(found) == [("few", 5), ("few", 6), ("wide", 0), ("wide", 1)]
    assert asked == [("few", 5), ("wide", 0)]


def test_seeds_that_cannot_be_are_told_with_the_variant():
    with pytest.raises(ConfigError, match=r"^sweep.variants\[few\].seeds: 'none' is no seed; give such as 0-19 or 0,3"):
        sweep({"name": "few", "seeds": "none"})
