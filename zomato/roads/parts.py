"""The largest part of a network in which each junction can be reached from each other one.

A map is cut at its rim: streets lead out and none leads back, and a parking deck hangs in the air. Two
walks find the parts: junctions in the order in which they are done with, then backwards against the arcs,
the last one first; what the second walk reaches is one part. O(nodes + arcs). Source: Kosaraju, as in
Sharir 1981. Page: docs/zomato/roads.md
"""

from zomato.roads.graph import Arc, Graph


def largest(graph: Graph) -> Graph:
    """Return the largest part by itself, its nodes numbered anew in the same order."""
    most: list[int] = max(parts(graph), key=len, default=[])
    kept = sorted(most)
    number = {node: index for index, node in enumerate(kept)}
    spots = [(graph.xs[node], graph.ys[node]) for node in kept]
    arcs = [
        Arc(number[each.tail], number[each.head], each.ms, each.street)
        for each in graph.arcs()
        if each.tail in number and each.head in number
    ]
    return Graph(spots, arcs)


def parts(graph: Graph) -> list[list[int]]:
    """Return the nodes of each part."""
    against = Graph(
        list(zip(graph.xs, graph.ys, strict=True)),
        (Arc(each.head, each.tail, each.ms) for each in graph.arcs()),
    )
    seen, found = set[int](), list[list[int]]()
    for node in reversed(_done(graph)):
        if node not in seen:
            found.append(_walk(against, node, seen))
    return found


def _done(graph: Graph) -> list[int]:
    """All nodes, each after those that are reached from it first."""
    done, seen = list[int](), set[int]()
    for node in range(len(graph)):
        if node not in seen:
            done += _walk(graph, node, seen)
    return done


def _walk(graph: Graph, start: int, seen: set[int]) -> list[int]:
    """The nodes that are reached from `start` and were not seen, in the order in which they are done."""
    done, stack = list[int](), [(start, graph.first[start])]
    seen.add(start)
    while stack:
        node, arc = stack.pop()
        if arc == graph.first[node + 1]:
            done.append(node)
            continue
        stack.append((node, arc + 1))
        head = graph.heads[arc]
        if head not in seen:
            seen.add(head)
            stack.append((head, graph.first[head]))
    return done
