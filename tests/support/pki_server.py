#!/usr/bin/env python3
"""Time-stamping authority, OCSP responder, CRLs and CA certificates over HTTP.

It is a server for tests and demonstrations, on the loopback interface only.
Every answer is made by the 'openssl' command, so that what Refrenda receives
does not come from any code of its own.

  POST /tsa             RFC 3161 time-stamp response
  POST /ocsp            RFC 6960 response
  GET  /ocsp/BASE64     the same, as in appendix A.1 of RFC 6960
  GET  /crl/NAME.crl    DER certificate revocation list
  GET  /ca/NAME.pem     PEM certificate (chain.pem: several)
  GET  /ca/NAME.cer     DER certificate

The files of the folder are read at each request: the server can be started
on a folder that is still empty, which is how one learns the port that the
certificates have to mention. Only the Python standard library is used.
"""

import argparse
import base64
import binascii
import http.server
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

SERVICES = ("tsa", "ocsp", "crl", "ca")
FAULTS = ("500", "hang", "reject", "drop", "garbage")

# No legitimate request comes anywhere near: a guard against mistakes.
MAX_REQUEST = 1 << 20

TSA_POLICY = "1.2.3.4.1"

TSA_CONFIG = """\
[ tsa ]
default_tsa = demo

[ demo ]
serial                 = {serial}
crypto_device          = builtin
signer_digest          = sha256
default_policy         = {policy}
digests                = sha256, sha384, sha512
accuracy               = secs:1
ordering               = yes
tsa_name               = yes
ess_cert_id_chain      = no
ess_cert_id_alg        = sha256
"""


def der(tag, *contents):
    """A DER value of less than 128 octets."""
    content = b"".join(contents)
    return bytes((tag, len(content))) + content


# TimeStampResp { status { rejection, { "rejected on purpose" },
#                          { systemFailure } } }
TSA_REJECTION = der(0x30, der(
    0x30, der(0x02, b"\x02"),
    der(0x30, der(0x0c, b"rejected on purpose")),
    der(0x03, b"\x06\x00\x00\x00\x40")))

# OCSPResponse { unauthorized }
OCSP_REJECTION = der(0x30, der(0x0a, b"\x06"))


