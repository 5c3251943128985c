#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The catalogues: complete, well-formed, and with the same printf directives as the sources' messages.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have xgettext msgmerge msgfmt msgattrib python3 || skip_all "no gettext tools"

prints_nothing() {
    "$@" >printed || return 1
    cat printed
    [ ! -s printed ]
}
same_directives() { # catalogue
    python3 - "$1" <<'PYTHON'
import ast, re, sys

# The keyword a line begins with, and the text of that line and of those that continue it.
LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[\d+\])? )?(".*")$')
DIRECTIVE = re.compile(r'%(?:\d+\$)?[-+#0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|j|z|t|L)?[diouxXeEfFgGaAcspn%]')
entries = []
for line in open(sys.argv[1], encoding='utf-8'):
    found = LINE.match(line)
    if not found:
        continue
    keyword, text = found.group(1), ast.literal_eval(found.group(2))
    if keyword == 'msgid':
        entries.append([])
    if keyword:
        entries[-1].append([keyword, text])
    else:
        entries[-1][-1][1] += text
wrong = 0
for entry in entries:
    wanted = DIRECTIVE.findall(entry[0][1])
    for keyword, text in entry[1:]:
        if entry[0][1] and DIRECTIVE.findall(text) != wanted:
            print(f'{entry[0][1]!r}: {keyword} {text!r}')
            wrong += 1
print(len(entries) - 1, 'messages,', wrong, 'wrong')
sys.exit(wrong > 0 or len(entries) < 2)
PYTHON
}

check "the messages can be extracted" "$SOURCE/scripts/catalogues" --extract "$PWD/fresh.pot"
check "there are some" test -s fresh.pot
for language in es ca; do
    check "$language is well-formed" msgfmt -c --check-format -o "$language.mo" "$SOURCE/po/$language.po"
    check "$language can be merged" msgmerge -q --no-fuzzy-matching --no-wrap -o "$language.po" "$SOURCE/po/$language.po" fresh.pot
    check "$language has no untranslated message" prints_nothing msgattrib --untranslated --no-wrap "$language.po"
    check "$language has no fuzzy message" prints_nothing msgattrib --only-fuzzy --no-obsolete --no-wrap "$SOURCE/po/$language.po"
    check "$language keeps the printf directives" same_directives "$SOURCE/po/$language.po"
done
finish
