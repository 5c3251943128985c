#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The command itself: help, manual, completions, languages, JSON against the schemas.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

check "--help" "$REFRENDA" --help
check_says "refrenda $("$REFRENDA" --version | cut -d' ' -f2)" "--version" "$REFRENDA" --version
check_status 64 "no command" "$REFRENDA"
mapfile -t commands < <("$REFRENDA" help completion bash | sed -n "s/^ *'\(.*\)') words=.*/\1/p")
check "there are commands in groups, too" test "${#commands[@]}" -ge 25
for command in "${commands[@]}"; do
    read -ra words <<<"$command"
    check "$command --help" "$REFRENDA" "${words[@]}" --help
    check_log "Examples:" "$command --help has examples"
    "$REFRENDA" help manual "${words[@]}" >page.1
    if have man; then check "the manual page of $command is clean" bash -c '! man --warnings -l page.1 2>&1 >/dev/null | grep .'; else skip "no man"; fi
done
check_says "ca revoke" "a group shows its commands" "$REFRENDA" ca --help
check_status 64 "a group alone is not enough" "$REFRENDA" ca
check_status 64 "nor with a word that is none" "$REFRENDA" ca frobnicate
"$SOURCE/scripts/manual" "$REFRENDA" "$WORK/docs"
check "the manual pages in docs/ are those of this command" diff -r -x refrendad.8 "$SOURCE/docs/man" docs/man
check "so are the completions" diff -r "$SOURCE/docs/completion" docs/completion
"$REFRENDA" help completion bash >bash.completion
check "bash completion is sound" bash -n bash.completion
complete_words() { bash -c '. ./bash.completion; COMP_WORDS=(refrenda '"$1"'); COMP_CWORD='"$2"'; _refrenda; echo "${COMPREPLY[@]}"'; }
check_says "verify" "bash completes commands" complete_words "ver" 1
check_says "revoke" "bash completes the commands of a group" complete_words "ca rev" 2
check_says "--reason" "bash completes their options" complete_words "ca revoke --rea" 3
check_says "--level" "bash completes options" complete_words "sign --lev" 2
check_says "B-LTA" "bash completes values" complete_words "sign --level B" 3
if have zsh; then check "zsh completion is sound" bash -c '"$REFRENDA" help completion zsh | zsh -n'; else skip "no zsh"; fi

says_in() { LANGUAGE=$1 "$REFRENDA" verify absent.pdf; }
check_says "No se puede leer el archivo" "Spanish" says_in es
check_says "El fitxer no es pot llegir" "Catalan" says_in ca
check_says "The file cannot be read" "English" says_in en
check_says "No se puede leer el archivo" "--lang" "$REFRENDA" verify absent.pdf --lang es
unset_language() { env -u LANGUAGE -u LC_ALL -u LANG "$REFRENDA" verify absent.pdf; }
check_says "No se puede leer el archivo" "nothing set means Spanish" unset_language

demo_pki
"$SOURCE/scripts/demo-document.py" in.pdf
"$REFRENDA" sign in.pdf -o out.pdf --p12 "$PKI/signer.p12" --pass-file "$PKI/password.txt" --quiet
check "certs show" "$REFRENDA" certs show "$PKI/signer.pem"
check "certs show of a PKCS#12 file" "$REFRENDA" certs show "$PKI/signer.p12" --pass-file "$PKI/password.txt"
check_status 5 "certs demo does not overwrite" "$REFRENDA" certs demo "$PKI"
check "inspect" "$REFRENDA" inspect out.pdf
check "inspect as JSON" bash -c '"$REFRENDA" inspect out.pdf --json | python3 -m json.tool'
check "fields as JSON" bash -c '"$REFRENDA" fields out.pdf --json | python3 -m json.tool'
check "verify as JSON" bash -c '"$REFRENDA" verify out.pdf --trust pki/root.pem --json | python3 -m json.tool'
odd=$'odd\377\033[31m.pdf'
cp in.pdf "$odd"
ends_of() { "$REFRENDA" "$@" --json 2>/dev/null | python3 -c 'import json, sys; r = json.load(sys.stdin); f = r.get("documents", r.get("files"))[0]; print(f.get("file", f.get("input")).encode("unicode_escape").decode(), f.get("error"))'; }
NAME='odd\ufffd\x1b[31m.pdf'
check_says "$NAME None" "a name that is no UTF-8 in the JSON of sign" ends_of sign "$odd" -o odd-out.pdf --p12 "$PKI/signer.p12" --pass-file "$PKI/password.txt"
for command in verify fields inspect; do
    check_says "$NAME None" "in that of $command" ends_of "$command" "$odd"
    check_says "absent$NAME io-read" "in that of $command that fails" ends_of "$command" "absent$odd"
