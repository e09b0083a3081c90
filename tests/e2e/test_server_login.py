"""Ways into the chat: guests, accounts, tokens, and what is refused."""

import threading
import unittest

from rtserver import OwnServerTest, ServerTest
from wsclient import Closed, Http, WebSocket, ask, login

PASSWORD = "correct horse"
CLAIM = "0123456789abcdef0123456789abcdef"


class Guests(ServerTest):
    def test_a_guest_gets_a_token_and_sits_in_the_lobby(self):
        answer = ask(self.port, "POST", "/v1/login", {"user": "Amy"})
        self.assertEqual(answer.status, 200)
        self.assertEqual((answer.json["user"], answer.json["guest"]), ("amy", True))
        hello = Http(self.port, answer.json["token"]).get("/v1/hello").json
        self.assertEqual([room["room"] for room in hello["rooms"]], ["#lobby"])

    def test_a_living_guests_name_is_taken_until_it_logs_out(self):
        token = login(self.port, "bo")
        self.assertEqual(ask(self.port, "POST", "/v1/login", {"user": "bo"}).status, 409)
        self.assertEqual(Http(self.port, token).post("/v1/logout").status, 200)
        self.assertNotEqual(login(self.port, "bo"), token)

    def test_a_guest_who_claims_itself_gets_in_again_and_nobody_else(self):
        body = {"user": "abe", "claim": CLAIM}
        first = ask(self.port, "POST", "/v1/login", body).json["token"]
        for claim in (None, CLAIM[::-1], CLAIM + "0"):
            with self.subTest(claim=claim):
                answer = ask(self.port, "POST", "/v1/login", dict(body, claim=claim))
                self.assertEqual((answer.status, answer.code), (409, "conflict"))
        stream = WebSocket(self.port, first)
        stream.say("said by the first")
        answer = ask(self.port, "POST", "/v1/login", body)
        self.assertEqual((answer.status, answer.json["user"], answer.json["guest"]),
                         (200, "abe", True))
        second = answer.json["token"]
        self.assertNotEqual(second, first)
        self.assertEqual(stream.read_close(), 1008)
        self.assertEqual(Http(self.port, first).get("/v1/hello").status, 401)
        hello = Http(self.port, second).get("/v1/hello").json
        self.assertEqual([room["room"] for room in hello["rooms"]], ["#lobby"])
        self.assertEqual(Http(self.port, second).post("/v1/logout").status, 200)
        self.assertEqual(ask(self.port, "POST", "/v1/login", {"user": "abe"}).status, 200)
        self.assertEqual(ask(self.port, "POST", "/v1/login", body).status, 409)

    def test_claims_at_once_leave_one_session(self):
        body = {"user": "ava", "claim": CLAIM}
        answers = [ask(self.port, "POST", "/v1/login", body)]

        def claim():
            answers.append(ask(self.port, "POST", "/v1/login", body))

        for _ in range(5):
            threads = [threading.Thread(target=claim) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertLessEqual({answer.status for answer in answers}, {200, 503})
        tokens = [answer.json["token"] for answer in answers if answer.status == 200]
        self.assertGreater(len(tokens), 5)
        good = [token for token in tokens if Http(self.port, token).get("/v1/hello").status == 200]
        self.assertEqual(len(good), 1)

    def test_a_claim_that_may_be_guessed_is_none(self):
        for claim in ("", "x" * 21, "x" * 129, 7):
            with self.subTest(claim=claim):
                answer = ask(self.port, "POST", "/v1/login", {"user": "alf", "claim": claim})
                self.assertEqual((answer.status, answer.code), (422, "invalid"))

    def test_a_claim_is_no_way_into_an_account(self):
        body = {"user": "art", "password": PASSWORD, "claim": CLAIM}
        self.assertEqual(ask(self.port, "POST", "/v1/register", body).status, 200)
        guest = {"user": "art", "claim": CLAIM}
        self.assertEqual(ask(self.port, "POST", "/v1/login", guest).status, 401)

    def test_logout_parts_the_rooms_and_ends_token_and_connections(self):
        token = login(self.port, "cy")
        watcher = WebSocket(self.port, login(self.port, "watcher"))
        first, second = WebSocket(self.port, token), WebSocket(self.port, token)
        self.assertEqual(Http(self.port, token).post("/v1/logout").status, 200)
        for stream in (first, second):
            self.assertEqual(stream.read_until("bye")["reason"], "logged_out")
            self.assertEqual(stream.read_close(), 1008)
        watcher.read_until(lambda e: e["type"] == "part" and e["from"] == "cy")
        self.assertEqual(Http(self.port, token).get("/v1/hello").status, 401)

    def test_a_later_guest_of_that_name_sees_no_direct_message_of_the_former(self):
        di, ed = login(self.port, "di"), login(self.port, "ed")
        stream = WebSocket(self.port, ed)
        self.assertIsNotNone(stream.say("for the first di", room="@di").get("seq"))
        Http(self.port, di).post("/v1/logout")
        di = login(self.port, "di")
        history = Http(self.port, di).get("/v1/history?room=@ed").json
        self.assertEqual(history["events"], [])
        replay = WebSocket(self.port, di, after="0")
        replay.send({"type": "ping", "nonce": "end"})
        seen = []
        while not seen or seen[-1].get("nonce") != "end":
            seen.append(replay.read())
        self.assertNotIn("for the first di", [event.get("text") for event in seen])

    def test_names_are_checked(self):
        for user in ("", "-dash", "two words", "x" * 33, "ünal", 7, None):
            with self.subTest(user=user):
                answer = ask(self.port, "POST", "/v1/login", {"user": user})
                self.assertEqual((answer.status, answer.code), (422, "invalid"))


class Accounts(ServerTest):
    def test_registration_login_and_a_taken_name(self):
        body = {"user": "fay", "password": PASSWORD}
        answer = ask(self.port, "POST", "/v1/register", body)
        self.assertEqual((answer.status, answer.json["guest"]), (200, False))
        self.assertEqual(ask(self.port, "POST", "/v1/register", body).status, 409)
        self.assertEqual(ask(self.port, "POST", "/v1/login", {"user": "fay"}).status, 401)
        bad = {"user": "fay", "password": "wrong horse"}
        self.assertEqual(ask(self.port, "POST", "/v1/login", bad).status, 401)
        self.assertEqual(len({login(self.port, "fay", PASSWORD) for _ in range(3)}), 3)

    def test_a_short_password_and_a_missing_one_are_invalid(self):
        for password in ("short", None, 12345678, "x" * 257):
            with self.subTest(password=password):
                body = {"user": "gus", "password": password}
                self.assertEqual(ask(self.port, "POST", "/v1/register", body).status, 422)

    def test_two_registrations_of_a_name_at_once_have_one_winner(self):
        statuses = []

        def register():
            body = {"user": "twin", "password": PASSWORD}
            statuses.append(ask(self.port, "POST", "/v1/register", body).status)

        threads = [threading.Thread(target=register) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [200, 409, 409, 409])

    def test_failed_logins_are_slowed(self):
        body = {"user": "hal", "password": "no such one"}
        statuses = [ask(self.port, "POST", "/v1/login", body).status for _ in range(10)]
        self.assertEqual(statuses, [401] * 10)
        answer = ask(self.port, "POST", "/v1/login", body)
        self.assertEqual((answer.status, answer.code), (429, "rate_limited"))
        self.assertGreater(int(answer.headers["Retry-After"]), 0)

    def test_an_accounts_logout_keeps_its_name_and_rooms(self):
        body = {"user": "ida", "password": PASSWORD}
        token = ask(self.port, "POST", "/v1/register", body).json["token"]
        Http(self.port, token).post("/v1/logout")
        self.assertEqual(ask(self.port, "POST", "/v1/login", {"user": "ida"}).status, 401)
        token = login(self.port, "ida", PASSWORD)
        rooms = Http(self.port, token).get("/v1/hello").json["rooms"]
        self.assertEqual([room["room"] for room in rooms], ["#lobby"])


class Policies(OwnServerTest):
    def test_no_guests(self):
        port = self.start("--guests=no").port
        answer = ask(port, "POST", "/v1/login", {"user": "ann"})
        self.assertEqual((answer.status, answer.code), (403, "forbidden"))

    def test_registration_closed_and_by_invitation(self):
        body = {"user": "ann", "password": PASSWORD}
        for policy in ("closed", "invite"):
            with self.subTest(policy=policy):
                server = self.start("--registration=" + policy)
                answer = ask(server.port, "POST", "/v1/register", body)
                self.assertEqual((answer.status, answer.code), (403, "forbidden"))
                self.assertEqual(server.stop(), 0)

    def test_tokens_survive_a_kill(self):
        server = self.start()
        token = login(server.port, "ann")
        server.kill()
        server = self.start()
        self.assertEqual(Http(server.port, token).get("/v1/hello").json["user"], "ann")
        self.assertEqual(ask(server.port, "POST", "/v1/login", {"user": "ann"}).status, 409)

    def test_claims_survive_a_kill(self):
        body = {"user": "ann", "claim": CLAIM}
        server = self.start()
        first = ask(server.port, "POST", "/v1/login", body).json["token"]
        server.kill()
        server = self.start()
        second = ask(server.port, "POST", "/v1/login", body).json["token"]
        self.assertEqual(Http(server.port, first).get("/v1/hello").status, 401)
        self.assertEqual(Http(server.port, second).get("/v1/hello").json["user"], "ann")

    def test_secrets_are_not_logged(self):
        server = self.start("--log-level=debug")
        guest = {"user": "gus", "claim": CLAIM}
        for _ in range(2):
            self.assertEqual(ask(server.port, "POST", "/v1/login", guest).status, 200)
        body = {"user": "ann", "password": PASSWORD}
        token = ask(server.port, "POST", "/v1/register", body).json["token"]
        stream = WebSocket(server.port, token)
        stream.say("a secret text")
        stream.close()
        self.assertEqual(server.stop(), 0)
        for secret in (PASSWORD, CLAIM, token, "a secret text"):
            self.assertNotIn(secret, server.errors())

    def test_connections_of_an_address_are_counted(self):
        server = self.start("--connections-per-address=3")
        token = login(server.port, "ann")
        streams = [WebSocket(server.port, token) for _ in range(3)]
        with self.assertRaises((OSError, Closed)):
            WebSocket(server.port, token)
        streams[0].close()
        for _ in range(100):
            try:
                WebSocket(server.port, token)
                break
            except (OSError, Closed):
                continue
        else:
            self.fail("the place of a connection that has gone is not free")

    def test_a_trusted_proxy_names_the_address(self):
        server = self.start("--trusted-proxy=127.0.0.1")
        body = {"user": "ann", "password": "no such one"}
        headers = {"X-Forwarded-For": "203.0.113.7"}
        for _ in range(11):
            last = ask(server.port, "POST", "/v1/login", body, headers=headers)
        self.assertEqual(last.status, 429)
        other = {"X-Forwarded-For": "203.0.113.8"}
        self.assertEqual(ask(server.port, "POST", "/v1/login", body, headers=other).status, 401)


if __name__ == "__main__":
    unittest.main()
