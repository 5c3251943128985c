# bash completion for refrenda, printed by: refrenda help completion bash
_refrenda()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]} words=
    case $previous in
    --output) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --out-dir) COMPREPLY=($(compgen -d -- "$current")); return ;;
    --batch) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --p12) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --key) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --cert) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --chain) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --pass-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --pin-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --csc-secret-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --csc-token-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --csc-pin-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --csc-otp-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --csc-authorities) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --document-pass-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --level) COMPREPLY=($(compgen -W 'B-B B-T B-LT B-LTA ' -- "$current")); return ;;
    --certify) COMPREPLY=($(compgen -W '1 2 3 ' -- "$current")); return ;;
    --digest) COMPREPLY=($(compgen -W 'sha256 sha384 sha512 ' -- "$current")); return ;;
    --session) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --signature) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --report) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --report) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --stamp) COMPREPLY=($(compgen -W 'text image image-left image-above strip ' -- "$current")); return ;;
    --look) COMPREPLY=($(compgen -W 'approval endorsement holder notification ' -- "$current")); return ;;
    --image) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --crest) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --font) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --trust) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --home) COMPREPLY=($(compgen -d -- "$current")); return ;;
    --plan) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --root) COMPREPLY=($(compgen -d -- "$current")); return ;;
    --share) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --revoke) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --pass-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --master) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --node) COMPREPLY=($(compgen -W 'whole pages ' -- "$current")); return ;;
    --index) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --cert-dir) COMPREPLY=($(compgen -d -- "$current")); return ;;
    --crl-number) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --request) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --new-key) COMPREPLY=($(compgen -W 'P-256 P-384 RSA-2048 RSA-3072 RSA-4096 ' -- "$current")); return ;;
    --new-pass-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --approval) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --write-approval) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --reason) COMPREPLY=($(compgen -W 'unspecified keyCompromise affiliationChanged superseded cessationOfOperation privilegeWithdrawn ' -- "$current")); return ;;
    --state) COMPREPLY=($(compgen -W 'valid held revoked expired ' -- "$current")); return ;;
    --pass-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --second-p12) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --second-pass-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --key) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --state) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --certificate) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --cert) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never ' -- "$current")); return ;;
    esac
    if [ "$COMP_CWORD" = 1 ]; then
        words='sign endorse preview timestamp extend verify fields inspect certs help ca account organisation demo log audit '
    else
        [ "$command" = ca ] && command="ca ${COMP_WORDS[2]}"
        [ "${COMP_WORDS[1]} $COMP_CWORD" = 'ca 2' ] && words='init sign-request status issue renew revoke hold release list show crl log register unregister clock backup restore import '
        [ "$command" = account ] && command="account ${COMP_WORDS[2]}"
        [ "${COMP_WORDS[1]} $COMP_CWORD" = 'account 2' ] && words='create unlock '
        [ "$command" = organisation ] && command="organisation ${COMP_WORDS[2]}"
        [ "${COMP_WORDS[1]} $COMP_CWORD" = 'organisation 2' ] && words='import '
        [ "$command" = demo ] && command="demo ${COMP_WORDS[2]}"
        [ "${COMP_WORDS[1]} $COMP_CWORD" = 'demo 2' ] && words='fill seal '
        [ "$command" = log ] && command="log ${COMP_WORDS[2]}"
        [ "${COMP_WORDS[1]} $COMP_CWORD" = 'log 2' ] && words='verify '
        [ "$command" = audit ] && command="audit ${COMP_WORDS[2]}"
        [ "${COMP_WORDS[1]} $COMP_CWORD" = 'audit 2' ] && words='verify list '
        case $command in
        'sign') words='--output --out-dir --in-place --force --batch --jobs --p12 --key --cert --chain --pkcs11 --pass-file --pass-env --pin-file --csc --csc-client --csc-secret-file --csc-token-file --csc-credential --csc-pin-file --csc-otp-file --csc-browser --csc-no-browser --csc-redirect --csc-authorities --level --tsa --reason --location --contact --name --field --certify --lock --digest --pss --stamp --look --page --place --marker --stamp-size --margin --stamp-text --image --crest --qr --post --number --font --trust --require-trust --offline --document-pass-file --repair --report --prepare --embed --session --signature --json --quiet --verbose --color --lang --help ' ;;
        'endorse') words='--output --out-dir --in-place --force --batch --jobs --p12 --key --cert --chain --pkcs11 --pass-file --pass-env --pin-file --csc --csc-client --csc-secret-file --csc-token-file --csc-credential --csc-pin-file --csc-otp-file --csc-browser --csc-no-browser --csc-redirect --csc-authorities --level --tsa --location --contact --name --field --lock --digest --pss --stamp --look --page --place --marker --stamp-size --margin --stamp-text --image --crest --qr --post --number --font --trust --require-trust --offline --document-pass-file --repair --report --json --quiet --verbose --color --lang --help ' ;;
        'preview') words='--output --force --dpi --cert --reason --location --name --field --stamp --look --page --place --marker --stamp-size --margin --stamp-text --image --crest --qr --post --number --font --document-pass-file --json --quiet --verbose --color --lang --help ' ;;
        'timestamp') words='--output --out-dir --in-place --force --batch --jobs --tsa --field --digest --trust --require-trust --offline --document-pass-file --repair --report --json --quiet --verbose --color --lang --help ' ;;
        'extend') words='--output --out-dir --in-place --force --batch --jobs --level --tsa --digest --trust --require-trust --offline --document-pass-file --report --json --quiet --verbose --color --lang --help ' ;;
        'verify') words='--trust --offline --at --report --force --document-pass-file --json --quiet --verbose --color --lang --help ' ;;
        'fields') words='--document-pass-file --json --quiet --verbose --color --lang --help ' ;;
        'inspect') words='--pdfa --document-pass-file --json --quiet --verbose --color --lang --help ' ;;
        'certs') words='--pkcs11 --pin-file --pass-file --pass-env --url --force --json --quiet --verbose --color --lang --help ' ;;
        'help') words='--json --quiet --verbose --color --lang --help ' ;;
        'ca init') words='--plan --root --home --json --quiet --verbose --color --lang --help ' ;;
        'ca sign-request') words='--root --share --profile --attribute --crl --revoke --reason --output --force --home --json --quiet --verbose --color --lang --help ' ;;
        'ca status') words='--home --json --quiet --verbose --color --lang --help ' ;;
        'ca issue') words='--authority --profile --attribute --mail --host --mobile --request --new-key --new-pass-file --legacy --request-number --write-approval --approval --p12 --key --cert --pkcs11 --pass-file --pass-env --pin-file --output --force --home --json --quiet --verbose --color --lang --help ' ;;
        'ca renew') words='--authority --request --new-key --new-pass-file --legacy --mobile --request-number --write-approval --approval --p12 --key --cert --pkcs11 --pass-file --pass-env --pin-file --output --force --home --json --quiet --verbose --color --lang --help ' ;;
        'ca revoke') words='--authority --reason --since --yes --home --json --quiet --verbose --color --lang --help ' ;;
        'ca hold') words='--authority --yes --home --json --quiet --verbose --color --lang --help ' ;;
        'ca release') words='--authority --yes --home --json --quiet --verbose --color --lang --help ' ;;
        'ca list') words='--profile --state --ends-before --limit --home --json --quiet --verbose --color --lang --help ' ;;
        'ca show') words='--authority --output --force --home --json --quiet --verbose --color --lang --help ' ;;
        'ca crl') words='--authority --partition --delta --now --output --force --home --json --quiet --verbose --color --lang --help ' ;;
        'ca log') words='--home --json --quiet --verbose --color --lang --help ' ;;
        'ca register') words='--profile --act-for --attribute --home --json --quiet --verbose --color --lang --help ' ;;
        'ca unregister') words='--yes --home --json --quiet --verbose --color --lang --help ' ;;
        'ca clock') words='--yes --home --json --quiet --verbose --color --lang --help ' ;;
        'ca backup') words='--pass-file --node --output --force --home --json --quiet --verbose --color --lang --help ' ;;
        'ca restore') words='--pass-file --master --database --home --json --quiet --verbose --color --lang --help ' ;;
        'ca import') words='--plan --p12 --key --cert --pass-file --pass-env --index --cert-dir --crl-number --authority --home --json --quiet --verbose --color --lang --help ' ;;
        'account create') words='--document --given-names --surname --second-surname --mail --mobile --role --code --pass-file --home --quiet --verbose --color --lang --help ' ;;
        'account unlock') words='--home --quiet --verbose --color --lang --help ' ;;
        'organisation import') words='--entity --dry-run --home --quiet --verbose --color --lang --help ' ;;
        'demo fill') words='--p12 --pass-file --home --quiet --verbose --color --lang --help ' ;;
        'demo seal') words='--p12 --pass-file --second-p12 --second-pass-file --seal-code --home --quiet --verbose --color --lang --help ' ;;
        'log verify') words='--key --state --certificate --json --quiet --verbose --color --lang --help ' ;;
        'audit verify') words='--home --cert --json --quiet --verbose --color --lang --help ' ;;
        'audit list') words='--home --object --actor --limit --json --quiet --verbose --color --lang --help ' ;;
        esac
    fi
    if [[ $COMP_CWORD -gt 1 && $current != -* && ${words:0:2} != [a-z]* ]]; then
        COMPREPLY=($(compgen -f -- "$current"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    fi
}
complete -o filenames -F _refrenda refrenda
