# SPDX-License-Identifier: EUPL-1.2
"""Updates that follow the rules of the file format, allowed by the signature or not. For forgeries.py."""


def make(signed, signer):
    return []
