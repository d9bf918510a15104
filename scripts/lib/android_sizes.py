"""Tells how large what ships is: name, bytes and the most bytes allowed, if any, in columns.

android_sizes.py LIBRARY_FOLDER AAR
"""

import sys
import zipfile
from pathlib import Path

MB = 1_000_000
BOUNDS = {"arm64-v8a": "4000000", "armeabi-v7a": "3200000", "x86_64": ""}
AAR_BOUND = "4500000"
# For developers' emulators: no device gets it.
NOT_COUNTED = "jni/x86_64/"


def main() -> None:
    folder, aar = Path(sys.argv[1] or "none"), Path(sys.argv[2])
    sizes = []
    for abi, bound in BOUNDS.items():
        library = folder / abi / "libtill.so"
        if not library.is_file():
            if not bound:
                continue
            sys.exit(f"no libtill.so for {abi}; scripts/build-android-lib makes it")
        sizes.append((f"libtill.so {abi}, stripped", library.stat().st_size, bound))
    with zipfile.ZipFile(aar) as archive:
        entries = archive.infolist()
    if not any(entry.filename.startswith("jni/arm64-v8a/") for entry in entries):
        sys.exit(f"{aar} holds no library; scripts/android --only terminal puts it in")
    beside = sum(entry.compress_size for entry in entries if entry.filename.startswith(NOT_COUNTED))
    sizes.append(("AAR without x86_64", aar.stat().st_size - beside, AAR_BOUND))
    for size in sizes:
        print(*size, sep="\t")


main()
