"""Every study by its name."""

from pushpop.errors import ConfigError, meant
from pushpop.studies.brackets import brackets
from pushpop.studies.call_stack import call_stack
from pushpop.studies.chomsky import chomsky
from pushpop.studies.cs281 import cs281
from pushpop.studies.grefenstette import grefenstette
from pushpop.studies.packaged_networks import packaged_networks
from pushpop.studies.reliability import reliability
from pushpop.studies.reversal import reversal
from pushpop.studies.rules import reverse_and_copy, rules
from pushpop.studies.study import Study
from pushpop.studies.text_minutes import text_minutes
from pushpop.studies.uva2020 import uva2020
from pushpop.studies.uva_graphs import uva_graphs
from pushpop.studies.uva_text import uva_text

STUDIES: dict[str, Study] = {
    "reversal-seeds": reversal,
    "rules": rules,
    "reverse-and-copy": reverse_and_copy,
    "packaged-networks": packaged_networks,
    "reliability": reliability,
    "cs281-reversal": cs281,
    "grefenstette-2015": grefenstette,
    "uva-2020": uva2020,
    "uva-2020-text": uva_text,
    "uva-2020-graphs": uva_graphs,
    "call-stack-2023": call_stack,
    "chomsky-2022": chomsky,
    "text-minutes": text_minutes,
    "brackets": brackets,
}


def find(name: str) -> Study:
    """The study of that name; ConfigError where there is none."""
    if name not in STUDIES:
        raise ConfigError(f"reproduce: {name!r} is not a study; {meant(name, STUDIES)}there are {', '.join(STUDIES)}")
    return STUDIES[name]
