"""Packs a folder into a zip archive that is the same byte for byte on every run.

zip.py [--stored] FOLDER ARCHIVE [SUFFIX...]: only files that end with one of the suffixes, if any are
given; --stored: nothing is compressed in it.
"""

import sys
import zipfile
from pathlib import Path

FIRST_DATE = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    arguments = [word for word in sys.argv[1:] if word != "--stored"]
    stored = len(arguments) < len(sys.argv) - 1
    folder, archive, *suffixes = arguments
    root = Path(folder)
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    if suffixes:
        files = [name for name in files if name.endswith(tuple(suffixes))]
    with zipfile.ZipFile(archive, "w") as packed:
        for name in files:
            entry = zipfile.ZipInfo(name, FIRST_DATE)
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, (root / name).read_bytes(), compresslevel=9)


main()
