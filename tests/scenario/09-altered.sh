#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Another program truncates, rewrites or lengthens the input while it is signed or verified: an error or a good result,
# never a signal. And outputs that cannot be written to.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

ROUNDS=${ROUNDS:-6}
SIZE=150M
"$REFRENDA" certs demo pki --url http://127.0.0.1:9 --quiet >/dev/null
mkdir trust
cp pki/root.pem pki/root.crl pki/issuing.crl trust
python3 "$SOURCE/tests/interop/inputs/handmade.py" whole.pdf --sparse "$SIZE"
KEY=(--p12 pki/signer-p256.p12 --pass-file pki/password.txt --offline --quiet)

verifies() { "$REFRENDA" verify "$1" --trust trust --offline >/dev/null 2>&1; }
truncate_it() { truncate -s 1000000 "$1"; }
rewrite_it() { printf 'altered' | dd of="$1" bs=1 seek="$((RANDOM * 8000))" conv=notrunc status=none; }
lengthen_it() { printf 'more' >>"$1"; }

# Alters the input at some moment of the work; counts how it ended.
alter_during() { # how command...
    local how=$1 status
    shift
    cp --sparse=always whole.pdf in.pdf
    rm -f out.pdf
    "$@" >"$LOG" 2>&1 &
    local child=$!
    sleep "$(awk -v seed="$RANDOM" -v longest="$DURATION" 'BEGIN { srand(seed); printf "%.4f", rand() * longest }')"
    "$how" in.pdf
    wait $child
    status=$?
    ENDED[status]=$((${ENDED[status]:-0} + 1))
    [ "$status" -ge 128 ] && SIGNALS=$((SIGNALS + 1))
    if [ -e out.pdf ] && ! verifies out.pdf; then WRONG=$((WRONG + 1)); fi
}

began=$(date +%s%N)
check "without a disturbance" "$REFRENDA" sign whole.pdf -o out.pdf "${KEY[@]}"
DURATION=$(awk -v ns=$(($(date +%s%N) - began)) 'BEGIN { printf "%.4f", ns / 1e9 }')

for how in truncate_it rewrite_it lengthen_it; do
    ENDED=() SIGNALS=0 WRONG=0
    for _ in $(seq "$ROUNDS"); do
        alter_during $how "$REFRENDA" sign in.pdf -o out.pdf "${KEY[@]}"
    done
    for status in "${!ENDED[@]}"; do echo "# $how while signing: ${ENDED[$status]} times status $status"; done
    check "$how while signing: no signal" test "$SIGNALS" -eq 0
    check "$how while signing: no wrong result" test "$WRONG" -eq 0
done

cp out.pdf whole.pdf 2>/dev/null || "$REFRENDA" sign whole.pdf -o whole.pdf --force "${KEY[@]}"
ENDED=() SIGNALS=0 WRONG=0
for _ in $(seq "$ROUNDS"); do
    alter_during truncate_it "$REFRENDA" verify in.pdf --trust trust --offline
done
for status in "${!ENDED[@]}"; do echo "# truncated while verifying: ${ENDED[$status]} times status $status"; done
check "truncated while verifying: no signal" test "$SIGNALS" -eq 0

"$SOURCE/scripts/demo-document.py" small.pdf
if [ -w /dev/full ]; then
    full() { "$REFRENDA" sign small.pdf -o - "${KEY[@]}" >/dev/full; }
    check_status 5 "standard output that is full" full
else
    skip "no /dev/full"
fi
check_status 5 "a folder that does not exist" "$REFRENDA" sign small.pdf -o none/out.pdf "${KEY[@]}"
check_status 5 "an output that is a folder" "$REFRENDA" sign small.pdf -o pki "${KEY[@]}" --force
limited() { (ulimit -f 10; trap '' XFSZ; exec "$REFRENDA" sign small.pdf -o limited.pdf "${KEY[@]}"); }
check_status 5 "a limit on the length of files" limited
check "leaves nothing" test ! -e limited.pdf
finish
