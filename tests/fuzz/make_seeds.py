#!/usr/bin/env python3
"""Writes the inputs that the fuzzers of model files and configurations start from."""
import json
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
# GGML id: elements and bytes of a block
BLOCKS = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24),
          8: (32, 34), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176),
          14: (256, 210), 17: (256, 74), 30: (1, 2)}


def write(fuzzer, name, data):
    folder = os.path.join(HERE, fuzzer)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def text(string):
    return struct.pack("<Q", len(string)) + string.encode()


def key(name, value_type, value):
    return text(name) + struct.pack("<I", value_type) + value


def array(value_type, elements):
    return struct.pack("<IQ", value_type, len(elements)) + b"".join(elements)


def gguf(version, metadata, tensors):
    infos, data = b"", b""
    for name, extents, type_id, size in tensors:
        data += bytes(-len(data) % 32)
        infos += text(name) + struct.pack("<I", len(extents))
        infos += struct.pack("<%dQ" % len(extents), *extents)
        infos += struct.pack("<IQ", type_id, len(data))
        data += bytes(i % 59 for i in range(size))
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata))
    head += b"".join(metadata) + infos
    return head + bytes(-len(head) % 32 if tensors else 0) + data


numbers = [key("k%d" % t, t, bytes([1]) + bytes(size - 1))
           for t, size in {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8,
                           12: 8}.items()]
rest = [key("general.alignment", 4, struct.pack("<I", 32)), key("s", 8, text("word")),
        key("a", 9, array(8, [text(""), text("ab")])), key("i", 9, array(5, [b"abcd"])),
        key("b", 9, array(7, [b"\1", b"\0"])), key("f", 9, array(6, [b"\0\0\0\1"]))]
write("fuzz_gguf", "metadata.gguf", gguf(2, numbers + rest, []))
write("fuzz_gguf", "types.gguf",
      gguf(3, rest[:1], [("t%d" % t, (elements,), t, size)
                         for t, (elements, size) in BLOCKS.items()]))
write("fuzz_gguf", "extents.gguf",
      gguf(3, [], [("abcd"[:n], (1, 2, 3, 1)[:n], 0, 4 * (1, 2, 6, 6)[n - 1])
                   for n in (1, 2, 3, 4)]))
for sites in (0, 1, 3):
    rows = b"".join(struct.pack("<IIQQQ", 2, 3, 4096 * (s + 1), 64, s) for s in range(sites))
    header = b"LUCPACK1" + struct.pack("<Qq", 1000, 1700000000) + 64 * b"a"
    header += b"4bit:32:min".ljust(32, b"\0") + b"output".ljust(32, b"\0")
    header += struct.pack("<Q", sites) + rows + bytes(8)
    front = struct.pack("<BQ", 1, 4096 * sites + 64 if sites else len(header))
    write("fuzz_packed", "sites%d" % sites, front + header)
for size in range(3):
    header = struct.pack("<7i", 8, 12, 3, 4, 2, -10 if size == 1 else 10, 5)
    write("fuzz_llama2c", "header%d" % size, header + struct.pack("<Q", size))
write("fuzz_config", "run.conf",
      b"# all\nmodel = m.gguf\n\n[spikes]\nk = 3 # levels\ntext = \" a # b \"\n")

sizes = {"num_hidden_layers": 4, "hidden_size": 8, "intermediate_size": 12,
         "vocab_size": 9, "num_attention_heads": 4, "num_key_value_heads": 2,
         "sliding_window": 3}
experts = {"n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1,
           "moe_intermediate_size": 6}
latent = {"q_lora_rank": None, "kv_lora_rank": 4, "qk_nope_head_dim": 2,
          "qk_rope_head_dim": 2, "v_head_dim": 3, "first_k_dense_replace": 1,
          "quantization_config": {"quant_method": "fp8"}, "topk_method": "noaux_tc",
          "lucciola": {"training": {"tokens": 1e9, "tokens_source": "paper"}}}
for name, more in {"mistral": {"torch_dtype": "float16", "head_dim": 4},
                   "gemma3_text": {"layer_types": 2 * ["sliding_attention",
                                                       "full_attention"]},
                   "gla_swa": {"gate_low_rank_dim": 2}, "deepseek_v3": experts | latent,
                   "spikingbrain_moe": experts | {"full_attention_layers": [1],
                                                  "dense_layers": [0]}}.items():
    write("fuzz_hf_config", name + ".json",
          json.dumps({"model_type": name} | sizes | more).encode())
