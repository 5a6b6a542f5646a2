#!/usr/bin/env python3
"""Writes a GGUF file of another size with the vocabulary of a given one.

    synthetic_model.py MODEL.gguf OUT.gguf LAYERS WIDTH FEED_FORWARD HEADS KV_HEADS

Weights are random Q8_0: for timing shapes that no file at hand has. Llama-3.2-1B's are
16 2048 8192 32 8; the vocabulary, and so the head, stay those of MODEL."""
import os
import struct
import sys

STRING, ARRAY, Q8_0, F32, ALIGNMENT = 8, 9, 8, 0, 32
SIZE = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
POOL_BLOCKS = 32768  # random blocks of 32 weights, taken again and again


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, form):
        (value,) = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize(form)
        return value

    def string(self):
        length = self.number("Q")
        self.at += length
        return self.data[self.at - length:self.at]

    def skip(self, kind):
        if kind == STRING:
            self.string()
        elif kind == ARRAY:
            inner, count = self.number("I"), self.number("Q")
            for _ in range(count):
                self.skip(inner)
        else:
            self.at += SIZE[kind]


def metadata(path):
    """The key-value pairs of a file as (key, type, raw bytes)."""
    with open(path, "rb") as file:
        reader = Reader(file.read(64 << 20))
    if reader.data[:4] != b"GGUF":
        sys.exit(f"{path}: not a GGUF file")
    reader.at = 8
    reader.number("Q")
    pairs = []
    for _ in range(reader.number("Q")):
        key, kind = reader.string().decode(), reader.number("I")
        start = reader.at
        reader.skip(kind)
        pairs.append((key, kind, reader.data[start:reader.at]))
    return pairs


def shapes(layers, width, feed_forward, heads, kv_heads, vocabulary):
    """(name, inputs, outputs), outputs 0 for a norm."""
    kv = width // heads * kv_heads
    yield "token_embd.weight", width, vocabulary
    yield "output_norm.weight", width, 0
    for layer in range(layers):
        for name, inputs, outputs in (
                ("attn_norm", width, 0), ("ffn_norm", width, 0),
                ("attn_q", width, width), ("attn_k", width, kv), ("attn_v", width, kv),
                ("attn_output", width, width), ("ffn_gate", width, feed_forward),
                ("ffn_up", width, feed_forward), ("ffn_down", feed_forward, width)):
            yield f"blk.{layer}.{name}.weight", inputs, outputs


def text(value):
    return struct.pack("<Q", len(value)) + value


def main():
    if len(sys.argv) != 8:
        sys.exit(__doc__)
    source, target = sys.argv[1:3]
    layers, width, feed_forward, heads, kv_heads = map(int, sys.argv[3:])
    changed = {"llama.block_count": layers, "llama.embedding_length": width,
               "llama.feed_forward_length": feed_forward,
               "llama.attention.head_count": heads,
               "llama.attention.head_count_kv": kv_heads,
               "llama.rope.dimension_count": width // heads,
               "llama.attention.key_length": width // heads,
               "llama.attention.value_length": width // heads}
    pairs = [(key, 4, struct.pack("<I", changed[key])) if key in changed else
             (key, kind, raw) for key, kind, raw in metadata(source)]
    tokens = next(raw for key, _, raw in pairs if key == "tokenizer.ggml.tokens")
    (vocabulary,) = struct.unpack_from("<Q", tokens, 4)
    tensors, offset, infos = [], 0, b""
    for name, inputs, outputs in shapes(layers, width, feed_forward, heads, kv_heads,
                                        vocabulary):
        size = inputs * outputs // 32 * 34 if outputs else inputs * 4
        extent = (inputs, outputs) if outputs else (inputs,)
        infos += text(name.encode()) + struct.pack(
            f"<I{len(extent)}QIQ", len(extent), *extent, Q8_0 if outputs else F32, offset)
        tensors.append((inputs, outputs, size))
        offset += -(-size // ALIGNMENT) * ALIGNMENT
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(pairs))
    for key, kind, raw in pairs:
        head += text(key.encode()) + struct.pack("<I", kind) + raw
    head += infos
    # Uniform in +-127 times d: outputs as large as inputs.
    scale = struct.pack("<e", 1 / 73 / width ** 0.5)
    noise = os.urandom(32 * POOL_BLOCKS)
    pool = b"".join(scale + noise[32 * i:32 * i + 32] for i in range(POOL_BLOCKS))
    with open(target + ".partial", "wb") as file:
        file.write(head + b"\0" * (-len(head) % ALIGNMENT))
        for inputs, outputs, size in tensors:
            if outputs:
                for start in range(0, size, len(pool)):
                    file.write(pool[:size - start])
            else:
                file.write(struct.pack("<f", 1.0) * inputs)
            file.write(b"\0" * (-size % ALIGNMENT))
    os.rename(target + ".partial", target)


main()
