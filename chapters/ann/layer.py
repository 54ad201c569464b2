"""One layer of links: everybody knows a few others, and a search goes from friend to better friend.

    entry ──► its friends ──► the nearest of those ──► its friends ──► …  until nobody is nearer

Two lists drive it. `ahead`: whom to ask next, the nearest first. `best`: the `width` nearest seen. The
search ends when the next one to ask is farther away than the worst of `best`: its friends would
hardly be better. A wider list costs more and is caught less often in a dead end.

Invariant: nobody is looked at twice. Source: Malkov & Yashunin 2018, algorithms 2 and 4.
Page: docs/chapters/ann.md
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush, heappushpop, nlargest

import numpy as np
from numpy.typing import NDArray

from chapters.ann.nearest import Vectors

Scored = tuple[float, int]  # score, id


class Layer:
    """Who is linked to whom, by id; and how many products were computed."""

    def __init__(self, vectors: Vectors, links: dict[int, list[int]]) -> None:
        self._vectors = vectors
        self.links = links
        self.looked = 0

    def nearest(
        self, query: NDArray[np.float32], entries: Sequence[int], width: int
    ) -> list[Scored]:
        """Return up to `width` of the nearest that links lead to from `entries`, best first."""
        seen = set(entries)
        best = self._scored(query, list(entries))  # a heap: the worst first
        ahead = [(-score, node) for score, node in best]
        heapify(best)
        heapify(ahead)
        while ahead:
            farness, node = heappop(ahead)
            if len(best) >= width and -farness < best[0][0]:
                break
            fresh = [each for each in self.links[node] if each not in seen]
            seen.update(fresh)
            for found in self._scored(query, fresh):
                if len(best) < width:
                    heappush(best, found)
                elif found[0] > best[0][0]:
                    heappushpop(best, found)
                else:
                    continue
                heappush(ahead, (-found[0], found[1]))
        return nlargest(width, best)

    def connect(self, node: int, found: list[Scored], count: int, links_max: int) -> None:
        """Link `node` with `count` of those found, both ways; whoever has too many drops one."""
        self.links[node] = self.chosen(found, count)
        for other in self.links[node]:
            links = self.links[other]
            links.append(node)
            if len(links) > links_max:
                ranked = sorted(self._scored(self._vectors[other], links), reverse=True)
                self.links[other] = self.chosen(ranked, links_max)

    def chosen(self, found: list[Scored], count: int) -> list[int]:
        """Return `count` of those found, given best first: in all directions, not only the nearest.

        One is passed over that is nearer to somebody chosen already than to the one in the middle:
        the way to it leads over that friend. Those passed over fill what places are left.
        """
        ids = [node for _, node in found]
        if len(ids) <= count:
            return ids
        members = self._vectors[ids]
        to_chosen = np.full(len(ids), -np.inf, dtype=np.float32)
        taken, passed = list[int](), list[int]()
        for place, (score, node) in enumerate(found):
            if to_chosen[place] < score:
                taken.append(node)
                np.maximum(to_chosen, members @ members[place], out=to_chosen)
                self.looked += len(ids)
            else:
                passed.append(node)
            if len(taken) == count:
                break
        return taken + passed[: count - len(taken)]

    def _scored(self, query: NDArray[np.float32], ids: list[int]) -> list[Scored]:
        self.looked += len(ids)
        return list(zip((self._vectors[ids] @ query).tolist(), ids, strict=True))
