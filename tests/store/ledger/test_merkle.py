"""The tree against RFC 6962's known hashes, and against its own definition written naively."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.ledger import merkle

# transparency-dev/merkle: rfc6962_test.go, and the leaves and roots of its reference tree.
LEAVES = [
    bytes.fromhex(data)
    for data in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def hashes(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(count)]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_known_hashes() -> None:
    assert merkle.EMPTY_ROOT.hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert merkle.leaf_hash(b"").hex() == ROOTS[0]
    assert merkle.leaf_hash(b"L123456").hex() == (
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert merkle.node_hash(b"N123", b"N456").hex() == (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


@pytest.mark.parametrize("size", range(1, 9))
def test_known_roots(size: int) -> None:
    leaves = [merkle.leaf_hash(data) for data in LEAVES[:size]]
    assert merkle.root(leaves).hex() == ROOTS[size - 1]


@given(st.integers(0, 200))
def test_root_equals_the_definition(size: int) -> None:
    assert merkle.root(hashes(size)) == naive_root(hashes(size))


def test_frontier_has_one_node_for_each_bit_of_the_size() -> None:
    frontier: list[bytes] = []
    for size, leaf in enumerate(hashes(130)):
        merkle.extend(frontier, size, leaf)
        assert len(frontier) == (size + 1).bit_count()


@settings(max_examples=60)
@given(st.data())
def test_inclusion_is_proved_for_its_leaf_and_place_alone(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    leaves = hashes(size)
    root, proof = naive_root(leaves), merkle.inclusion_proof(index, leaves)
    assert merkle.is_included(leaves[index], index, size, proof, root)
    for other in range(size):
        if other != index:
            assert not merkle.is_included(leaves[other], index, size, proof, root)
            assert not merkle.is_included(leaves[index], other, size, proof, root)
    assert not merkle.is_included(leaves[index], index, size, [*proof, root], root)
    assert not merkle.is_included(leaves[index], size, size, proof, root)
    if proof:
        assert not merkle.is_included(leaves[index], index, size, proof[:-1], root)


@settings(max_examples=60)
@given(st.data())
def test_consistency_is_proved_for_a_true_prefix_alone(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    old_size = data.draw(st.integers(0, size))
    leaves = hashes(size)
    old, new = naive_root(leaves[:old_size]), naive_root(leaves)
    proof = merkle.consistency_proof(old_size, leaves)
    assert merkle.is_consistent(old_size, old, size, new, proof)
    other = merkle.leaf_hash(b"other")
    assert not merkle.is_consistent(old_size, other, size, new, proof)
    assert not merkle.is_consistent(old_size, old, size, new, [*proof, other])
    if 0 < old_size < size:
        assert not merkle.is_consistent(old_size, old, size, other, proof)
        assert not merkle.is_consistent(old_size, old, size, new, proof[:-1])
    assert not merkle.is_consistent(size + 1, new, size, new, [])


def test_proofs_of_what_is_not_there_are_refused() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            merkle.inclusion_proof(index, hashes(3))
    with pytest.raises(IndexError):
        merkle.consistency_proof(4, hashes(3))
