"""The page of a result: whole markup, nothing from elsewhere, every row in it, hostile text shown as text."""

import html.parser
import json
import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop(1)
VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = "<script>alert(1)</script>"


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts, self.rows = [], [], [], [], []
        self.faults = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        self.texts.append(data)
        if {"td", "th"} & set(self.open) and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def run(what):
    return subprocess.run([PROGRAM, what], check=True, capture_output=True, text=True).stdout


class BenchPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = run("html")
        cls.page = Page(cls.text)
        cls.result = json.loads(run("json"))

    def test_every_tag_is_closed_in_order(self):
        self.assertEqual(self.page.faults, [])
        self.assertEqual(self.page.open, [])

    def test_nothing_comes_from_elsewhere_and_nothing_runs(self):
        self.assertFalse({"script", "link", "img", "iframe", "object", "embed", "base", "a"} & set(self.page.tags))
        for tag, name, value in self.page.attributes:
            self.assertNotIn(name, ("src", "href", "xlink:href", "style"), tag)
            self.assertFalse(name.startswith("on"), f"{tag} {name}")
            self.assertNotIn("://", value)
        style = self.text[self.text.index("<style>") : self.text.index("</style>")]
        for word in ("url(", "@import", "@font-face", "://"):
            self.assertNotIn(word, style)

    def test_hostile_text_is_text(self):
        self.assertIn(HOSTILE, json.dumps(self.result))
        self.assertNotIn("<script", self.text)
        self.assertIn(HOSTILE, "".join(self.page.texts))
        for char in self.text:
            self.assertTrue(char == "\n" or ord(char) >= 0x20, repr(char))

    def test_every_row_has_its_line_under_what_was_varied(self):
        seen, section = set(), ""
        for cells in self.page.rows:
            if len(cells) == 1:
                section = cells[0]
            elif cells[0] == "":
                section = ""
            else:
                seen.add((section.replace("the load of this run", ""), cells[0]))
        for row in self.result["rows"]:
            if HOSTILE in row["transport"]:
                continue  # what is made of it stands in another test
            way = row["transport"] + (" HTTP/2" if row["http"] == "2" else "")
            if "fault" in row["varied"]:
                self.assertIn(("", row["varied"]["fault"]), seen)
                continue
            sections = [name for name, label in seen if label == way]
            wanted = [str(v)[:-2] if str(v).endswith(".0") else str(v) for v in row["varied"].values()]
            self.assertTrue(
                any((not wanted and not name) or (wanted and all(w in name for w in wanted)) for name in sections),
                f"{way} {row['varied']} is not among {sections}")

    def test_pictures_have_axes_with_units(self):
        text = " ".join(self.page.texts)
        for title in ("median delay, ms", "bytes an hour and user", "messages a minute", "delay, ms"):
            self.assertIn(title, text)
        self.assertGreaterEqual(self.page.tags.count("svg"), 10)

    def test_all_statements_stand_there_with_their_verdicts(self):
        verdicts = [cells[-1] for cells in self.page.rows if len(cells) == 3 and cells[0].isdigit()]
        self.assertEqual(verdicts, ["holds"] * 11)

    def test_seed_environment_and_notes_are_there(self):
        text = " ".join(self.page.texts)
        self.assertIn("Seed 7.", text)
        self.assertIn("Example CPU", text)
        self.assertIn("a note", text)


if __name__ == "__main__":
    unittest.main()
