"""Makes every.nir, conv1d.nir and package.nir with the `nir` package (pip install nir, 1.0.8):
python3 make_nir.py FOLDER. every.nir holds every type of node once, nested graphs, a
recurrent loop, scalars where arrays belong, compressed arrays of f32 and f64, strings of
fixed length. The others are as the package leaves them; package.nir is the same graph
as every.nir, and not kept here."""

import sys

import h5py
import nir
import numpy as np

random = np.random.default_rng(1)


def uniform(*shape, kind=np.float32):
    return random.uniform(-1, 1, shape).astype(kind)


def full(value, *shape, kind=np.float32):
    return np.full(shape, value, kind)


def every():
    inner = nir.NIRGraph(
        nodes={
            "input": nir.Input({"input": np.array([6])}),
            "linear": nir.Linear(uniform(4, 6)),
            "output": nir.Output({"output": np.array([4])}),
        },
        edges=[("input", "linear"), ("linear", "output")],
    )
    nodes = {
        "input": nir.Input({"input": np.array([2, 8, 8])}),
        "conv": nir.Conv2d((8, 8), uniform(4, 1, 3, 3), 1, "same", 1, 2, uniform(4)),
        "if": nir.IF(full(1, 4, 8, 8), full(0.5, 4, 8, 8), full(0.125, 4, 8, 8)),
        "sum": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "average": nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "flatten": nir.Flatten({"input": np.array([4, 2, 2])}, 0, -1),
        "linear": nir.Linear(uniform(6, 16, kind=np.float64)),
        "lif": nir.LIF(
            full(2e-3, 6), full(1, 6), full(0.125, 6), full(0.25, 6), full(-0.25, 6)
        ),
        "affine": nir.Affine(uniform(6, 6), uniform(6)),
        "lif.rec": nir.CubaLIF(
            full(1e-3, 6, kind=np.float64),
            full(2e-3, 6, kind=np.float64),
            full(4, 6, kind=np.float64),
            full(0, 6, kind=np.float64),
            full(0.0625, 6, kind=np.float64),
            w_in=full(2, 6, kind=np.float64),
        ),
        "lif.w_rec": nir.Linear(uniform(6, 6)),
        "scale": nir.Scale(uniform(6)),
        "li": nir.LI(full(3e-3, 6), full(1, 6), full(0.5, 6)),
        "cuba": nir.CubaLI(
            full(1e-3, 6), full(2e-3, 6), full(1, 6), full(0, 6), full(1, 6)
        ),
        "i": nir.I(full(100, 6)),
        "threshold": nir.Threshold(full(0.001, 6)),
        "delay": nir.Delay(np.array([0, 1e-3, 2e-3, 2e-3, 1e-3, 3e-3])),
        "inner": inner,
        "output": nir.Output({"output": np.array([4])}),
    }
    chain = [name for name in nodes if name != "lif.w_rec"]
    edges = list(zip(chain, chain[1:]))
    edges += [("lif.rec", "lif.w_rec"), ("lif.w_rec", "lif.rec")]
    # The package takes the channels of a group for those of the input.
    return nir.NIRGraph(nodes, edges, type_check=False)


def conv1d():
    conv = nir.Conv1d(9, uniform(3, 2, 3, kind=np.float64), 2, 1, 2, 1, uniform(3))
    nodes = {
        "input": nir.Input({"input": np.array([2, 9])}),
        "conv": conv,
        "output": nir.Output({"output": np.array([3, 4])}),
    }
    return nir.NIRGraph(nodes, [("input", "conv"), ("conv", "output")])


def repack(source, target):
    """The layout of newer HDF5 files, strings of fixed length, large arrays compressed:
    a tenth of the size, and another way to write the same."""
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            repack(item, target.create_group(name))
        elif item.dtype.kind == "O":
            target[name] = item[()].astype("S") if item.shape else np.bytes_(item[()])
        elif name == "weight" and item.size >= 64:
            target.create_dataset(name, data=item[()], compression="gzip", shuffle=True)
        else:
            target[name] = item[()]


folder = sys.argv[1]
nir.write(folder + "/package.nir", every())
nir.write(folder + "/conv1d.nir", conv1d(), compression=None)
with h5py.File(folder + "/package.nir") as source:
    with h5py.File(folder + "/every.nir", "w", libver=("v108", "v110")) as target:
        repack(source, target)
        # Scalars where arrays belong, and what other tools leave out.
        del target["node/nodes/lif/r"]
        target["node/nodes/lif/r"] = np.float32(1)
        del target["node/nodes/lif.rec/v_reset"]
        del target["node/nodes/flatten/input_type"]
