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
    --color) COMPREPLY=($(compgen -W 'auto always never ' -- "$current")); return ;;
    esac
    if [ "$COMP_CWORD" = 1 ]; then
        words='sign endorse preview timestamp extend verify fields inspect certs help '
    else
        case $command in
        sign) words='--output --out-dir --in-place --force --batch --jobs --p12 --key --cert --chain --pkcs11 --pass-file --pass-env --pin-file --level --tsa --reason --location --contact --name --field --certify --lock --digest --pss --stamp --look --page --place --marker --stamp-size --margin --stamp-text --image --crest --qr --post --number --font --trust --require-trust --offline --document-pass-file --repair --report --prepare --embed --session --signature --json --quiet --verbose --color --lang --help ' ;;
        endorse) words='--output --out-dir --in-place --force --batch --jobs --p12 --key --cert --chain --pkcs11 --pass-file --pass-env --pin-file --level --tsa --location --contact --name --field --lock --digest --pss --stamp --look --page --place --marker --stamp-size --margin --stamp-text --image --crest --qr --post --number --font --trust --require-trust --offline --document-pass-file --repair --report --json --quiet --verbose --color --lang --help ' ;;
        preview) words='--output --force --dpi --cert --reason --location --name --field --stamp --look --page --place --marker --stamp-size --margin --stamp-text --image --crest --qr --post --number --font --document-pass-file --json --quiet --verbose --color --lang --help ' ;;
        timestamp) words='--output --out-dir --in-place --force --batch --jobs --tsa --field --digest --trust --require-trust --offline --document-pass-file --repair --report --json --quiet --verbose --color --lang --help ' ;;
        extend) words='--output --out-dir --in-place --force --batch --jobs --level --tsa --digest --trust --require-trust --offline --document-pass-file --report --json --quiet --verbose --color --lang --help ' ;;
        verify) words='--trust --offline --at --report --force --document-pass-file --json --quiet --verbose --color --lang --help ' ;;
        fields) words='--document-pass-file --json --quiet --verbose --color --lang --help ' ;;
        inspect) words='--pdfa --document-pass-file --json --quiet --verbose --color --lang --help ' ;;
        certs) words='--pkcs11 --pin-file --pass-file --pass-env --url --force --json --quiet --verbose --color --lang --help ' ;;
        help) words='--json --quiet --verbose --color --lang --help ' ;;
        esac
    fi
    if [[ $COMP_CWORD -gt 1 && $current != -* ]]; then
        COMPREPLY=($(compgen -f -- "$current"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    fi
}
complete -o filenames -F _refrenda refrenda
