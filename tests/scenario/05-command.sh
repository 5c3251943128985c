#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The command itself: help, manual, completions, languages, JSON against the schemas.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

check "--help" "$REFRENDA" --help
check_says "refrenda $("$REFRENDA" --version | cut -d' ' -f2)" "--version" "$REFRENDA" --version
check_status 64 "no command" "$REFRENDA"
for command in sign endorse timestamp extend verify fields inspect certs help; do
    check "$command --help" "$REFRENDA" "$command" --help
    check_log "Examples:" "$command --help has examples"
    "$REFRENDA" help manual "$command" >page.1
    if have man; then check "the manual page of $command is clean" bash -c '! man --warnings -l page.1 2>&1 >/dev/null | grep .'; else skip "no man"; fi
done
"$SOURCE/scripts/manual" "$REFRENDA" "$WORK/docs"
check "the manual pages in docs/ are those of this command" diff -r "$SOURCE/docs/man" docs/man
check "so are the completions" diff -r "$SOURCE/docs/completion" docs/completion
"$REFRENDA" help completion bash >bash.completion
check "bash completion is sound" bash -n bash.completion
complete_words() { bash -c '. ./bash.completion; COMP_WORDS=(refrenda '"$1"'); COMP_CWORD='"$2"'; _refrenda; echo "${COMPREPLY[@]}"'; }
check_says "verify" "bash completes commands" complete_words "ver" 1
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
check "a closed pipe is no crash" bash -c '"$REFRENDA" verify out.pdf --trust pki/root.pem | head -n 1'
check "no secret in the process list" bash -c '! "$REFRENDA" sign --help | grep -E -- "--(password|pin)[ =]"'
finish
