#!/usr/bin/env python3
"""mail_sink.py DIR - an SMTP server for tests, on four ports of 127.0.0.1.

Prints one line "plain starttls tls auth", the ports: without TLS; STARTTLS demanded; TLS from the
first byte; plain, with AUTH (user "shop", password "secret") demanded. Mails are kept as
DIR/N.eml with their envelope in DIR/N.to. Recipients that begin with "later" get 451, "refused"
550, "slow" no answer. DIR/dkim.pem is a key, DIR/dkim.txt the TXT record
of it that signatures are checked against; the outcome goes to DIR/N.dkim. DIR/cert.pem is what clients are to trust. Ends with its stdin.
"""
import asyncio
import base64
import pathlib
import socket
import ssl
import subprocess
import sys

import dkim
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

DIR = pathlib.Path(sys.argv[1])


class Keep:
    n = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("later"):
            return "451 4.2.0 try again"
        if address.startswith("refused"):
            return "550 5.1.1 nobody here"
        if address.startswith("slow"):
            await asyncio.sleep(30)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        Keep.n += 1
        content = envelope.original_content
        good = dkim.verify(content, dnsfunc=lambda name, timeout=5: (DIR / "dkim.txt").read_bytes())
        (DIR / f"{Keep.n}.dkim").write_text("good" if good else "bad")
        (DIR / f"{Keep.n}.to").write_text(f"{envelope.mail_from} {' '.join(envelope.rcpt_tos)}")
        (DIR / f"{Keep.n}.eml").write_bytes(content)
        return "250 kept"


def signing_key():
    subprocess.run(["openssl", "genrsa", "-out", DIR / "dkim.pem", "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", DIR / "dkim.pem", "-pubout", "-outform", "DER"], check=True,
                            capture_output=True).stdout
    (DIR / "dkim.txt").write_bytes(b"v=DKIM1; k=rsa; p=" + base64.b64encode(public))


def certificate():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", DIR / "key.pem", "-out",
                    DIR / "cert.pem"], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(DIR / "cert.pem", DIR / "key.pem")
    return context


def allow(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"shop" and data.password == b"secret", handled=False)


def main():
    tls = certificate()
    signing_key()
    controllers = [
        Controller(Keep(), "127.0.0.1", 0),
        Controller(Keep(), "127.0.0.1", 0, require_starttls=True, tls_context=tls),
        Controller(Keep(), "127.0.0.1", 0, ssl_context=tls),
        Controller(Keep(), "127.0.0.1", 0, authenticator=allow, auth_required=True, auth_require_tls=False),
    ]
    ports = []
    for c in controllers:
        # With port 0 the controller does not know its port: take a socket first.
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        c.port = s.getsockname()[1]
        s.close()
        c.start()
        ports.append(str(c.port))
    print(" ".join(ports), flush=True)
    sys.stdin.read()
    for c in controllers:
        c.stop()


main()
