"""A certificate authority for tests, made by the openssl command in a directory of its own.

    with CertificateAuthority() as ca:
        leaf = ca.leaf("rtchat.test")
        ca.cert, leaf.cert, leaf.key, leaf.fingerprint

Nobody trusts it but who is given ca.cert. Everything is gone when the block ends.
"""

import hashlib
import ipaddress
import os
import ssl
import subprocess
import tempfile

# Our own file, so that no system's openssl.cnf has a say in it.
CONFIG = """\
[req]
distinguished_name = name
prompt = no
string_mask = utf8only
[name]
CN = %(name)s
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = %(alternatives)s
"""

LOCAL = ("localhost", "127.0.0.1", "::1")


class Leaf:
    """A certificate and its key (PEM files); fingerprint: SHA-256 of the certificate, in hex."""

    def __init__(self, cert, key):
        self.cert = cert
        self.key = key
        with open(cert, encoding="ascii") as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        self.fingerprint = hashlib.sha256(der).hexdigest()


def _alternative(host):
    try:
        return "IP:%s" % ipaddress.ip_address(host)
    except ValueError:
        return "DNS:%s" % host


class CertificateAuthority:
    """cert: the authority's certificate, a PEM file."""

    def __init__(self):
        self._home = tempfile.TemporaryDirectory(prefix="rtchat-ca-")
        self._count = 0
        self.cert = self._path("ca.pem")
        self._key = self._path("ca.key")
        try:
            self._write_config("rtchat test authority", "DNS:localhost")
            self._new_key(self._key)
            self._openssl("req", "-x509", "-new", "-key", self._key, "-out", self.cert,
                          "-config", self._path("cnf"), "-extensions", "authority",
                          "-days", "2", "-sha256")
        except BaseException:
            self.close()
            raise

    def leaf(self, *hosts, local=True, days=2):
        """A certificate for the hosts, and with local for this machine's own names too.

        days: for how long; -1 makes one that has run out.
        """
        names = list(hosts) + (list(LOCAL) if local else [])
        self._count += 1
        stem = "leaf%d" % self._count
        key, request, cert = (self._path(stem + end) for end in (".key", ".csr", ".pem"))
        self._write_config(names[0], ",".join(map(_alternative, names)))
        self._new_key(key)
        self._openssl("req", "-new", "-key", key, "-out", request, "-config", self._path("cnf"))
        self._openssl("x509", "-req", "-in", request, "-out", cert, "-CA", self.cert,
                      "-CAkey", self._key, "-set_serial", str(1000 + self._count), "-sha256",
                      "-extfile", self._path("cnf"), "-extensions", "leaf", "-days", str(days))
        return Leaf(cert, key)

    def _path(self, name):
        return os.path.join(self._home.name, name)

    def _write_config(self, name, alternatives):
        with open(self._path("cnf"), "w", encoding="ascii") as file:
            file.write(CONFIG % {"name": name, "alternatives": alternatives})

    def _new_key(self, path):
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-out", path)
        os.chmod(path, 0o600)

    def _openssl(self, *arguments):
        done = subprocess.run(("openssl",) + arguments, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise RuntimeError("openssl %s: %s" % (arguments[0], done.stdout.decode()))

    def close(self):
        self._home.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
