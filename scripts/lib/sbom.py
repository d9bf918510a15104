"""Writes what ships in Android's library: an SBOM (CycloneDX) and the notices that licences ask for.

sbom.py JARS_TABLE VERSION SBOM.json NOTICES.txt

Rust's part are the crates that are linked into libtill.so, SQLite among them; Kotlin's part the jars
that a consumer gets with the library. The same bytes on every run.
"""

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path

TARGET = "aarch64-linux-android"
ROOT_CRATE = "till-ffi"
# All jars that ship have this licence; another one is looked at before it is let in.
JAR_LICENSE = "Apache-2.0"
JAR_GROUPS = {"org.jetbrains.kotlin", "org.jetbrains.kotlinx", "org.jetbrains", "com.google.code.gson"}
LICENSE_FILE = re.compile(r"^(LICEN[CS]E|COPYING|NOTICE|UNLICENSE)", re.IGNORECASE)
NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def main() -> None:
    table, version, sbom, notices = sys.argv[1:]
    crates = linked_crates()
    components = [component for crate in crates for component in of_crate(crate)]
    components += [of_jar(line) for line in shipped_jars(Path(table))]
    components.sort(key=lambda component: component["bom-ref"])
    Path(sbom).write_text(json.dumps(document(version, components), indent=2) + "\n")
    Path(notices).write_text(notices_of(crates))


def linked_crates() -> list[dict]:
    """Gives the packages that are linked into the library, its own not among them."""
    command = ["cargo", "metadata", "--format-version=1", "--locked", "--filter-platform", TARGET]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    own = set(metadata["workspace_members"])
    left = [name for name in own if packages[name]["name"] == ROOT_CRATE]
    seen = set(left)
    while left:
        for dependency in nodes[left.pop()]["deps"]:
            normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            macro = is_macro(packages[dependency["pkg"]])
            if normal and not macro and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                left.append(dependency["pkg"])
    crates = [packages[name] for name in seen - own]
    return sorted(crates, key=lambda crate: (crate["name"], crate["version"]))


def is_macro(package: dict) -> bool:
    """Tells whether a package works for the compiler only: nothing of it is linked."""
    return any("proc-macro" in target["kind"] for target in package["targets"])


def of_crate(crate: dict) -> list[dict]:
    name, version = crate["name"], crate["version"]
    if not crate["license"]:
        sys.exit(f"sbom: {name} {version} names no licence")
    purl = f"pkg:cargo/{name}@{version}"
    made = [component(name, version, purl, {"expression": crate["license"].replace("/", " OR ")})]
    if name == "libsqlite3-sys":
        header = Path(crate["manifest_path"]).parent / "sqlite3/sqlite3.h"
        sqlite = re.search(r'#define SQLITE_VERSION\s+"([\d.]+)"', header.read_text())[1]
        licence = {"license": {"name": "Public domain"}}
        made.append(component("sqlite", sqlite, f"pkg:generic/sqlite@{sqlite}", licence))
    return made


def shipped_jars(table: Path) -> list[str]:
    rows = [line.split("\t") for line in table.read_text().splitlines() if line[:1] != "#"]
    shipped = [row for row in rows if {"library", "models"} & set(row[0].split(","))]
    return [f"{coordinate}\t{digest}" for _, coordinate, digest in shipped]


def of_jar(line: str) -> dict:
    coordinate, digest = line.split("\t")
    group, name, version = coordinate.split(":")[:3]
    if group not in JAR_GROUPS:
        sys.exit(f"sbom: is {coordinate} under {JAR_LICENSE}? Then add its group to sbom.py")
    purl = f"pkg:maven/{group}/{name}@{version}"
    made = component(name, version, purl, {"license": {"id": JAR_LICENSE}})
    return {**made, "group": group, "hashes": [{"alg": "SHA-256", "content": digest}]}


def component(name: str, version: str, purl: str, licence: dict) -> dict:
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "licenses": [licence],
    }


def document(version: str, components: list[dict]) -> dict:
    root = f"pkg:maven/dev.till/terminal@{version}"
    own = {"type": "library", "bom-ref": root, "group": "dev.till", "name": "terminal",
           "version": version, "purl": root, "licenses": [{"license": {"id": "Apache-2.0"}}]}
    number = uuid.uuid5(NAMESPACE, json.dumps([own, components], sort_keys=True))
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{number}",
        "version": 1, "metadata": {"component": own}, "components": components,
        "dependencies": [{"ref": root, "dependsOn": [one["bom-ref"] for one in components]}],
    }


def notices_of(crates: list[dict]) -> str:
    """Gives each text once, under the names of those who ask for it."""
    texts: dict[str, list[str]] = {}
    for crate in crates:
        folder = Path(crate["manifest_path"]).parent
        files = sorted(path for path in folder.iterdir() if LICENSE_FILE.match(path.name))
        name = f"{crate['name']} {crate['version']} ({crate['license']})"
        for path in (path for path in files if path.is_file()):
            text = path.read_text(errors="replace").replace("\r\n", "\n").strip()
            texts.setdefault(text, []).append(name)
        if not files:
            texts.setdefault("(Its archive holds no text of its licence.)", []).append(name)
    line = "-" * 78
    parts = ["Till's Android library contains the works of others. SQLite is in the public domain;\n"
             "Kotlin's libraries and Gson, which come with it as jars, are under Apache-2.0. What is\n"
             "under MPL-2.0 was not changed: its source is the archive of that name and version in\n"
             "Rust's public registry of crates."]
    parts += ["\n".join(sorted(set(names))) + f"\n\n{text}" for text, names in texts.items()]
    return f"\n\n{line}\n\n".join(parts) + "\n"


main()
