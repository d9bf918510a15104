"""Lays out a Maven repository folder of what scripts/android built, the same on every run.

maven_repository.py ANDROID_FOLDER OUT_FOLDER VERSION
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

GROUP = "dev.till"
LICENSE = "Apache-2.0"
DESCRIPTIONS = {
    "alipayplus": "Takes customers of the Till payment terminal to the wallets' SDK",
    "models": "Receipts of the Till payment terminal, for apps that call it",
    "terminal": "The Till payment terminal as an Android library",
}


def main() -> None:
    android, out, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    repository = out / "maven"
    shutil.rmtree(repository, ignore_errors=True)
    libraries = coordinates(android / "jars.tsv")
    coroutines = [libraries["kotlinx-coroutines-core-jvm"], libraries["kotlin-stdlib"]]
    wanted = {
        "models": [libraries["gson"], libraries["kotlin-stdlib"]],
        "terminal": coroutines,
        "alipayplus": [(GROUP, "terminal", version), *coroutines],
    }
    for artifact, needed in wanted.items():
        kind = "jar" if artifact == "models" else "aar"
        folder = repository / GROUP.replace(".", "/") / artifact / version
        folder.mkdir(parents=True)
        stem = folder / f"{artifact}-{version}"
        shutil.copyfile(out / f"{artifact}.{kind}", f"{stem}.{kind}")
        Path(f"{stem}.pom").write_text(pom(artifact, kind, version, needed))
        pack(android / artifact / "src/main", Path(f"{stem}-sources.jar"), ".kt", ".java")
        if (out / "docs" / artifact).is_dir():
            pack(out / "docs" / artifact, Path(f"{stem}-javadoc.jar"))
        if artifact == "terminal":
            shutil.copyfile(out / "sbom.json", f"{stem}-cyclonedx.json")
            shutil.copyfile(out / "notices.txt", f"{stem}-notices.txt")
        for file in sorted(folder.iterdir()):
            for sum_of in ("md5", "sha1", "sha256", "sha512"):
                digest = hashlib.new(sum_of, file.read_bytes()).hexdigest()
                Path(f"{file}.{sum_of}").write_text(digest)


def pack(folder: Path, archive: Path, *suffixes: str) -> None:
    script = Path(__file__).parent / "zip.py"
    subprocess.run([sys.executable, script, folder, archive, *suffixes], check=True)


def coordinates(table: Path) -> dict[str, tuple[str, str, str]]:
    """Reads the libraries that a consumer gets too, by their names."""
    found = {}
    for line in table.read_text().splitlines():
        if line.startswith("#"):
            continue
        sets, coordinate, _ = line.split("\t")
        group, artifact, version = coordinate.split(":")[:3]
        if {"library", "models"} & set(sets.split(",")):
            found[artifact] = (group, artifact, version)
    return found


def pom(artifact: str, packaging: str, version: str, needed: list[tuple[str, str, str]]) -> str:
    dependencies = "".join(
        f"    <dependency>\n      <groupId>{group}</groupId>\n"
        f"      <artifactId>{name}</artifactId>\n"
        f"      <version>{number}</version>\n      <scope>compile</scope>\n    </dependency>\n"
        for group, name, number in needed
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>{GROUP}</groupId>
  <artifactId>{artifact}</artifactId>
  <version>{version}</version>
  <packaging>{packaging}</packaging>
  <name>till-{artifact}</name>
  <description>{DESCRIPTIONS[artifact]}</description>
  <licenses>
    <license>
      <name>{LICENSE}</name>
    </license>
  </licenses>
  <dependencies>
{dependencies}  </dependencies>
</project>
"""


main()
