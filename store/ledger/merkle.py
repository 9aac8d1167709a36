"""The Merkle tree of RFC 6962, section 2.1: hashes, an incremental frontier, and proofs.

Every function is pure. A frontier is the roots of the perfect subtrees that a tree of `size`
leaves is made of, largest first: all that appending needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf; its prefix keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def extend(frontier: list[bytes], size: int, leaf: bytes) -> None:
    """Append one leaf's hash to the frontier of a tree of `size` leaves, in place."""
    node = leaf
    while size & 1:
        node = node_hash(frontier.pop(), node)
        size >>= 1
    frontier.append(node)


def frontier_root(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree that a frontier stands for."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for node in reversed(frontier[:-1]):
        root = node_hash(node, root)
    return root


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier: list[bytes] = []
    for size, leaf in enumerate(leaves):
        extend(frontier, size, leaf)
    return frontier_root(frontier)


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The audit path of the leaf at `index`, counted from 0 (section 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves has no leaf {index}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), root(leaves[split:])]
    return [*inclusion_proof(index - split, leaves[split:]), root(leaves[:split])]


def is_included(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> bool:
    """Whether a proof shows that a leaf hash stands at `index` in the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and computed == expected


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The proof that the first `old_size` leaves are a prefix of the tree (section 2.1.2)."""
    if not 0 <= old_size <= len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves never had {old_size}")
    if old_size == 0:
        return []
    return _subproof(old_size, leaves, is_whole=True)


def is_consistent(
    old_size: int, old_root: bytes, size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that the old tree is a prefix of the new one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old_size <= size:
        return False
    if old_size in (0, size):
        expected = EMPTY_ROOT if old_size == 0 else new_root
        return not proof and old_root == expected
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_computed = new_computed = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_computed = node_hash(sibling, old_computed)
            new_computed = node_hash(sibling, new_computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_computed = node_hash(new_computed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old_computed == old_root and new_computed == new_root


def _subproof(old_size: int, leaves: Sequence[bytes], *, is_whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if is_whole else [root(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(old_size, leaves[:split], is_whole=is_whole), root(leaves[split:])]
    return [*_subproof(old_size - split, leaves[split:], is_whole=False), root(leaves[:split])]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
