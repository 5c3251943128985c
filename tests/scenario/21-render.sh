#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# refrenda-render on its own: pictures, limits, exit statuses, and what it may not do while a document is open.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

RENDER=$BUILD/src/render/refrenda-render
[ -x "$RENDER" ] || skip_all "no refrenda-render"
"$SOURCE/scripts/demo-document.py" in.pdf

render() { # file options...
    local file=$1
    shift
    "$RENDER" "$@" <"$file"
}
size_of() { python3 -c 'import struct, sys; d = open(sys.argv[1], "rb").read(24); print(*struct.unpack(">II", d[16:24]))' "$1"; }

check "a page" bash -c '"$0" <in.pdf >page.png' "$RENDER"
check_says "794 1123" "A4 at 96 dots per inch" size_of page.png
check "another resolution" bash -c '"$0" --dpi 30 <in.pdf >small.png' "$RENDER"
check_says "249 351" "A4 at 30" size_of small.png
check "through a pipe" bash -c 'cat in.pdf | "$0" | cmp - page.png' "$RENDER"
check "the same bytes again" bash -c '"$0" <in.pdf | cmp - page.png' "$RENDER"
check "the number of pages" bash -c '[ "$("$0" --pages <in.pdf)" -ge 1 ]' "$RENDER"
if have pdftoppm; then
    pdftoppm -r 96 -singlefile in.pdf other
    check "as another program draws it" python3 - <<'END'
import struct, zlib
def png(path):
    data, at, packed = open(path, "rb").read(), 8, b""
    width, height = struct.unpack(">II", data[16:24])
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "big")
        if data[at + 4:at + 8] == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    raw, stride, rows, above = zlib.decompress(packed), width * 3, [], bytes(width * 3)
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride if kind else 0):
            a, b, c = row[x - 3] if x > 2 else 0, above[x], above[x - 3] if x > 2 else 0
            p = a + b - c
            paeth = a if abs(p - a) <= abs(p - b) and abs(p - a) <= abs(p - c) else b if abs(p - b) <= abs(p - c) else c
            row[x] = (row[x] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        above = bytes(row)
        rows.append(above)
    return b"".join(rows)
ours, theirs = png("page.png"), open("other.ppm", "rb").read()[-794 * 1123 * 3:]
difference = sum(abs(a - b) for a, b in zip(ours, theirs)) / len(ours)
dark = sum(1 for b in ours if b < 100)
print(difference, dark)
assert difference < 3 and dark > 1000
END
else
    skip "no pdftoppm"
fi

check_status 64 "an unknown option" render in.pdf --password geheim
check_status 64 "a page that is no number" render in.pdf --page one
check_status 64 "page 0" render in.pdf --page 0
check_status 64 "a missing value" render in.pdf --dpi
check_status 66 "a page too many" render in.pdf --page 1000
check_log "refrenda-render: the document has" "says how many there are"
check_status 69 "too many pixels" render in.pdf --max-pixels 1000
check_status 65 "no PDF" render /bin/true
check_status 65 "nothing" render /dev/null
check_status 74 "a full disk" bash -c '"$0" <in.pdf >/dev/full' "$RENDER"
check_says "Exit status:" "--help" "$RENDER" --help
if have man; then
    check "the manual page is clean" bash -c '! man --warnings -l "$0" 2>&1 >/dev/null | grep .' "$SOURCE/src/render/refrenda-render.1"
fi
if have qpdf; then
    qpdf --encrypt geheim owner 256 -- in.pdf secret.pdf
    printf 'geheim' >password
    printf 'falsch' >wrong
    check_status 77 "no password" render secret.pdf
    check_status 77 "a wrong password" bash -c '"$0" --password-fd 3 <secret.pdf 3<wrong' "$RENDER"
    check "the right password" bash -c '"$0" --password-fd 3 <secret.pdf 3<password | cmp - page.png' "$RENDER"
else
    skip "no qpdf"
fi

# What the kernel was told, before anything of the document was read.
if have strace && strace -o trace "$RENDER" <in.pdf >/dev/null 2>&1; then
    check "nothing is read before the sandbox is closed" python3 - <<'END'
lines = open("trace").read().splitlines()
sealed = next(i for i, l in enumerate(lines) if l.startswith("seccomp(SECCOMP_SET_MODE_FILTER, 0, {len"))
touched = [i for i, l in enumerate(lines) if l.startswith(("read(0,", "pread64(0,", "dup(0)", "lseek(0,", "mmap(0,"))]
assert touched and touched[0] > sealed, (sealed, touched[:1])
opened = [l for l in lines[sealed:] if "open" in l.split("(")[0] and " = -1" not in l]
assert all("/usr/share/fonts" in l or "/usr/share/poppler" in l for l in opened), opened
END
else
    skip "no strace"
fi
if [ "$(id -u)" = 0 ] && have setpriv; then
    chmod 755 .
    check "as an ordinary user" bash -c 'setpriv --reuid 65534 --regid 65534 --clear-groups "$0" <in.pdf | cmp - page.png' "$RENDER"
else
    skip "not root"
fi
finish
