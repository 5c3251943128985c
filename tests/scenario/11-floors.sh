#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The floors: every file uses only what lies below it, and whoever goes up is told.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have python3 || skip_all "no python3"

check "no file of the tree uses what lies above it" "$SOURCE/scripts/floors" "$SOURCE"
for folder in "$SOURCE"/src/*/; do
    check "the architecture tells what src/$(basename "$folder") is" grep -q "^| \`src/$(basename "$folder")\`" "$SOURCE/docs/architecture.md"
done

# A house of two rooms, in which one line is wrong at a time.
try() { # file, line
    rm -rf house && mkdir -p house/src/base house/src/pki house/src/http house/include
    echo '#include "base/buf.h"' >house/src/pki/cms.c
    echo "$2" >>"house/$1"
    "$SOURCE/scripts/floors" house
}
check "down is fine" try src/http/router.c '#include "base/buf.h"'
check "so are the machine's own headers" try src/base/buf.c '#include <stdlib.h>'
check_status 1 "up is not" try src/base/buf.c '#include "pki/cms.h"'
check_log 'src/base/buf.c: base may not use "pki/cms.h"' "and it says where"
check_status 1 "nor are neighbours" try src/http/router.c '  #  include "pki/cms.h"'
check_status 1 "nor names without a floor" try src/base/buf.c '#include "slice.h"'
check_status 1 "nor floors that there are none of" try src/base/buf.c '#include "attic/trunk.h"'
check_status 1 "nor the inside from the public face" try include/refrenda.h '#include <base/buf.h>'
mkdir -p house/src/attic && echo >house/src/attic/trunk.c
check_status 1 "nor a folder that is no floor" "$SOURCE/scripts/floors" house
finish
