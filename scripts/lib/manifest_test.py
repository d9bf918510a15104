"""What manifest.py makes of manifests, and what it refuses."""

import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

import manifest

HEAD = (
    f'<manifest xmlns:android="{manifest.ANDROID}" xmlns:tools="{manifest.TOOLS}"'
)


class ManifestTest(unittest.TestCase):
    def read(self, body: str) -> ET.Element:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "AndroidManifest.xml"
            path.write_text(f"{HEAD}>{body}</manifest>")
            return manifest.read(path)

    def merged(self, app: str, library: str) -> str:
        ours = self.read(app)
        manifest.merge(ours, self.read(library), "library")
        manifest.complete(ours, "dev.app", "24", "34", "0.1.0", 100)
        return ET.tostring(ours, encoding="unicode")

    def test_what_a_library_brings_comes_into_the_app_once(self) -> None:
        text = self.merged(
            '<uses-permission android:name="p.A"/><application android:label="App"/>',
            '<uses-permission android:name="p.A"/><uses-permission android:name="p.B"/>'
            '<queries><intent><action android:name="a.X"/></intent></queries>'
            '<application><service android:name="dev.till.Job"/></application>',
        )
        self.assertEqual(1, text.count('"p.A"'))
        self.assertEqual(1, text.count('"p.B"'))
        self.assertIn('android:label="App"', text)
        self.assertIn('<service android:name="dev.till.Job" />', text)
        self.assertIn('"a.X"', text)

    def test_queries_are_put_together(self) -> None:
        one = '<queries><package android:name="a"/></queries>'
        both = '<queries><package android:name="a"/><package android:name="b"/></queries>'
        text = self.merged(one, both)
        self.assertEqual(1, text.count("<queries"))
        self.assertEqual(1, text.count('<package android:name="a"'))
        self.assertEqual(1, text.count('<package android:name="b"'))

    def test_what_the_app_says_wins_and_may_remove(self) -> None:
        text = self.merged(
            '<application><service android:name="dev.a.Job" android:exported="true"/>'
            '<receiver android:name="dev.a.Boot" tools:node="remove"/></application>',
            '<application><service android:name="dev.a.Job" android:exported="false"/>'
            '<receiver android:name="dev.a.Boot"/></application>',
        )
        self.assertEqual(1, text.count("dev.a.Job"))
        self.assertIn('android:exported="true"', text)
        self.assertNotIn("dev.a.Boot", text)
        self.assertNotIn("tools", text)

    def test_the_build_puts_package_and_versions_in(self) -> None:
        library = '<application><provider android:name="a.P" android:authorities="${applicationId}.p"/></application>'
        text = self.merged("", library)
        self.assertIn('android:authorities="dev.app.p"', text)
        for part in ('package="dev.app"', 'minSdkVersion="24"', 'targetSdkVersion="34"',
                     'versionName="0.1.0"', 'versionCode="100"'):
            self.assertIn(part, text)

    def test_what_is_the_builds_or_only_a_package_would_complete_is_refused(self) -> None:
        for body in ('<uses-sdk android:minSdkVersion="21"/>',
                     '<application><activity android:name=".Pay"/></application>',
                     '<application><activity android:name="Pay"/></application>'):
            with self.assertRaises(manifest.Wrong, msg=body):
                self.read(body)

    def test_a_library_that_decides_for_its_host_is_refused(self) -> None:
        with self.assertRaisesRegex(manifest.Wrong, "allowBackup"):
            self.merged("", '<application android:allowBackup="false"/>')
        with self.assertRaisesRegex(manifest.Wrong, "instrumentation"):
            self.merged("", "<instrumentation/>")


if __name__ == "__main__":
    unittest.main()
