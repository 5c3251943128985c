#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What "make install" puts in place: every file, and that all of it runs from there, as somebody without rights, who cannot see the
# sources: the command, and the server with its two programs inside the walls that the systemd unit asks for.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/web.sh"
have meson python3 curl openssl || skip_all "no meson, python3, curl or openssl"
unset REFRENDA_PACKS # what is installed finds its own
chmod 711 "$WORK" # somebody else goes through it

# ---- The files ----

PREFIX=$(python3 -c 'import json, sys; print(next(o["value"] for o in json.load(open(sys.argv[1])) if o["name"] == "prefix"))' \
    "$BUILD/meson-info/intro-buildoptions.json")
STAGE=$WORK/stage
TREE=$STAGE$PREFIX
check "it is installed" meson install --no-rebuild -C "$BUILD" --destdir "$STAGE"
[ -x "$TREE/sbin/refrendad" ] || finish

expected() {
    printf '%s\n' bin/refrenda sbin/refrendad sbin/refrendad-services libexec/refrenda/refrenda-render \
        lib/systemd/system/refrendad{.service,-status.socket,-registration.socket} lib/sysusers.d/refrenda.conf lib/tmpfiles.d/refrenda.conf \
        share/doc/refrenda/refrendad-credential.conf share/doc/refrenda/refrendad.logrotate \
        share/bash-completion/completions/refrenda share/zsh/site-functions/_refrenda \
        share/locale/{es,ca}/LC_MESSAGES/refrenda.mo share/man/man1/refrenda-render.1 include/refrenda.h
    (cd "$SOURCE/include" && find refrenda -name '*.h' -o -name '*.def') | sed 's|^|include/|'
    (cd "$SOURCE" && find packs -type f) | sed 's|^|share/refrenda/|'
    (cd "$SOURCE/docs/man" && find . -type f) | sed -E 's|^\./en/|./|; s|^\./(.*/)?(.*)\.([0-9])$|share/man/\1man\3/\2.\3|'
    local library=${PREFIX#/}
    library=$(cd "$STAGE" && find "$library" -name librefrenda.so -printf '%h\n')
    printf "${library#"${PREFIX#/}/"}/%s\n" librefrenda.{so,so.0,a} pkgconfig/librefrenda.pc
}
missing() {
    local file status=0
    while read -r file; do
        [ -s "$TREE/$file" ] || { echo "missing: $file"; status=1; }
    done < <(expected)
    return $status
}
beside() { (cd "$TREE" && find . \( -type f -o -type l \) -printf '%P\n') | grep -vxF -f <(expected; cd "$TREE" && find . -name "librefrenda.so.*.*" -printf "%P\n"); }
nothing_beside() { ! beside; }
check "every file is in place" missing
check "and no other: who adds one adds it here" nothing_beside
check "all can be read by everybody" bash -c "! find '$TREE' ! -perm -o=r ! -type l | grep ."
check "and written by nobody else" bash -c "! find '$TREE' -perm /o=w ! -type l | grep ."
check "the unit starts the program that was installed" grep -qx "ExecStart=$PREFIX/sbin/refrendad --home /var/lib/refrenda" "$TREE/lib/systemd/system/refrendad.service"
if have systemd-analyze systemctl; then
    UNITS=$WORK/machine/usr/lib/systemd/system
    mkdir -p "$UNITS"
    cp "$TREE"/lib/systemd/system/* "$UNITS"
    enable() { systemctl --root="$WORK/machine" enable "$1"; }
    linked() { [ -L "$WORK/machine/etc/systemd/system/$1" ] || { find "$WORK/machine/etc" -type l; return 1; }; }
    check "the unit is enabled" enable refrendad.service
    check "its start opens the public services' socket first, not the next boot" linked refrendad.service.wants/refrendad-status.socket
    check "which the next boot does, too" linked sockets.target.wants/refrendad-status.socket
    check_status 1 "the registration API's socket waits to be enabled" linked refrendad.service.wants/refrendad-registration.socket
    check "it is enabled" enable refrendad-registration.socket
    check "then the start opens it as well" linked refrendad.service.wants/refrendad-registration.socket
    sed -i "s|^\(Exec[A-Za-z]*=\)[^ ]*|\1$TREE/sbin/refrendad|" "$UNITS/refrendad.service" # where it lies now
    check "systemd has nothing to say against the units" systemd-analyze verify --man=no "$UNITS"/refrendad.service "$UNITS"/*.socket
    check "not a word" test ! -s "$LOG"
else
    skip "no systemd-analyze or systemctl"
fi
PKG_CONFIG_PATH=$(dirname "$(find "$TREE" -name librefrenda.pc)")
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR=$STAGE
cat >version.c <<'END'
#include <refrenda.h>
#include <stdio.h>
int main(void) { return puts(rfd_version()) < 0; }
END
if have cc pkg-config; then
    # shellcheck disable=SC2046 # flags are words
    check "a program is built against what was installed" cc version.c -o version $(pkg-config --cflags --libs librefrenda) # (-lrefrenda names the shared library)
    check "and runs with it" env LD_LIBRARY_PATH="$(dirname "$PKG_CONFIG_PATH")" ./version
else
    skip "no compiler or pkg-config"
fi
unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR

# ---- A place of its own, and somebody without rights ----

# Where mounts may be made, the tree is at /opt and the instance at /var/lib/refrenda, as the unit says, and the rest of $WORK as well as
# the sources are out of sight; elsewhere both are used where they lie.
INSIDE=(unshare --mount --propagation private -- bash -c 'tree=$1 state=$2; shift 2
    mount --bind "$tree" /opt && mount -t tmpfs -o mode=755,size=1m tmpfs /var/lib && mkdir /var/lib/refrenda &&
        mount --bind "$state" /var/lib/refrenda && exec "$@"' bash "$TREE" "$WORK/state")
mkdir state
[ "$(id -u)" != 0 ] || chown nobody:nogroup state
PLACE=/opt HOME_DIR=/var/lib/refrenda
if [ "$(id -u)" != 0 ] || ! "${INSIDE[@]}" true 2>/dev/null; then
    INSIDE=() PLACE=$TREE HOME_DIR=$WORK/state
    echo "# no mounts here: from $TREE"
fi
# Without the settings of who runs this, either.
SOMEBODY=(env -i "PATH=$PLACE/bin:$PLACE/sbin:/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8 LANGUAGE=en TZ=UTC HOME=/nonexistent
    bash -c 'umask 077; cd "$1" && shift && exec "$@"' bash "$HOME_DIR")
[ "$(id -u)" != 0 ] ||
    SOMEBODY=(setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "${SOMEBODY[@]}")
somebody() { "${INSIDE[@]}" "${SOMEBODY[@]}" "$@"; }
check_says "refrenda $("$REFRENDA" --version | cut -d' ' -f2)" "refrenda has a version" somebody refrenda --version
check_says "refrendad $("$REFRENDA" --version | cut -d' ' -f2)" "so has refrendad" somebody refrendad --version
check_status 2 "refrendad-services is started by nobody else" somebody refrendad-services
check_says "No se puede leer el archivo" "it speaks Spanish" somebody refrenda verify absent.pdf --lang es
check_says "El fitxer no es pot llegir" "and Catalan" somebody refrenda verify absent.pdf --lang ca
"$SOURCE/scripts/demo-document.py" "$WORK/state/in.pdf"
chmod 644 "$WORK/state/in.pdf"
check "a key is made" somebody refrenda certs demo pki --quiet
check "a document is signed" somebody refrenda sign in.pdf -o out.pdf --p12 pki/signer.p12 --pass-file pki/password.txt --stamp text --page first
check_says "VALID" "and verified" somebody refrenda verify out.pdf --trust pki/root.pem
check "its page is drawn, in the sandbox" somebody refrenda preview out.pdf -o page.png --cert pki/signer.pem --stamp text
check "a page was drawn" test -s "$WORK/state/page.png"

# ---- The server ----

read -r STATUS_PORT API_PORT METRICS_PORT < <(free_ports 3)
sed -e "s/127.0.0.1:8089/127.0.0.1:$STATUS_PORT/g; s/127.0.0.1:8090/127.0.0.1:$API_PORT/; s/127.0.0.1:8091/127.0.0.1:$METRICS_PORT/" \
    "$TREE/share/refrenda/packs/plans/demo.yaml" >state/plan.yaml
chmod 644 state/plan.yaml
check "an authority is made, with the packs that were installed" somebody refrenda ca init --plan plan.yaml --home "$HOME_DIR/ca" --root "$HOME_DIR/root" --quiet
check "which its settings name" grep -q "^packs:.*$PLACE/share/refrenda/packs" state/ca/refrenda.yaml
web_settings state/ca
check "the settings are good" somebody refrendad --home "$HOME_DIR/ca" --check

start() { # command... that starts it
    "${INSIDE[@]}" "$@" 2>"$WORK/server.log" & # each of them becomes the next
    AUTHORITY=$!
    SERVERS+=("$AUTHORITY")
}
is_well() { curl -sf -m 10 -o /dev/null "http://127.0.0.1:$METRICS_PORT/health/ready" && curl -sf -m 10 -o /dev/null "http://127.0.0.1:$STATUS_PORT/health/ready" && curl -sf -m 10 -o /dev/null "$WEB_URL/acceso"; }
is_well_or_gone() { is_well || ! kill -0 "$AUTHORITY" 2>/dev/null; }
until_well() {
    eventually is_well_or_gone && is_well && return 0
    tail -n 20 "$WORK/server.log"
    return 1
}
status_of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; } # process field
# Each process: another user, no capability that it has or could get, a filter of its own beside those that it began with.
walls() {
    local process count=0
    for process in $(pgrep -P "$AUTHORITY"); do
        count=$((count + 1))
        echo "$process: $(tr '\0' ' ' <"/proc/$process/cmdline") $(grep -E '^(Uid|Cap|NoNew|Seccomp)' "/proc/$process/status" | tr '\n\t' '  ')"
        [ "$(id -u)" != 0 ] || [ "$(status_of "$process" Uid | cut -f1)" = "$(id -u nobody)" ] || return 1
        [ "$(status_of "$process" CapEff)$(status_of "$process" CapPrm)" = 00000000000000000000000000000000 ] || return 1
        [ "$(status_of "$process" NoNewPrivs)" = 1 ] || return 1
        [ "$(status_of "$process" Seccomp_filters)" -gt "$(status_of "$AUTHORITY" Seccomp_filters)" ] || return 1
    done
    [ "$count" -ge 6 ]
}
# Keys are with one program, the world with the other. Only root may see what program it is that a process runs.
programs() {
    local role process
    [ "$(id -u)" = 0 ] || return 0
    for role in keeper signer personal worker status web; do
        process=$(authority_child "$role" | head -n 1)
        readlink "/proc/$process/exe"
        case $role in
        worker | status | web) readlink "/proc/$process/exe" | grep -qx '.*/sbin/refrendad-services' || return 1 ;;
        *) readlink "/proc/$process/exe" | grep -qx '.*/sbin/refrendad' || return 1 ;;
        esac
    done
}
stop() {
    local children status=0 process
    children=$(pgrep -P "$AUTHORITY")
    kill -TERM "$AUTHORITY"
    wait "$AUTHORITY" || status=$?
    [ "$status" = 0 ] || { echo "ended with $status"; tail -n 20 "$WORK/server.log"; return 1; }
    for process in $children; do [ ! -e "/proc/$process" ] || { echo "process $process is left"; return 1; }; done
    [ ! -e "$WORK/state/ca/run/admin.sock" ]
}
answer() { # what it is called
    asset=$(curl -s -m 60 "$WEB_URL/acceso" | sed -n 's/.*href="\(\/a\/[0-9a-f]*\/style.css\)".*/\1/p' | head -n 1)
    check "$1: pages answer" bash -c "curl -sf -m 60 '$WEB_URL/acceso' | grep -q '<h1'"
    check "$1: so do the files that belong to them" bash -c "[ -n '$asset' ] && curl -sf -m 60 -o /dev/null '$WEB_URL$asset'"
    check "$1: OCSP answers" bash -c "openssl ocsp -issuer '$WORK/state/ca/public/emisora-1.pem' -serial 0x11aa -url 'http://127.0.0.1:$STATUS_PORT/ocsp' -CAfile '$WORK/state/ca/public/chain.pem' | grep -q '0x11aa: unknown'"
    # What a service that is ready says does not wait for its signers.
    check "$1: time stamps are made" eventually bash -c "openssl ts -query -data '$SOURCE/LICENSE' -sha256 -cert -out tsq && curl -sf -m 60 -H 'Content-Type: application/timestamp-query' --data-binary @tsq 'http://127.0.0.1:$STATUS_PORT/tsa' >tsr && openssl ts -verify -queryfile tsq -in tsr -CAfile '$WORK/state/ca/public/raiz.pem' -untrusted '$WORK/state/ca/public/emisora-1.pem'"
    check "$1: nothing broke" bash -c "grep -q '\"ready\"' '$WORK/server.log' && ! grep -E '\"(died|forbidden-call|no-catalogue)\"' '$WORK/server.log'"
}

