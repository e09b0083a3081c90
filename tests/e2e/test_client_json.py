"""The client as a pipe of the protocol: commands in, events, receipts and errors out."""

import json
import os
import tempfile
import unittest

from rtclient import Client
from rtserver import ServerTest


class Json(ServerTest):
    def run_json(self, user, *lines, options=()):
        with tempfile.TemporaryDirectory(prefix="rtchat-home-") as home:
            client = Client(os.path.join(home, user), user, self.server)
            text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n"
                           for line in lines)
            status, out, errors = client.run(text, "--json", *options)
        return status, [json.loads(line) for line in out], errors

    def of_type(self, events, kind):
        return [event for event in events if event["type"] == kind]

    def test_an_id_that_is_left_out_is_made_and_receipted(self):
        status, events, errors = self.run_json(
            "ann", {"type": "say", "room": "#lobby", "text": "hi"})
        self.assertEqual((status, errors), (0, ["connected ws"]))
        self.assertEqual(events[0]["type"], "hello")
        message, = self.of_type(events, "message")
        receipt, = self.of_type(events, "receipt")
        self.assertEqual((message["text"], message["from"]), ("hi", "ann"))
        self.assertEqual((receipt["id"], receipt["seq"]), (message["id"], message["seq"]))

    def test_an_id_that_is_given_stays_and_a_repeat_has_one_effect(self):
        say = {"type": "say", "id": "mine", "room": "#lobby", "text": "once"}
        status, events, _ = self.run_json("bob", say, {"type": "topic", "id": "t",
                                                       "room": "#lobby", "text": ""})
        self.assertEqual(status, 0)
        self.assertEqual([event["id"] for event in self.of_type(events, "receipt")], ["mine", "t"])

    def test_commands_of_all_kinds_go_up(self):
        status, events, _ = self.run_json(
            "cy", {"type": "join", "room": "#cy"}, {"type": "topic", "room": "#cy", "text": "T"},
            {"type": "say", "room": "#cy", "text": "two\nlines", "action": True},
            {"type": "say", "room": "@cy", "text": "psst"},
            {"type": "ping", "nonce": "n-1"}, {"type": "part", "room": "#cy"})
        self.assertEqual(status, 0)
        self.assertEqual(len(self.of_type(events, "receipt")), 5)
        self.assertIn("n-1", [event.get("nonce") for event in self.of_type(events, "pong")])
        self.assertEqual([(event["room"], event["text"]) for event in self.of_type(events, "message")],
                         [("#cy", "two\nlines"), ("@cy", "psst")])

    def test_what_the_server_refuses_comes_as_an_error_and_ends_in_one(self):
        status, events, errors = self.run_json(
            "dee", {"type": "say", "id": "x", "room": "#nowhere", "text": "hi"},
            {"type": "say", "id": "y", "room": "#lobby", "text": "fine"})
        self.assertEqual(status, 1)
        error, = self.of_type(events, "error")
        self.assertEqual(error["id"], "x")
        self.assertIn(error["code"], ("not_member", "not_found"))
        self.assertEqual([event["id"] for event in self.of_type(events, "receipt")], ["y"])

    def test_what_is_no_command_is_said_and_the_rest_is_sent(self):
        bad = {"nope": "not JSON", "[1": "not JSON", "[]": "no JSON object",
               '{"type":"say","id":"a b","room":"#lobby","text":"x"}': "id",
               '{"type":"fly","id":"f"}': "unknown command",
               '{"type":"say","id":"e","room":"#lobby","text":""}': "text",
               '{"type":"say","room":"#lobby"}': "text missing"}
        for line, why in bad.items():
            with self.subTest(line=line):
                status, events, errors = self.run_json(
                    "eli", line, {"type": "say", "id": "ok", "room": "#lobby", "text": "fine"})
                self.assertEqual(status, 1)
                self.assertTrue(any("line 1: " in error and why in error for error in errors),
                                errors)
                self.assertIn("ok", [event["id"] for event in self.of_type(events, "receipt")])

    def test_a_room_of_the_options_is_joined(self):
        status, events, _ = self.run_json(
            "fay", {"type": "ping", "nonce": "n"}, options=["--room=#fay"])
        self.assertEqual(status, 0)
        self.assertEqual([event["room"] for event in self.of_type(events, "join")], ["#fay"])


if __name__ == "__main__":
    unittest.main()
