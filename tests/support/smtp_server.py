#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""smtp_server.py FOLDER [--host H] [--tls CERTIFICATE KEY] [--login USER PASSWORD]: a mail server for tests.

Writes its port into FOLDER/port and each mail that it took into FOLDER/N.eml, after a line with its recipient. What it
does is said by the recipient's local part: ok, later (450), never (550), heavy (552 after the content), drop (hangs up
during the content), stall (never answers)."""
import argparse
import asyncio
import pathlib
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        word = address.split("@")[0]
        if word == "later":
            return "450 4.2.1 try later"
        if word == "never":
            return "550 5.1.1 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        word = envelope.rcpt_tos[0].split("@")[0]
        if word == "heavy":
            return "552 5.3.4 too heavy"
        if word == "drop":
            server.transport.abort()
            return "250 never seen"
        if word == "stall":
            (self.folder / "stalled").touch()
            await asyncio.sleep(3600)
        self.count += 1
        path = self.folder / f"{self.count}.eml"
        partial = path.with_suffix(".part")
        partial.write_bytes(envelope.rcpt_tos[0].encode() + b"\n" + envelope.original_content)
        partial.rename(path)
        return "250 taken"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--login", nargs=2)
    a = parser.parse_args()
    handler = Handler(a.folder)
    context = None
    options = {"enable_SMTPUTF8": True}
    if a.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*a.tls)
    if a.login:
        wanted = [x.encode() for x in a.login]
        options.update(auth_required=True, auth_require_tls=False,
                       authenticator=lambda s, session, envelope, mechanism, data: AuthResult(
                           success=[data.login, data.password] == wanted, handled=False))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop, **options), a.host, 0, ssl=context)
    (a.folder / "port.part").write_text(str(server.sockets[0].getsockname()[1]))
    (a.folder / "port.part").rename(a.folder / "port")
    await server.serve_forever()


asyncio.run(main())
