"""The one real graph that comes with the package: who met whom outside a karate club before it split in two.

Zachary, "An Information Flow Model for Conflict and Fission in Small Groups", Journal of Anthropological Research 33
(1977): 34 members, 78 ties, and which of two clubs each went to. Members are nobody's papers, so each has one word, its
own. The two who fell out are the training part, the instructor (0) and the officer (33); eight others, four of each
club, are validation.
"""

import numpy as np

from pushpop.tasks.graphs.citation import Citations
from pushpop.tasks.graphs.edges import both_ways

MEMBERS = 34
TIES = {
    0: (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31), 1: (2, 3, 7, 13, 17, 19, 21, 30),
    2: (3, 7, 8, 9, 13, 27, 28, 32), 3: (7, 12, 13), 4: (6, 10), 5: (6, 10, 16), 6: (16,), 8: (30, 32, 33), 9: (33,),
    13: (33,), 14: (32, 33), 15: (32, 33), 18: (32, 33), 19: (33,), 20: (32, 33), 22: (32, 33),
    23: (25, 27, 29, 32, 33), 24: (25, 27, 31), 25: (31,), 26: (29, 33), 27: (33,), 28: (31, 33), 29: (32, 33),
    30: (32, 33), 31: (32, 33), 32: (33,),
}  # fmt: skip
OFFICERS = (9, 14, 15, 18, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33)
VALIDATION = (2, 5, 13, 19, 15, 24, 27, 32)


def karate() -> Citations:
    """The club, as a citation graph is given."""
    members = np.arange(MEMBERS)
    training, validation = np.array([0, MEMBERS - 1]), np.array(sorted(VALIDATION))
    rest = np.setdiff1d(members, np.concatenate([training, validation]))
    pairs = np.array([(one, other) for one, others in TIES.items() for other in others])
    labels = np.isin(members, OFFICERS).astype(np.int64)
    splits = {"training": training, "validation": validation, "test": rest}
    return Citations(labels, splits, members, members.copy(), both_ways(pairs), MEMBERS)
