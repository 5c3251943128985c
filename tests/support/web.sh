# SPDX-License-Identifier: EUPL-1.2
# The pages for scripts: source it after authority.sh.
#
#   web_settings HOME [MORE]     writes the web section: WEB_PORT, WEB_URL; MORE are lines of the section
#   page METHOD PATH [ARGUMENT...]     a browser's request by curl: head in $WORK/head, body in $WORK/body
#   page_status / page_header NAME     of the last answer
#   web_child_memory             VmHWM of the process of pages, in KiB

web_settings() { # home [more]
    read -r WEB_PORT < <(free_ports 1)
    WEB_URL=http://localhost:$WEB_PORT
    printf 'web:\n  listen: ["127.0.0.1:%s"]\n  url: "%s"\n%s' "$WEB_PORT" "$WEB_URL" "${2:-}" >>"$1/refrenda.yaml"
}

page() { # method path arguments...
    local method=$1 path=$2
    shift 2
    curl -s -m 60 --path-as-is -X "$method" -o "$WORK/body" -D "$WORK/head" \
        -H 'Accept: text/html,application/xhtml+xml,*/*;q=0.8' -b "$WORK/cookies" -c "$WORK/cookies" "$@" "$WEB_URL$path"
}

page_status() { sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$WORK/head" | tail -n 1; } # after any 100
page_header() { tr -d '\r' <"$WORK/head" | sed -n "s/^$1: //Ip"; }
page_token() { sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$WORK/body" | head -n 1; }

answers() { # status method path arguments...
    local wanted=$1
    shift
    page "$@"
    [ "$(page_status)" = "$wanted" ] || {
        cat "$WORK/head"
        echo "wanted $wanted"
        return 1
    }
}

web_child_memory() { sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$(authority_child web)/status"; }
