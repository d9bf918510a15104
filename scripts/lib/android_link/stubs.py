"""Writes link-time stubs of Android's system libraries: names and versions, no code.

stubs.py SYMBOLS.tsv TRIPLE API FOLDER; needs clang and ld.lld, named in CLANG and LLD.
"""

import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

ARCHES = {"aarch64": "arm64", "armv7": "arm", "x86_64": "x86_64"}
FUNCTION = ".globl {0}\n.type {0},%function\n.size {0},4\n{0}: .long 0\n"
VARIABLE = ".data\n.globl {0}\n.type {0},%object\n.size {0},8\n{0}: .zero 8\n.text\n"


def main() -> None:
    table, triple, api, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    folder.mkdir(parents=True, exist_ok=True)
    for library, symbols in read(table, ARCHES[triple.split("-")[0]], api).items():
        write(library, symbols, f"{triple.replace('armv7-', 'armv7a-')}{api}", folder)


def read(table: str, arch: str, api: int) -> dict[str, list[tuple[str, str, str]]]:
    libraries: dict[str, list[tuple[str, str, str]]] = OrderedDict()
    for line in Path(table).read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        library, symbol, node, kind, since, arches = line.split("\t")[:6]
        symbols = libraries.setdefault(library, [])
        if int(since) <= api and (arches == "all" or arch in arches.split(",")):
            symbols.append((symbol, node, kind))
    return libraries


def write(library: str, symbols: list[tuple[str, str, str]], target: str, folder: Path) -> None:
    assembly, versions, made = (folder / f"{library}{end}" for end in (".s", ".ver", ".o"))
    lines = [".text\n"]
    nodes: dict[str, list[str]] = OrderedDict()
    for symbol, node, kind in symbols:
        lines.append((VARIABLE if kind == "var" else FUNCTION).format(symbol))
        nodes.setdefault(node, []).append(symbol)
    assembly.write_text("".join(lines))
    versions.write_text(
        "".join(
            f"{node} {{\n global:\n" + "".join(f"  {symbol};\n" for symbol in names) + "};\n"
            for node, names in sorted(nodes.items())
        )
    )
    clang, lld = os.environ["CLANG"], os.environ["LLD"]
    subprocess.check_call([clang, f"--target={target}", "-c", str(assembly), "-o", str(made)])
    subprocess.check_call(
        [lld, "-shared", "-soname", f"{library}.so", "--hash-style=gnu"]
        + ["-z", "max-page-size=16384", "--version-script", str(versions), str(made)]
        + ["-o", str(folder / f"{library}.so")]
    )
    for file in (assembly, versions, made):
        file.unlink()


main()
