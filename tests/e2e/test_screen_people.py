"""Who is here, on the screen: the marks beside the members, and /who."""

import unittest

from rtscreen import Peers, Screens
from rtserver import OwnServerTest


class People(Screens, Peers, OwnServerTest):
    def setUp(self):
        super().setUp()
        self.server = self.start("--presence-grace=0")

    def test_marks_follow_who_comes_goes_and_is_away(self):
        bob = self.peer("bob", "#desk")
        screen = self.screen("ann", "--room=#desk", columns=120, rows=30)
        screen.wait(r"│ MEMBERS 2 *$")
        screen.wait(r"│ ●[ @]ann \(you\) *$")
        screen.wait(r"│ ●@bob *$")
        bob.send({"type": "away", "text": "at lunch"})
        screen.wait(r"│ ○@bob *$")
        bob.send({"type": "away"})
        screen.wait(r"│ ●@bob *$")
        bob.cut()
        screen.wait(r"│  @bob *$")
        screen.wait(r"│ MEMBERS 2 *$")

    def test_marks_in_ascii(self):
        bob = self.peer("bob", "#desk")
        screen = self.screen("ann", "--room=#desk", "--ascii", columns=120, rows=30, live=False)
        screen.wait(r"\| \*@bob *$")
        bob.send({"type": "away"})
        bob.send({"type": "away", "text": "x"})
        screen.wait(r"\| o@bob *$")

    def test_who_lists_them_with_what_they_say(self):
        bob, carol = self.peer("bob", "#desk"), self.peer("carol", "#desk")
        screen = self.screen("ann", "--room=#desk", columns=120, rows=30)
        bob.send({"type": "away", "text": "at lunch"})
        carol.cut()
        screen.wait(r"│ ○@bob *$")
        screen.wait(r"│   carol *$")
        screen.say("/who")
        screen.wait(r"Who is in #desk: 1 online, 1 away, 1 offline")
        text = screen.text()
        for line in (r"ann +online", r"bob +away +owner +at lunch", r"carol +offline"):
            self.assertRegex(text, line)
        screen.press("Escape")
        screen.wait_gone("Who is in")


if __name__ == "__main__":
    unittest.main()
