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
    "models": "Receipts of the Till payment terminal, for apps that call it",
    "terminal": "The Till payment terminal as an Android library",
}


def main() -> None:
    android, out, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    repository = out / "maven"
    shutil.rmtree(repository, ignore_errors=True)
    libraries = coordinates(android / "jars.tsv")
    wanted = {
        "models": ["gson", "kotlin-stdlib"],
        "terminal": ["kotlinx-coroutines-core-jvm", "kotlin-stdlib"],
    }
    for artifact, kind in (("models", "jar"), ("terminal", "aar")):
        folder = repository / GROUP.replace(".", "/") / artifact / version
        folder.mkdir(parents=True)
        stem = folder / f"{artifact}-{version}"
        shutil.copyfile(out / f"{artifact}.{kind}", f"{stem}.{kind}")
        needed = [libraries[name] for name in wanted[artifact]]
        Path(f"{stem}.pom").write_text(pom(artifact, kind, version, needed))
        pack = [sys.executable, str(Path(__file__).parent / "zip.py")]
        sources = str(android / artifact / "src/main/kotlin")
        subprocess.run([*pack, sources, f"{stem}-sources.jar"], check=True)
        for file in sorted(folder.iterdir()):
            for sum_of in ("md5", "sha1", "sha256", "sha512"):
                digest = hashlib.new(sum_of, file.read_bytes()).hexdigest()
                Path(f"{file}.{sum_of}").write_text(digest)


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
