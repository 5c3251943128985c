# SPDX-License-Identifier: EUPL-1.2
"""Sending and reading at the same time, by one thread: a TLS connection is not for two threads at once."""
import select
import ssl

LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def answers(s, raw):
    """Sends `raw` while reading; what came until the other side ended the connection or was silent for its time-out."""
    patience, data, at = s.gettimeout(), b"", 0
    s.setblocking(False)
    while True:
        try:
            while at < len(raw):
                at += s.send(raw[at:at + 16384])
        except LATER:
            pass
        try:
            while piece := s.recv(65536):
                data += piece
            return data
        except LATER:
            pass
        if not any(select.select([s], [s] if at < len(raw) else [], [], patience)):
            return data
