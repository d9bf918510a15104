"""Packs an APK so that it can be mapped as it lies, and tells whether one is packed so.

apk_pack.py pack FOLDER APK    the same bytes on every run
apk_pack.py check APK          fails unless everything stored lies where Android can map it

Libraries are stored and lie at multiples of 16 KB, which newer devices have for pages; the resource
table and what else is stored lies at multiples of 4. The alignment is written down in an extra field
that apksigner reads: without it, it would move libraries to multiples of 4 KB when it signs.
"""

import struct
import sys
import zipfile
import zlib
from pathlib import Path

PAGE = 16384
WORD = 4
# APK's own extra field: the alignment, then zeros up to it.
ALIGNMENT_FIELD = 0xD935
LOCAL_HEADER = 30
# 1980-01-01, the first date that a zip archive can hold.
FIRST_DATE = 0x21
# Android maps these, so they are not compressed.
STORED = (".so", "resources.arsc", ".png")


def main() -> None:
    match sys.argv[1:]:
        case ["pack", folder, apk]:
            Path(apk).write_bytes(pack(Path(folder)))
        case ["check", apk]:
            wrong = list(check(Path(apk)))
            if wrong:
                sys.exit("\n".join(f"{apk}: {line}" for line in wrong))
        case _:
            sys.exit(__doc__)


def alignment(name: str) -> int:
    return PAGE if name.endswith(".so") else WORD


def pack(folder: Path) -> bytes:
    out, directory = bytearray(), bytearray()
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = sorted((path.relative_to(folder).as_posix(), path) for path in paths)
    for name, path in files:
        data, encoded = path.read_bytes(), name.encode()
        method, body, extra = 8, deflate(data), b""
        if name.endswith(STORED):
            method, body = 0, data
            step = alignment(name)
            padding = -(len(out) + LOCAL_HEADER + len(encoded) + 6) % step
            extra = struct.pack("<HHH", ALIGNMENT_FIELD, 2 + padding, step) + bytes(padding)
        utf8 = 0x800 if not name.isascii() else 0
        common = struct.pack(
            "<HHHHHIII", 20, utf8, method, 0, FIRST_DATE, zlib.crc32(data), len(body), len(data)
        )
        directory += b"PK\1\2" + struct.pack("<H", 20) + common
        directory += struct.pack("<HHHHHII", len(encoded), 0, 0, 0, 0, 0, len(out)) + encoded
        out += b"PK\3\4" + common + struct.pack("<HH", len(encoded), len(extra)) + encoded
        out += extra + body
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(out), 0)
    return bytes(out + directory + b"PK\5\6" + end)


def deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def check(apk: Path) -> list[str]:
    """Tells what does not lie where it has to."""
    wrong = []
    raw = apk.read_bytes()
    with zipfile.ZipFile(apk) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        for entry in entries:
            name = entry.filename
            if entry.compress_type != zipfile.ZIP_STORED:
                if name.endswith((".so", "resources.arsc")):
                    wrong.append(f"{name} is compressed")
                continue
            lengths = struct.unpack_from("<HH", raw, entry.header_offset + 26)
            offset = entry.header_offset + LOCAL_HEADER + sum(lengths)
            if offset % alignment(name):
                wrong.append(f"{name} lies at {offset}, not at a multiple of {alignment(name)}")
        if archive.testzip() is not None:
            wrong.append(f"{archive.testzip()} is damaged")
        for name in ("AndroidManifest.xml", "classes.dex", "resources.arsc"):
            if name not in names:
                wrong.append(f"there is no {name}")
    return wrong


if __name__ == "__main__":
    main()
