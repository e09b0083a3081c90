"""A data directory whose disk is full or read-only: what cannot be kept is refused with a clear
error, the server stays up, and when the disk is well again it goes on; nothing receipted is lost.

Filesystems of one's own need root; without it these tests are skipped.
"""

import os
import subprocess
import unittest

from chaos import ChaosTest, check_log, history
from rtserver import wait_until
from wsclient import Http, WebSocket, ask, login

BIG = "x" * 3000


def run(*command):
    """None, or what went wrong."""
    try:
        done = subprocess.run(command, capture_output=True)
    except FileNotFoundError as fault:
        return str(fault)
    return None if done.returncode == 0 else done.stderr.decode(errors="replace").strip()


class DiskTest(ChaosTest):
    def setUp(self):
        super().setUp()
        self.data_dir = os.path.join(self.directory.name, "mount")
        os.mkdir(self.data_dir)
        self.receipted = []
        self.refused = []

    def mount(self, *options):
        if os.getuid() != 0:
            self.skipTest("mounting a filesystem needs root")
        why = run("mount", *options, self.data_dir)
        if why is not None:
            self.skipTest("no filesystem can be mounted here: " + why)
        self.addCleanup(run, "umount", self.data_dir)

    def remount(self, options):
        self.assertIsNone(run("mount", "-o", "remount," + options, self.data_dir))

    def say(self, stream, text, id=None):
        """The answer; what it was is kept in receipted or refused."""
        id = id or "i%d" % (len(self.receipted) + len(self.refused))
        answer = stream.say(text, id=id)
        if answer["type"] == "receipt":
            self.receipted.append((id, answer["seq"]))
        else:
            self.refused.append(id)
        return answer

    def say_until_refused(self, stream):
        for _ in range(3000):
            answer = self.say(stream, BIG)
            if answer["type"] == "error":
                return answer
        self.fail("the disk does not become full")

    def check_unavailable(self, stream, token):
        """Every way to change the chat says so; every way to look at it works."""
        error = self.say_until_refused(stream)
        self.assertEqual(error["code"], "unavailable")
        self.assertGreater(error["retry_after_ms"], 0)
        answer = ask(self.port, "POST", "/v1/login", {"user": "newcomer"})
        self.assertEqual((answer.status, answer.code), (503, "unavailable"))
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        self.check_history(token)

    def check_history(self, token):
        log = check_log(self, history(self.port, token))
        self.assertEqual([(id, event["seq"]) for (_, id), event in log.items()], self.receipted)

    def check_restart(self, server, token):
        server.kill()
        self.serve()
        self.check_history(token)


class DiskFull(DiskTest):
    def fill(self):
        """Leaves no byte on the disk. Returns the path of the file that has them all."""
        path = os.path.join(self.data_dir, "filler")
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        for size in (65536, 1):
            try:
                while True:
                    os.write(file, b"x" * size)
            except OSError:
                pass
        os.close(file)
        return path

    def test_it_refuses_stays_up_and_goes_on_when_there_is_room(self):
        self.mount("-t", "tmpfs", "-o", "size=16m", "tmpfs")
        server = self.serve()
        token = login(self.port, "ann")
        stream = WebSocket(self.port, token)
        for _ in range(2):
            for _ in range(20):
                self.say(stream, "there is room")
            filler = self.fill()
            self.check_unavailable(stream, token)
            os.unlink(filler)
            again = self.refused[-1]
            wait_until(lambda: self.say(stream, BIG, again)["type"] == "receipt", 10, "room")
        self.check_history(token)
        self.assertIsNotNone(login(self.port, "newcomer"))
        self.check_restart(server, token)

    def test_killed_while_full_it_has_all_that_was_receipted(self):
        self.mount("-t", "tmpfs", "-o", "size=16m", "tmpfs")
        server = self.serve()
        token = login(self.port, "ann")
        stream = WebSocket(self.port, token)
        filler = self.fill()
        self.say_until_refused(stream)
        server.kill()

        # There may be room for a start or not; then it says so.
        full = self.serve(wait=False)
        full.listening.wait(30)
        if full.is_listening():
            self.check_history(token)
            full.kill()
        else:
            self.check_told(full.wait(), "", full.errors())
        os.unlink(filler)
        self.check_restart(full, token)

    def test_a_first_start_on_a_full_disk_says_so(self):
        self.mount("-t", "tmpfs", "-o", "size=64k", "tmpfs")
        self.fill()
        self.check_told(*self.run_to_end("--port=0", "--data-dir=" + self.data_dir),
                        self.data_dir, "No space left")


class ReadOnly(DiskTest):
    def test_a_start_on_a_read_only_disk_says_so(self):
        self.mount("-t", "tmpfs", "-o", "size=16m", "tmpfs")
        for _ in range(2):  # an empty one, then one with a log
            self.remount("ro")
            self.check_told(*self.run_to_end("--port=0", "--data-dir=" + self.data_dir),
                            self.data_dir, "Read-only")
            self.remount("rw")
            server = self.serve()
            self.assertEqual(server.stop(), 0)

    def test_a_disk_that_becomes_read_only_is_told_and_loses_nothing(self):
        """As ext4 does it after an error of the disk."""
        image = os.path.join(self.directory.name, "image")
        with open(image, "wb") as file:
            file.truncate(32 * 1024 * 1024)
        why = run("mkfs.ext4", "-q", image)
        if why is not None:
            self.skipTest("mkfs.ext4: " + why)
        self.mount("-o", "loop", image)
        server = self.serve()
        token = login(self.port, "ann")
        stream = WebSocket(self.port, token)
        for _ in range(20):
            self.say(stream, "it can be written")
        self.remount("abort")
        self.check_unavailable(stream, token)
        self.check_unavailable(stream, token)

        server.kill()
        self.assertIsNone(run("umount", self.data_dir))
        self.assertIsNone(run("mount", "-o", "loop", image, self.data_dir))
        self.serve()
        self.check_history(token)
        again = WebSocket(self.port, token)
        self.assertEqual(self.say(again, "well again")["type"], "receipt")
        self.check_history(token)


if __name__ == "__main__":
    unittest.main()
