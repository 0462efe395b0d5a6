"""What others report on the graphs of `uva-2020-graphs`, in percent. "Re-run": by others than the authors."""

from typing import NamedTuple


class Published(NamedTuple):
    """A figure in words, and where it stands."""

    source: str
    said: str
    second: str | None = None  # of links: average precision


NODES = {
    "cora": (
        Published("GCN, Kipf and Welling 2017", "81.5"),
        Published("GAT, Velickovic et al. 2018 (not verified)", "83.0 ± 0.7"),
        Published("GAT, re-run", "82.4"),
    ),
    "citeseer": (
        Published("GCN, Kipf and Welling 2017", "70.3"),
        Published("GAT, Velickovic et al. 2018 (not verified)", "72.5 ± 0.7"),
        Published("GAT, re-run", "71.9"),
    ),
}
LINKS = {
    "cora-links": (
        Published("GAE, Kipf and Welling 2016", "91.0", "92.0"),
        Published("VGAE, Kipf and Welling 2016", "91.4", "92.6"),
    ),
    "citeseer-links": (Published("VGAE, Kipf and Welling 2016", "90.8", "92.0"),),
}
