"""Who can be compared with whom: the graph of judges and the subjects they marked.

Two branches can be compared fairly only if a chain of judges leads from one to the other. Separate parts of the
graph are recognised and numbered; a weak link is a judge without whose sheets a part would fall in two.
"""

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from .marks import Ints
from .sheets import Sheets

NO_PANEL = -1
"""Part number of a subject or judge without a counted sheet."""


def parts(sheets: Sheets) -> tuple[Ints, Ints]:
    """Return the part number of every subject and of every judge, by code; parts are numbered by lowest subject."""
    nodes = sheets.subjects + sheets.judges
    graph = sparse.coo_array(
        (np.ones(sheets.subject.size, dtype=np.int8), (sheets.subject, sheets.subjects + sheets.judge)),
        shape=(nodes, nodes),
    )
    _, labels = csgraph.connected_components(graph, directed=False)
    labels = labels.astype(np.int64)
    used = np.zeros(nodes, dtype=np.bool_)
    used[sheets.subject] = used[sheets.subjects + sheets.judge] = True
    # Number parts in the order of their first subject: sheets come sorted by subject.
    _, first = np.unique(labels[sheets.subject], return_index=True)
    number = np.full(nodes, NO_PANEL, dtype=np.int64)
    number[labels[sheets.subject[np.sort(first)]]] = np.arange(first.size)
    part = np.where(used, number[labels], NO_PANEL)
    return part[: sheets.subjects], part[sheets.subjects :]


def weak_links(sheets: Sheets) -> list[int]:
    """Return the codes of judges whose absence would leave marked subjects unconnected, in rising order.

    Articulation points by depth-first search (Hopcroft and Tarjan 1973), without recursion. A subject that only one
    judge marked loses its score with him, not its connection, and does not make him a weak link.
    """
    neighbours = _neighbours(sheets)
    subjects = sheets.subjects
    entered: dict[int, int] = {}
    lowest: dict[int, int] = {}
    weak: set[int] = set()
    for root in dict.fromkeys((subjects + sheets.judge).tolist()):
        if root in entered:
            continue
        entered[root] = lowest[root] = len(entered)
        branches = 0
        path = [(root, -1, iter(neighbours[root]))]
        while path:
            node, parent, rest = path[-1]
            for other in rest:
                if other == parent:
                    continue
                if other in entered:
                    lowest[node] = min(lowest[node], entered[other])
                    continue
                entered[other] = lowest[other] = len(entered)
                path.append((other, node, iter(neighbours[other])))
                break
            else:
                path.pop()
                if not path:
                    continue
                lowest[parent] = min(lowest[parent], lowest[node])
                # A subject with no other judge is not a side of its own.
                side = len(neighbours[node]) > 1
                if parent == root:
                    branches += side
                elif parent >= subjects and lowest[node] >= entered[parent] and side:
                    weak.add(parent - subjects)
        if branches > 1:
            weak.add(root - subjects)
    return sorted(weak)


def _neighbours(sheets: Sheets) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for subject, judge in zip(sheets.subject.tolist(), (sheets.subjects + sheets.judge).tolist(), strict=True):
        found.setdefault(subject, []).append(judge)
        found.setdefault(judge, []).append(subject)
    return found
