"""Rewrite PyTorch's old format of weights (a .pth that is no archive) as safetensors. No code of the file runs: of all that a pickle may name,
tensors and ordered dictionaries alone are made. Needs Python's own library.

    python3 unpickle.py FILE.pth OUT.safetensors
"""

import array
import collections
import io
import json
import pickle
import struct
import sys

# A storage as safetensors names it, as Python does, and its bytes a number.
KINDS = {"FloatStorage": ("F32", "f", 4), "LongStorage": ("I64", "q", 8)}


class Reader(pickle.Unpickler):
    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, stride, *_: (storage, offset, shape, stride)
        if module == "torch" and name in KINDS:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not a part of weights")

    def persistent_load(self, saved):
        _, kind, key, _, count, _ = saved
        self.storages[key] = kind, count
        return key


def read(data):
    file = io.BytesIO(data)
    magic, protocol = pickle.load(file), pickle.load(file)
    if magic != 0x1950A86A20F9469CFC6C or protocol != 1001:
        sys.exit("not weights in PyTorch's old format")
    pickle.load(file)  # About the machine that wrote it.
    reader = Reader(file)
    tensors = reader.load()
    raw = {}
    for key in pickle.load(file):
        kind, count = reader.storages[key]
        (stored,) = struct.unpack("<q", file.read(8))
        if stored != count:
            sys.exit(f"storage {key} has {stored} numbers, not {count}")
        raw[key] = kind, file.read(count * KINDS[kind][2])
    return tensors, raw


def row_by_row(values, offset, shape, stride):
    """The numbers of a tensor in the order of its indices, from a storage of any order."""
    if not shape:
        return values[offset : offset + 1]
    side, step = shape[0], stride[0]
    if len(shape) == 1:
        own = values[offset : offset + (side - 1) * step + 1 : step] if side else values[:0]
        if len(own) != side:
            sys.exit("a tensor is cut off")
        return own
    out = array.array(values.typecode)
    for at in range(side):
        out.extend(row_by_row(values, offset + at * step, shape[1:], stride[1:]))
    return out


def write(tensors, raw, out):
    header, parts, at = {}, [], 0
    for name, (storage, offset, shape, stride) in tensors.items():
        kind, data = raw[storage]
        dtype, code, _ = KINDS[kind]
        own = row_by_row(array.array(code, data), offset, shape, stride).tobytes()
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + len(own)]}
        parts.append(own)
        at += len(own)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(out, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        file.writelines(parts)


if __name__ == "__main__":
    weights, target = sys.argv[1:]
    with open(weights, "rb") as given:
        write(*read(given.read()), target)
