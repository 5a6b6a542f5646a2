"""Evaluates the recurrent and the convolutional graph of the NIR paper with NumPy, apart
from the C code: python3 evaluate_nir.py FOLDER prints the spikes of each layer, which
stand in tests/test_nir_run.c. Input: bits of a linear congruential generator."""

import sys

import h5py
import numpy as np


class Bits:
    def __init__(self):
        self.state = 1

    def draw(self, count, percent):
        spikes = np.zeros(count)
        for i in range(count):
            self.state = (self.state * 1103515245 + 12345) % 2**31
            spikes[i] = (self.state >> 16) % 100 < percent
        return spikes


class Cuba:
    """The textbook form of the exact solution, for tau_syn other than tau_mem."""

    def __init__(self, node, dt):
        tau_m, tau_s = node["tau_mem"][()], node["tau_syn"][()]
        self.r, self.w = node["r"][()], node["w_in"][()]
        self.leak, self.level = node["v_leak"][()], node["v_threshold"][()]
        self.em, self.es = np.exp(-dt / tau_m), np.exp(-dt / tau_s)
        self.cross = tau_s / (tau_s - tau_m) * (self.es - self.em)
        self.v, self.i = self.leak.copy(), np.zeros_like(self.leak)
        self.spikes = 0

    def step(self, x):
        goal = self.w * x
        target = self.leak + self.r * goal
        self.v = target + (self.v - target) * self.em
        self.v += self.r * (self.i - goal) * self.cross
        self.i = goal + (self.i - goal) * self.es
        fired = self.v > self.level
        self.v[fired] = 0
        self.spikes += fired.sum()
        return fired.astype(float)


def affine(node, x):
    return node["weight"][()].astype(float) @ x + node["bias"][()].astype(float)


def braille(nodes, steps, percent):
    bits, dt = Bits(), 1e-4
    first, second = Cuba(nodes["lif1.lif"], dt), Cuba(nodes["lif2"], dt)
    before = np.zeros(38)
    for _ in range(steps):
        current = affine(nodes["fc1"], bits.draw(12, percent))
        before = first.step(current + affine(nodes["lif1.w_rec"], before))
        second.step(affine(nodes["fc2"], before))
    return first.spikes, second.spikes


def convolve(node, x):
    weight, bias = node["weight"][()].astype(float), node["bias"][()].astype(float)
    stride, pad = node["stride"][()], node["padding"][()]
    x = np.pad(x, ((0, 0), (pad[0], pad[0]), (pad[1], pad[1])))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], (1, 2))
    windows = windows[:, :: stride[0], :: stride[1]]
    return np.einsum("oikl,iyxkl->oyx", weight, windows) + bias[:, None, None]


def pool(x):
    c, h, w = x.shape
    return x.reshape(c, h // 2, 2, w // 2, 2).sum((2, 4))


def convolutional(nodes, steps, percent):
    bits = Bits()
    names = ["1", "3", "6", "10", "12"]
    v = {n: np.zeros(nodes[n]["v_threshold"].shape) for n in names}
    spikes = dict.fromkeys(names, 0)

    def fire(name, x):
        v[name] += nodes[name]["r"][()] * x
        fired = v[name] > nodes[name]["v_threshold"][()]
        v[name][fired] = 0
        spikes[name] += fired.sum()
        return fired.astype(float)

    for _ in range(steps):
        x = bits.draw(2 * 34 * 34, percent).reshape(2, 34, 34)
        x = fire("1", convolve(nodes["0"], x))
        x = pool(fire("3", convolve(nodes["2"], x)))
        x = pool(fire("6", convolve(nodes["5"], x)))
        x = fire("10", affine(nodes["9"], x.reshape(-1)))
        fire("12", affine(nodes["11"], x))
    return list(spikes.values())


folder = sys.argv[1]
with h5py.File(folder + "/braille_noDelay_bias_zero.nir") as file:
    print("braille:", *braille(file["node/nodes"], 256, 20))
with h5py.File(folder + "/cnn_sinabs.nir") as file:
    print("cnn:", *convolutional(file["node/nodes"], 50, 5))