class Refused(Exception):
    """The request cannot be served; carries the HTTP status and a reason."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class Authority:
    """Makes the answers out of the files of one folder."""

    def __init__(self, folder, scratch, openssl):
        self.folder = folder
        self.scratch = scratch
        self.openssl = openssl
        # 'openssl ts' reads, increments and rewrites the file of serial
        # numbers without any lock of its own.
        self.serial_lock = threading.Lock()
        self.tsa_config = os.path.join(scratch, "tsa.cnf")
        serial = os.path.join(scratch, "tsa.serial")
        with open(serial, "w", encoding="ascii") as file:
            # Starting at random, two servers with the same key do not give
            # the same serial number to two different time stamps.
            file.write("01" + os.urandom(7).hex().upper() + "\n")
        with open(self.tsa_config, "w", encoding="utf-8") as file:
            file.write(TSA_CONFIG.format(serial=serial, policy=TSA_POLICY))

    def path(self, name):
        return os.path.join(self.folder, name)

    def _run(self, arguments, request, lock=None):
        """Runs openssl, with the request in a file and the answer in another.

        In 'arguments', None stands for the path of the request and Ellipsis
        for the path of the answer.
        """
        with tempfile.TemporaryDirectory(dir=self.scratch) as work:
            incoming = os.path.join(work, "request")
            outgoing = os.path.join(work, "response")
            with open(incoming, "wb") as file:
                file.write(request)
            names = {None: incoming, ...: outgoing}
            command = [self.openssl] + [names.get(a, a) for a in arguments]
            if lock:
                lock.acquire()
            try:
                result = subprocess.run(
                    command, stdin=subprocess.DEVNULL, capture_output=True,
                    timeout=60, check=False)
            except (OSError, subprocess.TimeoutExpired) as error:
                raise Refused(500, str(error)) from error
            finally:
                if lock:
                    lock.release()
            try:
                with open(outgoing, "rb") as file:
                    answer = file.read()
            except FileNotFoundError:
                answer = b""
            if not answer:
                raise Refused(500, "openssl %s failed: %s" % (
                    arguments[0],
                    result.stderr.decode("utf-8", "replace").strip()))
            return answer

    def timestamp(self, request):
        return self._run(
            ["ts", "-reply", "-config", self.tsa_config, "-section", "demo",
             "-queryfile", None, "-signer", self.path("tsa.pem"),
             "-inkey", self.path("tsa.key"), "-chain", self.path("chain.pem"),
             "-out", ...],
            request, self.serial_lock)

    def ocsp(self, request):
        return self._run(
            ["ocsp", "-index", self.path("index.txt"),
             "-rsigner", self.path("ocsp.pem"), "-rkey", self.path("ocsp.key"),
             "-CA", self.path("issuing.pem"), "-rmd", "sha256", "-ndays", "1",
             "-reqin", None, "-respout", ...],
            request)

    def read(self, name):
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except OSError as error:
            raise Refused(404, "no such file: " + name) from error

    def crl(self, name):
        content = self.read(name)
        # The file may be in PEM; what goes over HTTP is always DER.
        match = re.search(
            rb"-----BEGIN X509 CRL-----(.*?)-----END", content, re.DOTALL)
        return base64.b64decode(match.group(1)) if match else content

    def certificate_der(self, name):
        # The PEM file is text with possible comments around the certificate.
        text = self.read(name + ".pem").decode("utf-8", "replace")
        match = re.search(
            "-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----",
            text, re.DOTALL)
        if not match:
            raise Refused(404, "no certificate in " + name + ".pem")
        return ssl.PEM_cert_to_DER_cert(match.group(0))


class Faults:
    """The faults asked for, with the number of times left for each."""

    def __init__(self, specifications):
        self.lock = threading.Lock()
        self.left = {}
        for service, kind, times in specifications:
            self.left[service] = [kind, times]

    def next(self, service):
        """Returns the fault for one more request to a service, or None."""
        with self.lock:
            entry = self.left.get(service)
            if entry is None or entry[1] == 0:
                return None
            if entry[1] is not None:
                entry[1] -= 1
            return entry[0]


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # The default of 5 is too few for the tests of concurrency.
    request_queue_size = 128

    def __init__(self, address, authority, faults, verbose):
        super().__init__(address, Handler)
        self.authority = authority
        self.faults = faults
        self.verbose = verbose
        self.stopping = threading.Event()

    def server_bind(self):
        # The one of the parent looks up the name of the host in the DNS.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        # A client that goes away in the middle is an ordinary event here.
        if self.verbose:
            super().handle_error(request, client_address)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "refrenda-test-pki"
    sys_version = ""
    # Seconds that an idle connection is kept.
    timeout = 60
    # The head and the body of an answer go in two writes: with Nagle's
    # algorithm, the second would wait for an acknowledgement.
    disable_nagle_algorithm = True

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        if self.server.verbose:
            super().log_message(format, *args)

    def do_GET(self):
        self._serve(None)

    def do_HEAD(self):
        self._serve(None)

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_REQUEST:
            # The body remains unread, so the connection cannot be reused.
            self.close_connection = True
            self._answer(411 if length < 0 else 413, "text/plain", b"")
            return
        self._serve(self.rfile.read(length))

    def _serve(self, body):
        path = urllib.parse.urlsplit(self.path).path
        service, _, rest = path.lstrip("/").partition("/")
        try:
            if service not in SERVICES:
                raise Refused(404, "unknown path")
            fault = self.server.faults.next(service)
            if fault:
                self._misbehave(service, fault)
            else:
                getattr(self, "_serve_" + service)(body, rest)
        except Refused as refusal:
            self._answer(refusal.status, "text/plain; charset=utf-8",
                         (str(refusal) + "\n").encode())

    def _serve_tsa(self, body, rest):
        if body is None or rest:
            raise Refused(405, "a time stamp is requested with POST /tsa")
        kind = self.headers.get_content_type()
        if kind != "application/timestamp-query":
            raise Refused(415, "unexpected content type: " + kind)
        self._answer(200, "application/timestamp-reply",
                     self.server.authority.timestamp(body))

    def _serve_ocsp(self, body, rest):
        if body is None:
            try:
                body = base64.b64decode(urllib.parse.unquote(rest),
                                        validate=True)
            except (binascii.Error, ValueError) as error:
                raise Refused(400, "not base64: " + rest) from error
            if not body:
                raise Refused(400, "no OCSP request in the path")
        else:
            kind = self.headers.get_content_type()
            if kind != "application/ocsp-request":
                raise Refused(415, "unexpected content type: " + kind)
        self._answer(200, "application/ocsp-response",
                     self.server.authority.ocsp(body))

    def _serve_crl(self, body, rest):
        name = self._file_name(body, rest, r"[\w-]+\.crl")
        self._answer(200, "application/pkix-crl",
                     self.server.authority.crl(name))

    def _serve_ca(self, body, rest):
        name = self._file_name(body, rest, r"[\w-]+\.(pem|cer)")
        if name.endswith(".pem"):
            self._answer(200, "application/x-pem-file",
                         self.server.authority.read(name))
        else:
            self._answer(200, "application/pkix-cert",
                         self.server.authority.certificate_der(name[:-4]))

    @staticmethod
    def _file_name(body, rest, pattern):
        if body is not None:
            raise Refused(405, "only GET here")
        name = urllib.parse.unquote(rest)
        # Neither '/' nor '..' can match, so nothing outside is reachable; and
        # nothing that ends in '.key' either.
        if not re.fullmatch(pattern, name, re.ASCII):
            raise Refused(404, "no such file")
        return name

    def _misbehave(self, service, fault):
        if fault == "500":
            self.close_connection = True
            self._answer(500, "text/plain", b"failing on purpose\n")
        elif fault == "hang":
            # Until the server stops: it is the client that has to give up.
            self.close_connection = True
            self.server.stopping.wait()
        elif fault == "drop":
            # Closing with the linger time at zero sends a reset.
            self.close_connection = True
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER,
                b"\1\0\0\0\0\0\0\0")
            self.connection.close()
        elif fault == "garbage":
            kinds = {"tsa": "application/timestamp-reply",
                     "ocsp": "application/ocsp-response",
                     "crl": "application/pkix-crl",
                     "ca": "application/pkix-cert"}
            self._answer(200, kinds[service], b"\x30\x82\xff\xff garbage")
        elif service == "tsa":
            self._answer(200, "application/timestamp-reply", TSA_REJECTION)
        elif service == "ocsp":
            self._answer(200, "application/ocsp-response", OCSP_REJECTION)
        else:
            raise Refused(404, "rejected on purpose")

    def _answer(self, status, kind, content):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def fault_argument(text):
    match = re.fullmatch(r"(\w+)=(\w+)(?::(\d+))?", text)
    if not match or match[1] not in SERVICES or match[2] not in FAULTS:
        raise argparse.ArgumentTypeError(
            "expected SERVICE=FAULT[:TIMES], with SERVICE one of %s and "
            "FAULT one of %s" % (", ".join(SERVICES), ", ".join(FAULTS)))
    return match[1], match[2], int(match[3]) if match[3] else None


def write_port(path, port):
    # Whoever waits for the file must never see it half written.
    temporary = "%s.%d" % (path, os.getpid())
    with open(temporary, "w", encoding="ascii") as file:
        file.write("%d\n" % port)
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(
        description="Loopback TSA, OCSP responder, CRLs and CA certificates "
                    "for tests, out of a demonstration folder.")
    parser.add_argument("folder", help="folder with the keys, certificates, "
                        "index.txt and CRLs")
    parser.add_argument("--port", type=int, default=0,
                        help="port on 127.0.0.1; 0 (default): any free one")
    parser.add_argument("--port-file", metavar="FILE",
                        help="write the port there once connections are "
                             "accepted")
    parser.add_argument("--fail", type=fault_argument, action="append",
                        default=[], metavar="SERVICE=FAULT[:TIMES]",
                        help="simulate a fault in tsa, ocsp, crl or ca: 500, "
                             "hang, reject (a well-formed refusal), drop "
                             "(connection reset) or garbage; with TIMES, "
                             "only in the first requests")
    parser.add_argument("--verbose", action="store_true",
                        help="log the requests on standard error")
    arguments = parser.parse_args()

    openssl = shutil.which(os.environ.get("OPENSSL", "openssl"))
    if not openssl:
        parser.exit(1, "pki_server: the 'openssl' command was not found\n")

    def stop(_number, _frame):
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    with tempfile.TemporaryDirectory(prefix="pki-server-",
                                     ignore_cleanup_errors=True) as scratch:
        authority = Authority(os.path.abspath(arguments.folder), scratch,
                              openssl)
        try:
            server = Server(("127.0.0.1", arguments.port), authority,
                            Faults(arguments.fail), arguments.verbose)
        except OSError as error:
            parser.exit(1, "pki_server: %s\n" % error)
        with server:
            try:
                if arguments.port_file:
                    write_port(arguments.port_file, server.server_port)
                else:
                    print("http://127.0.0.1:%d" % server.server_port,
                          flush=True)
                server.serve_forever(poll_interval=0.1)
            finally:
                server.stopping.set()
    return 0


if __name__ == "__main__":
    sys.exit(main())
