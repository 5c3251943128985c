# SPDX-License-Identifier: EUPL-1.2
# A whole platform with people for scripts: source it after authority.sh.
#
#   platform_init HOME [DATABASE [PEOPLE]]   an authority with the demonstration's people, and pages: WEB_PORT, WEB_URL, DATABASE
#   platform_pages HOME                      only the web section; when WEB_URL is set, behind that address
#   platform_crowd WHAT ARGUMENT...          tests/support/platform_crowd.py on that database

platform_init() { # home [database [people]]
    local home=$1
    DATABASE=${2:-sqlite:$home/data/refrenda.db}
    authority_init "$home" "${2:-}" && platform_pages "$home" && "$REFRENDA" demo fill --home "$home" &&
        platform_crowd people --count "${3:-200}"
}

platform_pages() { # home: checking passwords costs little here, there are many at once
    read -r WEB_PORT < <(free_ports 1)
    : "${WEB_URL:=http://localhost:$WEB_PORT}"
    printf 'web:\n  listen: ["127.0.0.1:%s"]\n  url: "%s"\n  blobs: "%s"\n  argon_kib: 8192\n  argon_passes: 1\n  posts_per_minute: 0\n' \
        "$WEB_PORT" "$WEB_URL" "$WORK/blobs" >>"$1/refrenda.yaml"
}

platform_crowd() { # what argument...
    python3 "$SOURCE/tests/support/platform_crowd.py" "$1" --database "$DATABASE" "${@:2}"
}
