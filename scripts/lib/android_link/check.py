"""Checks an Android library without a device.

check.py LIBRARY SYMBOLS.tsv API: what it needs and exports, its alignment and its segments. Needs
llvm-readelf, named in READELF. Symbols are looked up in the table for verification builds only: an
NDK's linker has done so itself (pass - for the table).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ARCHES = {"AArch64": "arm64", "Advanced Micro Devices X86-64": "x86_64", "ARM": "arm"}
LIBRARIES = {"libc.so", "libdl.so", "liblog.so", "libm.so"}
PAGE = 16384
NATIVES = {"cancel", "contract", "setBridge", "start"}
OURS = re.compile(r"(JNI_OnLoad$|Java_dev_till_internal_Native_|uniffi_|ffi_|UNIFFI_META)")


def main() -> None:
    library, table, api = sys.argv[1], sys.argv[2], int(sys.argv[3])
    arch = ARCHES[re.search(r"Machine:\s+(.*)", readelf(library, "-h"))[1]]
    wrong = [*dynamic(library), *segments(library), *symbols(library, table, api, arch)]
    for line in wrong:
        print(f"{library}: {line}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


def readelf(library: str, *options: str) -> str:
    command = [os.environ["READELF"], *options, library]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def dynamic(library: str) -> list[str]:
    section = readelf(library, "-dW")
    needed = set(re.findall(r"NEEDED\).*\[(.*)\]", section))
    names = re.findall(r"SONAME\).*\[(.*)\]", section)
    wrong = [f"needs {name}" for name in sorted(needed - LIBRARIES)]
    wrong += [f"has {tag}" for tag in ("TEXTREL", "RPATH", "RUNPATH") if f"({tag})" in section]
    return wrong + ([] if names == ["libtill.so"] else [f"is called {names}"])


def segments(library: str) -> list[str]:
    wrong = []
    for line in readelf(library, "-lW").splitlines():
        fields = line.split()
        if not fields or fields[0] not in ("LOAD", "TLS"):
            continue
        if fields[0] == "TLS":
            wrong.append("has thread-local storage, which needs API 29")
            continue
        align = int(fields[-1], 16)
        offset, address = int(fields[1], 16), int(fields[2], 16)
        if align < PAGE or offset % align != address % align:
            wrong.append(f"is not aligned to 16 KB: {line.strip()}")
        flags = "".join(fields[6:-1])
        if "W" in flags and "E" in flags:
            wrong.append("has code that can be written")
    return wrong


def symbols(library: str, table: str, api: int, arch: str) -> list[str]:
    known = {} if table == "-" else read(table, arch)
    wrong, exports = [], set()
    for line in readelf(library, "--dyn-syms", "-W").splitlines():
        fields = line.split()
        if len(fields) < 8 or not fields[0][:-1].isdigit():
            continue
        name = fields[7].split("@")[0]
        if fields[6] != "UND":
            exports.add(name)
        elif known and fields[4] != "WEAK" and known.get(name, api + 1) > api:
            wrong.append(f"uses {name}, which Android's API {api} does not have")
    natives = {f"Java_dev_till_internal_Native_{name}" for name in NATIVES} | {"JNI_OnLoad"}
    wrong += [f"does not export {name}" for name in sorted(natives - exports)]
    return wrong + [f"exports {name}" for name in sorted(exports) if not OURS.match(name)]


def read(table: str, arch: str) -> dict[str, int]:
    known: dict[str, int] = {}
    for line in Path(table).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            _, symbol, _, _, since, arches = line.split("\t")[:6]
            if arches == "all" or arch in arches.split(","):
                known[symbol] = min(known.get(symbol, 1 << 30), int(since))
    return known


main()
