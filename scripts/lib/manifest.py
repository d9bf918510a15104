"""Completes a module's Android manifest, and merges the manifests of its libraries into it.

manifest.py OUT PACKAGE MIN_SDK TARGET_SDK VERSION_NAME VERSION_CODE MANIFEST [LIBRARY_MANIFEST...]

A manifest in the tree names neither package nor versions: they are the build's. What an app says of
an element wins over what a library says, whole; tools:node="remove" leaves a library's element out.
VERSION_CODE 0 is a library: it has no version of its own in its manifest.
"""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ANDROID = "http://schemas.android.com/apk/res/android"
TOOLS = "http://schemas.android.com/tools"
NAME = f"{{{ANDROID}}}name"
NODE = f"{{{TOOLS}}}node"

# What a library's manifest may bring, beside what is in its <application>.
MERGED = {"uses-permission", "uses-permission-sdk-23", "permission", "uses-feature"}
COMPONENTS = {"activity", "activity-alias", "service", "receiver", "provider"}


class Wrong(Exception):
    """Says what is wrong with a manifest."""


def main() -> None:
    out, package, minimum, target, version, code, own, *libraries = sys.argv[1:]
    try:
        manifest = read(Path(own))
        for library in libraries:
            merge(manifest, read(Path(library)), library)
        complete(manifest, package, minimum, target, version, int(code))
    except (Wrong, ET.ParseError) as error:
        sys.exit(f"manifest: {own}: {error}")
    text = ET.tostring(manifest, encoding="unicode")
    Path(out).write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n')


def read(path: Path) -> ET.Element:
    """Reads a manifest of the tree, which names neither package nor versions."""
    ET.register_namespace("android", ANDROID)
    ET.register_namespace("tools", TOOLS)
    manifest = ET.fromstring(path.read_text())
    if manifest.tag != "manifest":
        raise Wrong(f"<{manifest.tag}> is no manifest")
    named = [name for name in ("package", "versionName", "versionCode") if has(manifest, name)]
    if named or manifest.find("uses-sdk") is not None:
        raise Wrong("package, versions and uses-sdk are the build's: leave them out")
    short = [name for element in manifest.iter() if (name := relative_name(element))]
    if short:
        raise Wrong(f"write the class names in full: {', '.join(short)}")
    return manifest


def has(element: ET.Element, name: str) -> bool:
    return name in element.attrib or f"{{{ANDROID}}}{name}" in element.attrib


def relative_name(element: ET.Element) -> str | None:
    """Gives a class name that only a package would complete."""
    for attribute in ("name", "targetActivity"):
        name = element.get(f"{{{ANDROID}}}{attribute}", "")
        if element.tag in COMPONENTS | {"application"} and name and "." not in name.lstrip("."):
            return name
        if name.startswith("."):
            return name
    return None


def merge(manifest: ET.Element, library: ET.Element, where: str) -> None:
    """Puts what a library brings into an app's manifest."""
    for element in library:
        if element.tag == "application":
            merge_application(manifest, element, where)
        elif element.tag == "queries":
            add_queries(manifest, element)
        elif element.tag in MERGED:
            add(manifest, element)
        else:
            raise Wrong(f"{where}: <{element.tag}> of a library is not known here")


def merge_application(manifest: ET.Element, theirs: ET.Element, where: str) -> None:
    if theirs.attrib:
        names = ", ".join(sorted(name.split("}")[-1] for name in theirs.attrib))
        raise Wrong(f"{where}: a library decides nothing for its host: {names}")
    ours = manifest.find("application")
    if ours is None:
        ours = ET.SubElement(manifest, "application")
    for element in theirs:
        add(ours, element)


def add(parent: ET.Element, element: ET.Element) -> None:
    """Adds an element unless the app has one of this name, or wants none."""
    same = [own for own in parent.findall(element.tag) if own.get(NAME) == element.get(NAME)]
    if not same:
        parent.append(element)


def add_queries(manifest: ET.Element, theirs: ET.Element) -> None:
    ours = manifest.find("queries")
    if ours is None:
        manifest.append(theirs)
        return
    known = {ET.canonicalize(ET.tostring(element), strip_text=True) for element in ours}
    for element in theirs:
        if ET.canonicalize(ET.tostring(element), strip_text=True) not in known:
            ours.append(element)


def complete(
    manifest: ET.Element, package: str, minimum: str, target: str, version: str, code: int
) -> None:
    """Puts in what the build knows, and takes out what was for the merging."""
    for parent in list(manifest.iter()):
        for element in [child for child in parent if child.get(NODE) == "remove"]:
            parent.remove(element)
    for element in manifest.iter():
        for name in [name for name in element.attrib if name.startswith(f"{{{TOOLS}}}")]:
            del element.attrib[name]
        for name, value in element.attrib.items():
            element.set(name, value.replace("${applicationId}", package))
    manifest.set("package", package)
    sdk = ET.Element("uses-sdk")
    sdk.set(f"{{{ANDROID}}}minSdkVersion", minimum)
    sdk.set(f"{{{ANDROID}}}targetSdkVersion", target)
    manifest.insert(0, sdk)
    if code:
        manifest.set(f"{{{ANDROID}}}versionName", version)
        manifest.set(f"{{{ANDROID}}}versionCode", str(code))
    ET.indent(manifest)


if __name__ == "__main__":
    main()
