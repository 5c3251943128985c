#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# docs/dependencies.md says what each package is for, those that are installed and no other.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have python3 || skip_all "no python3"

DOCUMENT=$SOURCE/docs/dependencies.md
told() { # group: packages of the first column of its table
    sed -n "/^### $1\$/,/^##* /p" "$DOCUMENT" | sed -n 's/^| \(`[^|]*\)|.*/\1/p' | grep -o '[^ `]*' | sort
}
for group in build run test lint bench; do
    "$SOURCE/scripts/install-dependencies" --list "$group" | sort >listed
    told "$group" >told
    check "there are packages in the group $group" test -s listed
    check "each has its reason, and no other has" diff listed told
done
npm_packages() {
    python3 - "$SOURCE/package.json" <<'END'
import json, sys
package = json.load(open(sys.argv[1]))
for kind in ("dependencies", "devDependencies"):
    for name, version in package.get(kind, {}).items():
        print(name, version.lstrip("^~"))
END
}
while read -r package; do
    check "npm: $package" grep -qwF -- "$package" "$DOCUMENT"
done < <(npm_packages)
finish