done
escapes() { { "$REFRENDA" "$1" "$odd"; "$REFRENDA" "$1" "absent$odd"; } 2>&1 | grep -c $'\033'; }
for command in verify fields inspect; do check_says 0 "a file name cannot steer the terminal: $command" escapes "$command"; done
all_fields() { "$REFRENDA" fields out.pdf --json | python3 -c 'import json, sys; print([f["name"] for f in json.load(sys.stdin)["files"][0]["fields"]])'; }
check_says "['Signature1']" "the JSON of fields lists them" all_fields
check_status 2 "a key that is not there is no bad document" "$REFRENDA" sign in.pdf -o x.pdf --p12 absent.p12 --pass-file "$PKI/password.txt"
check_status 64 "no terminal to ask on" setsid -w "$REFRENDA" sign in.pdf -o x.pdf --p12 "$PKI/signer.p12"
check_status 64 "a PIN on the command line" "$REFRENDA" sign in.pdf -o x.pdf --pkcs11 "pkcs11:token=any?pin-value=1234"
check_status 64 "a field to lock that is no UTF-8" "$REFRENDA" sign in.pdf -o x.pdf --lock $'a\377' --p12 "$PKI/signer.p12" --pass-file "$PKI/password.txt"
cp in.pdf "$(printf 'n%.0s' {1..250})"
check "a name almost as long as names can be" "$REFRENDA" sign "$(printf 'n%.0s' {1..250})" -o long.pdf --p12 "$PKI/signer.p12" --pass-file "$PKI/password.txt" --quiet

cat >prompt.py <<'END'
import os, pty, signal, sys, termios, time
pid, terminal = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs are started without
    os.execv(sys.argv[1], sys.argv[1:])
def echo():
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
for _ in range(6000):
    if not echo():
        break
    time.sleep(0.01)
quiet = not echo()
os.write(terminal, b"\x03")
for _ in range(6000):
    if echo():
        break
    time.sleep(0.01)
print("quiet" if quiet else "loud", "again" if echo() else "mute", os.WTERMSIG(os.waitpid(pid, 0)[1]))
END
check_says "quiet again 2" "Ctrl-C at the prompt leaves the terminal with its echo" python3 prompt.py "$REFRENDA" sign in.pdf -o x.pdf --p12 "$PKI/signer.p12"

cat >program.cc <<'END'
#include <refrenda.h>
int main()
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_sign_options sign = RFD_SIGN_OPTIONS_INIT;
    struct rfd_verify_options verify = RFD_VERIFY_OPTIONS_INIT;
    return error.code == RFD_OK && sign.time == RFD_TIME_NONE && verify.size == sizeof verify ? 0 : 1;
}
END
for compiler in g++ clang++-14; do
    if ! have "$compiler"; then
        skip "no $compiler"
        continue
    fi
    check "the headers in C++: $compiler" "$compiler" -std=c++11 -Wall -Wextra -Wpedantic -Werror -I"$SOURCE/include" program.cc -o program
    check "what it initialises" ./program
done
check "a closed pipe is no crash" bash -c '"$REFRENDA" verify out.pdf --trust pki/root.pem | head -n 1'
check "no secret in the process list" bash -c '! "$REFRENDA" sign --help | grep -E -- "--(password|pin)[ =]"'
finish