# As its user, by the command.
start "${SOMEBODY[@]}" refrendad --home "$HOME_DIR/ca"
check "the server is ready" until_well
answer "as another user"
check "as another user: both programs are at work" programs
check "as another user: in their sandboxes" walls
check "as another user: it ends cleanly" stop

# As systemd would start it.
UNIT=$TREE/lib/systemd/system/refrendad.service
under_unit() { "$SOURCE/tests/support/under_unit.py" "$@"; }
if have systemd-analyze && python3 -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2>/dev/null; then
    calls=$(under_unit --calls "$UNIT")
    for call in seccomp landlock_restrict_self prlimit64 adjtimex clock_adjtime execve close_range memfd_create mlock; do
        check "the unit lets it call $call" grep -qx "$call" <<<"$calls"
    done
    # shellcheck disable=SC2016 # the inner shell expands it
    check "and not what is root's" bash -c '! grep -xE "mount|ptrace|setuid|bpf|clock_settime|kexec_load" <<<"$1"' bash "$calls"
    start "$SOURCE/tests/support/under_unit.py" --state "$HOME_DIR" "$UNIT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$PLACE/sbin/refrendad" --home "$HOME_DIR/ca"
    check "under the unit the server is ready" until_well
    grep '^# ' "$WORK/server.log"
    answer "under the unit"
    check "under the unit: both programs are at work" programs
    check "under the unit: the unit's filters, and its own" walls
    check "under the unit: it ends cleanly" stop
else
    skip "no systemd-analyze or libseccomp"
fi

# ---- Half of it ----

mkdir -p half/sbin
cp "$TREE/sbin/refrendad" half/sbin
check_status 1 "without refrendad-services nothing starts" half/sbin/refrendad --home state/ca
check_log "refrendad-services" "and it is said what is missing"
finish
