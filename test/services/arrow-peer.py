"""The foreign side of pyarrow.test.ts: writes one table in many forms, and reads files into JSON rows."""
import datetime as dt
import decimal
import json
import math
import sys

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

UTC = dt.timezone.utc


def plain(value):
    if isinstance(value, dt.datetime):
        at = value if value.tzinfo is None else value.astimezone(UTC)
        fraction = f".{at.microsecond:06d}" if at.microsecond % 1000 else f".{at.microsecond // 1000:03d}"
        fraction = fraction if at.microsecond else ""
        return at.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + fraction + "Z"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(milliseconds=1)
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, int) and abs(value) > 2**53 and not isinstance(value, bool):
        return str(value)
    return value


def table():
    n = 200
    some = lambda make: [None if i % 7 == 3 else make(i) for i in range(n)]
    at = lambda i: dt.datetime(1969, 12, 31, 23, 59, 59, 999_999) + dt.timedelta(hours=i, microseconds=i)
    return pa.table(
        {
            "flag": pa.array(some(lambda i: i % 2 == 0), pa.bool_()),
            "i8": pa.array(some(lambda i: i - 100), pa.int8()),
            "u16": pa.array(some(lambda i: i * 300), pa.uint16()),
            "u32": pa.array(some(lambda i: 4_294_967_295 - i), pa.uint32()),
            "i64": pa.array(some(lambda i: 2**53 - 1 - i), pa.int64()),
            "wide": pa.array(some(lambda i: -(2**63) + i), pa.int64()),
            "f32": pa.array(some(lambda i: i / 4), pa.float32()),
            "f64": pa.array(some(lambda i: [1e300, -0.5, math.inf, math.nan][i % 4]), pa.float64()),
            "text": pa.array(some(lambda i: ["", "é", "😀 \"x\",\n", "plain"][i % 4]), pa.string()),
            "large": pa.array(some(lambda i: f"text {i}"), pa.large_string()),
            "coded": pa.array(some(lambda i: f"k{i % 3}"), pa.string()).dictionary_encode(),
            "bytes": pa.array(some(lambda i: bytes([i, 0, 255])), pa.binary()),
            "s": pa.array(some(lambda i: at(i).replace(microsecond=0)), pa.timestamp("s")),
            "us": pa.array(some(at), pa.timestamp("us", "Europe/Oslo")),
            "ns": pa.array(some(at), pa.timestamp("ns")),
            "day": pa.array(some(lambda i: dt.date(1969, 12, 30) + dt.timedelta(days=i)), pa.date32()),
            "money": pa.array(some(lambda i: decimal.Decimal(i - 99) / 100), pa.decimal128(18, 2)),
            "list": pa.array(some(lambda i: [None, i, -i][: i % 4]), pa.list_(pa.int32())),
            "struct": pa.array(some(lambda i: {"a": i, "b": None if i % 2 else f"b{i}"}), pa.struct([("a", pa.int32()), ("b", pa.string())])),
            "deep": pa.array(some(lambda i: [{"x": [f"{i}"]}, None]), pa.list_(pa.struct([("x", pa.list_(pa.string()))]))),
            "map": pa.array(some(lambda i: [("k", i), ("l", None)]), pa.map_(pa.string(), pa.int32())),
        }
    )


def write(folder):
    made = table()
    forms = {
        "snappy": {"compression": "snappy"},
        "zstd": {"compression": "zstd", "row_group_size": 64},
        "gzip": {"compression": "gzip", "data_page_version": "2.0"},
        "none": {"compression": "none", "use_dictionary": False, "data_page_size": 256},
        "lz4": {"compression": "lz4", "data_page_version": "2.0", "use_dictionary": False},
    }
    for name, options in forms.items():
        pq.write_table(made, f"{folder}/{name}.parquet", **options)
    packed = {"plain": None, "lz4": "lz4", "zstd": "zstd"}
    for name, codec in packed.items():
        options = pa.ipc.IpcWriteOptions(compression=codec)
        for kind, opened in (("file", pa.ipc.new_file), ("stream", pa.ipc.new_stream)):
            with opened(f"{folder}/{name}-{kind}.arrow", made.schema, options=options) as writer:
                writer.write_table(made, max_chunksize=64)
    pa.feather.write_feather(made, f"{folder}/feather.arrow", compression="lz4")
    views = pa.table({
        "vec": pa.array([[1.5, 2.5], None, [0.0, -1.0]], pa.list_(pa.float32(), 2)),
        "fixed": pa.array([b"ab", None, b"cd"], pa.binary(2)),
        "view": pa.array(["a text that is longer than twelve", None, "x"], pa.string_view()),
        "ms": pa.array([1, None, -1], pa.duration("ms")),
        "time": pa.array([dt.time(1, 2, 3), None, dt.time(0)], pa.time64("us")),
        "half": pa.array([1.5, None, -2.0], pa.float32()).cast(pa.float16()),
        "nothing": pa.nulls(3),
        "llist": pa.array([["a"], None, []], pa.large_list(pa.string())),
    })
    pa.feather.write_feather(views, f"{folder}/views.arrow", compression="uncompressed")
    keys = pa.table({"id": [1, 2, 3], "year": [2024, 2023, 2024], "city": ["São/Paulo", None, "a=b"]})
    pq.write_to_dataset(keys, f"{folder}/partitioned", partition_cols=["year", "city"])
    print(json.dumps([plain(row) for row in made.to_pylist()]))


def read(path):
    found = pq.read_table(path) if path.endswith((".parquet", "/")) else None
    if found is None:
        try:
            found = pa.ipc.open_file(path).read_all()
        except pa.ArrowInvalid:
            found = pa.ipc.open_stream(path).read_all()
    found.validate(full=True)
    print(json.dumps({"types": {f.name: str(f.type) for f in found.schema}, "rows": [plain(row) for row in found.to_pylist()]}))


{"write": write, "read": read}[sys.argv[1]](sys.argv[2])
