"""What can be known of the Gradle build without Gradle: it names only what there is, and no number."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (ROOT / "settings.gradle").read_text()
MODULES = re.findall(r"'([a-z-]+)'", SETTINGS[SETTINGS.index("['models'") : SETTINGS.index(".each")])
FILES = [ROOT / "build.gradle"] + [ROOT / "android" / name / "build.gradle" for name in MODULES]
PROPERTIES = dict(
    line.split("=", 1)
    for line in (ROOT / "gradle.properties").read_text().splitlines()
    if "=" in line and not line.startswith("#")
)
ROWS = [
    line.split("\t")
    for line in (ROOT / "android/jars.tsv").read_text().splitlines()
    if not line.startswith("#")
]
SCRIPTS = (ROOT / "scripts/lib/android.bash").read_text()
SCRIPTS += (ROOT / "scripts/lib/android_modules.bash").read_text()


class GradleTest(unittest.TestCase):
    def test_every_module_is_there_and_every_folder_of_android_is_known(self) -> None:
        self.assertEqual(5, len(MODULES))
        for file in FILES:
            self.assertTrue(file.is_file(), file)
        beside = {"bench", "consumer", "testing"}
        folders = {path.name for path in (ROOT / "android").iterdir() if path.is_dir()}
        self.assertEqual(folders - beside, set(MODULES))

    def test_every_source_folder_and_file_named_is_there(self) -> None:
        found = 0
        for file in FILES:
            for path in re.findall(r"'((?:\.\./|src/)[\w./-]+)'", file.read_text()):
                self.assertTrue((file.parent / path).exists(), f"{file}: {path}")
                found += 1
            for path in re.findall(r"'((?:scripts|android)/[\w./-]+)'", file.read_text()):
                self.assertTrue((ROOT / path).exists(), f"{file}: {path}")
                found += 1
        self.assertGreater(found, 5)

    def test_every_jar_is_in_the_list_once(self) -> None:
        found = 0
        for file in FILES:
            for group, name in re.findall(r"coordinate\('(\w+)', '([\w.:-]+)'\)", file.read_text()):
                rows = [
                    row for row in ROWS
                    if group in row[0].split(",") and row[1].startswith(f"{name}:")
                ]
                self.assertEqual(1, len(rows), f"{file}: {group} {name}")
                found += 1
        self.assertGreater(found, 5)

    def test_no_version_stands_in_a_build_file(self) -> None:
        levels = {"1.8": "-jvm-target 1.8", "2.1": "-language-version 2.1 -api-version 2.1"}
        for file in FILES:
            for number in re.findall(r"\d+\.\d+(?:\.\d+)*", file.read_text()):
                self.assertIn(number, levels, f"{file}: {number} has its place elsewhere")
        for option in levels.values():
            self.assertIn(option, SCRIPTS)

    def test_interfaces_are_compiled_alike(self) -> None:
        self.assertIn("JvmDefaultMode.NO_COMPATIBILITY", FILES[0].read_text())
        self.assertIn("-jvm-default=no-compatibility", SCRIPTS)

    def test_rules_for_apps_are_brought_by_both_builds(self) -> None:
        for name in ("terminal", "alipayplus"):
            self.assertTrue((ROOT / "android" / name / "consumer-rules.pro").is_file())
            text = (ROOT / "android" / name / "build.gradle").read_text()
            self.assertIn("defaultConfig.consumerProguardFiles 'consumer-rules.pro'", text)

    def test_nothing_is_read_of_the_android_block_that_only_the_old_dsl_had(self) -> None:
        for file in FILES:
            self.assertNotIn("android.bootClasspath", file.read_text(), file)

    def test_every_number_is_in_the_properties(self) -> None:
        for file in FILES:
            text = file.read_text()
            names = re.findall(r"gradleProperty\('till\.(\w+)'\)", text)
            names += re.findall(r"number\('(\w+)'\)", text)
            for name in names:
                self.assertIn(f"till.{name}", PROPERTIES, file)

    def test_packages_are_those_of_the_scripts(self) -> None:
        for name in MODULES:
            text = (ROOT / "android" / name / "build.gradle").read_text()
            for package in re.findall(r"(?:namespace|applicationId) = '([\w.]+)'", text):
                self.assertIn(f"{name}) echo {package} ;;", SCRIPTS)


if __name__ == "__main__":
    unittest.main()
