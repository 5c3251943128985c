#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Offsets beyond 10^8, 2^31 and 2^32: /ByteRange and digest are right, memory stays small. With LARGE=1 (scripts/soak) also
# beyond 10^10, where only cross-reference streams can go. The inputs are holes; the results take 4 GB of disk (10 with LARGE).
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

HANDMADE=$SOURCE/tests/interop/inputs/handmade.py
MEMORY_MAXIMUM=$((32 * 1024 * 1024))
NEEDED_KB=$(((${LARGE:-0} ? 11 : 5) * 1000 * 1000))
[ "$(df --output=avail -k . | tail -n 1)" -gt "$NEEDED_KB" ] || skip_all "not enough room on the disk"

"$REFRENDA" certs demo pki --url http://127.0.0.1:9 --quiet >/dev/null
mkdir trust
cp pki/root.pem pki/root.crl pki/issuing.crl trust
KEY=(--p12 pki/signer-p256.p12 --pass-file pki/password.txt --offline --quiet)

# /ByteRange begins at 0, leaves out nothing but one hex string, ends at the file's end, and its digest is in the signature.
range_is_right() { # file
    python3 - "$1" <<'PYTHON'
import hashlib, os, re, sys
size = os.path.getsize(sys.argv[1])
with open(sys.argv[1], "rb") as file:
    file.seek(size - 65536)
    a, b, c, d = map(int, re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", file.read())[0][10:].strip(b" []").split())
    assert a == 0 and b < c and c + d == size, (a, b, c, d, size)
    file.seek(b)
    hole = file.read(c - b)
    assert hole[:1] == b"<" and hole[-1:] == b">", (hole[:1], hole[-1:])
    digest = hashlib.sha256()
    for start, length in ((a, b), (c, d)):
        file.seek(start)
        while length > 0:
            piece = file.read(min(length, 1 << 20))
            digest.update(piece)
            length -= len(piece)
    assert digest.digest() in bytes.fromhex(hole[1:-1].decode()), "the digest is not in the signature"
PYTHON
}

small_memory() {
    read -r _ _ private _ <usage && echo "private $private bytes" && test "$private" -le "$MEMORY_MAXIMUM"
}

signs_beyond() { # offset xref
    rm -f in.pdf out.pdf
    check "a sparse file beyond $1, xref $2" python3 "$HANDMADE" in.pdf --sparse "$1" --xref "$2"
    check "sign beyond $1" "$SOURCE/tests/support/measure.py" usage "$REFRENDA" sign in.pdf -o out.pdf "${KEY[@]}"
    check "with at most 32 MB of private memory" small_memory
    check "/ByteRange and digest are right beyond $1" range_is_right out.pdf
    check "verify beyond $1" "$SOURCE/tests/support/measure.py" usage "$REFRENDA" verify out.pdf --trust trust --offline
    check "with at most 32 MB of private memory" small_memory
    rm -f in.pdf out.pdf
}

signs_beyond 100000000 table
signs_beyond $((1 << 31)) stream
signs_beyond $((1 << 32)) table

check "a classical table that would pass ten digits" python3 "$HANDMADE" in.pdf --sparse 9999995900 --xref table
check_status 1 "is refused" "$REFRENDA" sign in.pdf -o out.pdf "${KEY[@]}"
check "with the reason" grep -qi "cross-reference" "$LOG"
check "and leaves nothing" test ! -e out.pdf -a -z "$(find . -maxdepth 1 -name '.out.pdf*')"

if [ "${LARGE:-0}" = 1 ]; then
    signs_beyond 10000000000 stream
else
    skip "10^10 bytes are for scripts/soak"
fi
finish
