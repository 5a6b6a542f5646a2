"""Reads pairs of NIR files with the `nir` package and fails where they differ:
python3 compare_nir.py A.nir B.nir ..."""

import sys

import h5py
import nir
import numpy as np


def compare(where, a, b):
    assert type(a) is type(b), f"{where}: {type(a)} and {type(b)}"
    if isinstance(a, nir.NIRGraph):
        assert list(a.nodes) == list(b.nodes), f"{where}: nodes"
        assert list(a.edges) == list(b.edges), f"{where}: edges"
        for name in a.nodes:
            compare(f"{where}/{name}", a.nodes[name], b.nodes[name])
        return
    left, right = a.to_dict(), b.to_dict()
    assert set(left) == set(right), f"{where}: parameters"
    for key in left:
        x, y = np.asarray(left[key]), np.asarray(right[key])
        assert x.dtype == y.dtype and x.shape == y.shape, f"{where}: {key}: type, shape"
        assert np.array_equal(x, y), f"{where}: {key}: values"


for one, other in zip(sys.argv[1::2], sys.argv[2::2]):
    with h5py.File(one) as a, h5py.File(other) as b:
        assert a["version"][()] == b["version"][()], f"{one}: version"
    compare(one, nir.read(one, type_check=False), nir.read(other, type_check=False))
