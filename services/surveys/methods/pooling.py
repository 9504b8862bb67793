"""Small groups taken together: the first half of what keeps published counts from betraying anyone."""

from __future__ import annotations

from collections.abc import Mapping

from services.surveys.methods.errors import MethodError

Classes = tuple[tuple[str, ...], ...]


def pooled(counts: Mapping[str, int], threshold: int, *, ordered: bool = False) -> Classes:
    """Labels in classes of at least `threshold` people; a label that is large enough alone is its own class.

    `counts`: people by label, in the order of showing, labels that nobody has included. Labels under the threshold,
    zero included, join one class; so do the smallest others, until it has two labels and enough people. `ordered`:
    only neighbours may join, the smallest class with the smaller of its neighbours, until none is too small.
    One class alone (or none) says nothing: then there is nothing to publish.
    Source: global recoding, Willenborg and de Waal 2001, Elements of Statistical Disclosure Control, chapter 4.
    Units: people. Limits: one variable; a table of two needs crosstabs.protected_crosses.
    Raises MethodError `bad-threshold` below 2, `bad-counts` on a negative count.
    """
    if threshold < 2:
        raise MethodError("bad-threshold", {"minimum": 2})
    if any(count < 0 for count in counts.values()):
        raise MethodError("bad-counts")
    return _neighbours(counts, threshold) if ordered else _together(counts, threshold)


def _together(counts: Mapping[str, int], threshold: int) -> Classes:
    small = {label for label, count in counts.items() if count < threshold}
    # The order of showing decides between labels of equal size, so that the same counts give the same classes.
    rest = sorted((label for label in counts if label not in small), key=lambda label: counts[label])
    while small and rest and (len(small) < 2 or sum(counts[label] for label in small) < threshold):
        small.add(rest.pop(0))
    alone = tuple((label,) for label in counts if label not in small)
    joined = tuple(label for label in counts if label in small)
    return (*alone, joined) if joined else alone


def _neighbours(counts: Mapping[str, int], threshold: int) -> Classes:
    classes: list[tuple[tuple[str, ...], int]] = [((label,), count) for label, count in counts.items()]
    while len(classes) > 1 and min(count for _, count in classes) < threshold:
        at = min(range(len(classes)), key=lambda i: (classes[i][1], i))
        beside = [i for i in (at - 1, at + 1) if 0 <= i < len(classes)]
        with_ = min(beside, key=lambda i: (classes[i][1], i))
        first, second = sorted((at, with_))
        joined = (classes[first][0] + classes[second][0], classes[first][1] + classes[second][1])
        classes[first : second + 1] = [joined]
    return tuple(labels for labels, _ in classes)
