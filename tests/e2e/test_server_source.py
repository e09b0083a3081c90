"""What the server's own rules say of its source: who may know libwebsockets, and how."""

import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ADAPTOR = "server/web/adaptor.c"


def sources():
    for where, _, names in os.walk(os.path.join(ROOT, "server")):
        for name in names:
            if name.endswith((".c", ".h")):
                path = os.path.join(where, name)
                with open(path) as file:
                    yield os.path.relpath(path, ROOT), file.read()


class Source(unittest.TestCase):
    def test_only_the_adaptor_knows_callback_reasons(self):
        self.assertEqual({path for path, text in sources() if "LWS_CALLBACK_" in text}, {ADAPTOR})

    def test_each_case_of_the_adaptor_is_one_call(self):
        text = dict(sources())[ADAPTOR]
        cases = [line.strip() for line in text.splitlines() if line.strip().startswith("case ")]
        self.assertGreater(len(cases), 10)
        for case in cases:
            self.assertRegex(case, r"^case LWS_CALLBACK_\w+: return \w+\([\w, ]*\);$")

    def test_one_place_writes(self):
        calls = [path for path, text in sources() for _ in re.findall(r"\blws_write\(", text)]
        self.assertEqual(calls, ["server/web/carrier_lws.c"])

    def test_libraries_stay_in_their_rooms(self):
        for path, text in sources():
            for library, allowed in (("libwebsockets.h", "server/web/"),
                                     ("sqlite3.h", "server/log/")):
                if "#include <%s>" % library in text:
                    self.assertTrue(path.startswith(allowed), (path, library))
            if "#include <libwebsockets.h>" in text:
                self.assertFalse(path.endswith(".h"), path)


if __name__ == "__main__":
    unittest.main()
