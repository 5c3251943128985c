#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# kill -9 at any moment of writing: the result is there whole or not at all, an old one survives, and the next run works.
# KILLS says how often (scripts/soak: 500).
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

KILLS=${KILLS:-30}
"$REFRENDA" certs demo pki --url http://127.0.0.1:9 --quiet >/dev/null
mkdir trust out
cp pki/root.pem pki/root.crl pki/issuing.crl trust
python3 "$SOURCE/tests/interop/inputs/handmade.py" in.pdf --pages 100 --size 40M
KEY=(--p12 pki/signer-p256.p12 --pass-file pki/password.txt --offline --quiet)

sign() { "$REFRENDA" sign "$1" -o "$2" "${KEY[@]}" --force; }
verifies() { "$REFRENDA" verify "$1" --trust trust --offline >/dev/null 2>&1; }

# Signs $1 into $2 and kills that at a random moment within the time that it takes, which changes with what else the machine has to
# do: it is taken for shorter when it ended before, for longer when it did not.
kill_once() {
    "$REFRENDA" sign "$1" -o "$2" "${KEY[@]}" --force >/dev/null 2>&1 &
    local child=$!
    sleep "$(awk -v seed="$RANDOM" -v longest="$DURATION" 'BEGIN { srand(seed); printf "%.4f", rand() * longest }')"
    kill -9 $child 2>/dev/null
    wait $child 2>/dev/null
    local status=$? change=0.8
    [ $status -eq 137 ] && KILLED=$((KILLED + 1)) change=1.15
    DURATION=$(awk -v d="$DURATION" -v change=$change 'BEGIN { printf "%.4f", d * change }')
}

began=$(date +%s%N)
check "without a kill" sign in.pdf out/out.pdf
DURATION=$(awk -v ns=$(($(date +%s%N) - began)) 'BEGIN { printf "%.4f", ns / 1e9 * 1.1 }')

KILLED=0 HALF=0 LITTER=0
for _ in $(seq "$KILLS"); do
    rm -f out/out.pdf
    kill_once in.pdf out/out.pdf
    [ ! -e out/out.pdf ] || verifies out/out.pdf || HALF=$((HALF + 1))
    LITTER=$((LITTER + $(find out -name '.out.pdf.*' | wc -l)))
    find out -name '.out.pdf.*' -delete
done 2>/dev/null
echo "# $KILLED of $KILLS were killed before they ended; $LITTER temporary files were left"
check "some were killed while they worked" test "$KILLED" -gt 0
check "never half a result" test "$HALF" -eq 0
check "at most one temporary file each" test "$LITTER" -le "$KILLED"

KILLED=0 HALF=0 SIZES=
cp in.pdf out/both.pdf
for _ in $(seq $((KILLS / 3))); do
    kill_once out/both.pdf out/both.pdf
    cmp -s in.pdf out/both.pdf && continue
    verifies out/both.pdf || HALF=$((HALF + 1)) SIZES+=" $(stat -c %s out/both.pdf)"
    cp in.pdf out/both.pdf
done 2>/dev/null
echo "# over the input: $KILLED of $((KILLS / 3)) were killed before they ended; wrong sizes:${SIZES:- none}"
check "output over the input: the old file or the new one" test "$HALF" -eq 0

touch out/.out.pdf.0123456789ab.tmp
check "a temporary file that was left is no obstacle" sign in.pdf out/out.pdf
check "and the result verifies" verifies out/out.pdf
finish
