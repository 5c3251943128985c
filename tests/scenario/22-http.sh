#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The HTTP floor, seen by curl and by clients that behave oddly.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

SERVER=$BUILD/tests/http/http-server
[ -x "$SERVER" ] || skip_all "no http-server in this build"
have curl python3 || skip_all "no curl or python3"

serve() { # argument...
    stop_servers
    wait
    rm -f port
    "$SERVER" 127.0.0.1:0 ${UNIX-unix:socket} per-network=100000 "$@" >port 2>>server.log &
    SERVERS+=($!)
    eventually test -s port
    PORT=$(cat port)
    URL=http://127.0.0.1:$PORT
}
ask() { # path curl-option...
    local path=$1
    shift
    curl --silent --show-error --max-time 60 --path-as-is "$@" "$URL$path"
}
status_of() { ask "$@" --output /dev/null --write-out '%{http_code}\n'; }
hostile() { timeout 300 python3 "$SOURCE/tests/http/hostile.py" "$PORT" "$1" "${SERVERS[0]}"; }

serve header-seconds=2 body-seconds=2 idle-seconds=2
head -c 3000000 /dev/urandom >served

# Routes.
check_says 200 "a static answer" status_of /static
check_says 200 "a handler of the pool" status_of /pooled
check_says "[a]=[á+b]" "a path is decoded once, + stays +" ask /part/%C3%A1+b/x/c
check_says "[a]=[%41]" "once" ask /part/%2541/x/c
check_says "[rest]=[a/b//c+d==]" "what follows, slashes and all" ask /tail/a%2Fb//c+d==
check_says 404 "an encoded slash is no separator, nor part of a segment" status_of /part/a%2Fb/x/c
check_says 404 "an empty segment is none" status_of /part//x/c
check_says 404 "a path that is not there" status_of /nope
check_says 404 "another path with a slash at its end" status_of /plain/
for path in /tail/../plain /tail/%2e%2e/plain /tail/.%2e%2fplain /tail/a%5c..%5cb /tail/%zz /tail/%4 /tail/%ff /tail/%0a /tail/%00 /./plain; do
    check_says 400 "refused: $path" status_of "$path"
done
check_says "Allow: GET, HEAD, OPTIONS" "another method: which there are" ask /plain --include --request DELETE
check_log "405 Method Not Allowed" "and 405"
check_says "Allow: POST, PUT, OPTIONS" "OPTIONS" ask /echo --include --request OPTIONS
check_says 204 "OPTIONS *" status_of /plain --request OPTIONS --request-target '*'
check_says 501 "a method that nobody knows" status_of /plain --request BREW
check_says 404 "OPTIONS of nothing" status_of /nope --request OPTIONS

# Queries, forms, uploads.
check_says "[a]=[1]
[a]=[2]
[b]=[x y+z]" "a query, with a name twice" ask '/query?a=1&&a=2&b=x+y%2Bz'
check_says 400 "a query that is none" status_of '/query?a=%g0'
check_says "[n]=[Núñez & Co]" "a form" ask /form --data-urlencode 'n=Núñez & Co'
check_says 415 "another type" status_of /form --data '{}' --header 'Content-Type: application/json'
check_says '[doc] [a%22b.pdf] 3000000' "an upload" ask /upload --form 'doc=@served;filename="a\"b.pdf"' --form 'x=y'
check_log "[x] [] 1" "its other part"
check_says 400 "multipart without its end" status_of /upload --header 'Content-Type: multipart/form-data; boundary=q' --data-binary $'--q\r\nContent-Disposition: form-data; name=a\r\n\r\nb'
check "no file is left of an upload" bash -c '[ "$(ls | grep -cvE "^(port|server.log|served|socket)$")" = 0 ]'
check_says "3000000 bytes" "a large body" ask /raw --data-binary @served --header 'Expect:'
check_says 413 "a body that is too large" status_of /echo --data-binary @served
check_says "[q1]" "a cookie" ask /cookies --header 'Cookie: x=1; session=q1; session=q2'

# Answers.
check_says "Content-Length: 900" "HEAD" ask /plain --head
check_says 304 "what the client has: by its tag" status_of /static --header 'If-None-Match: "other", W/"static-1"'
check_says 200 "another tag" status_of /static --header 'If-None-Match: "other"'
check_says 304 "by its date" status_of /static --header 'If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT'
check_says 200 "an older date" status_of /static --header 'If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT'
check_says 304 "a page's tag" status_of /page --header 'If-None-Match: "page-1"'
check_says "Content-Security-Policy: default-src 'none'" "a page's headers" ask /page --include
check_log "X-Content-Type-Options: nosniff" "no sniffing"
check "a file" bash -c 'curl --silent "$0/file" | cmp - served' "$URL"
check_says '"code":"not-signed"' "an error" ask /fail/x --include
check_log "application/problem+json" "is a problem"
check_says '"code":"io-read"' "an error of the machine" ask /fail/machine
check "does not tell what was wrong inside" bash -c '! grep -q secret "$0"' "$LOG"
check_says 500 "a header that would break apart" status_of /fail/header
check_says 500 "a redirect to strangers" status_of /fail/redirect
check_says "127.0.0.1" "who asks: the other end" ask /who --header 'X-Forwarded-For: 192.0.2.7'
check_says "192.0.2.7" "behind a Unix socket: who it says" curl --silent --unix-socket socket http://x/who --header 'X-Forwarded-For: 10.0.0.1, 192.0.2.7'
check "nothing of queries and forms in the log" bash -c '! grep -E "Núñez|a=1|q1" server.log'

for case in framing chunks lengths sizes lines nul pipeline versions come-and-go slow-header slow-body idle; do
    check "$case" hostile "$case"
done
check "it is alive and ends when told to" bash -c 'kill -TERM "$0"; for i in $(seq 600); do kill -0 "$0" 2>/dev/null || exit 0; sleep 0.1; done; exit 1' "${SERVERS[0]}"
SERVERS=()

head -c 60000000 /dev/zero >served
serve answer-seconds=1 minimum-rate=10000000
check "slow-answer" hostile slow-answer
serve connections=20 threads=1
check "full" hostile full
serve connections=4000 header-seconds=600
check "crowd" hostile crowd
serve workers=2 queue=4
check "busy" hostile busy
serve body-memory=1000000
check "memory" hostile memory
serve per-network=8
check "network" hostile network
serve proxy=127.0.0.0/8
check_says "192.0.2.7" "a proxy is believed" ask /who --header 'X-Forwarded-For: 10.0.0.1, 192.0.2.7'
check_says "192.0.2.8" "the line that it added, not the client's" ask /who --header 'X-Forwarded-For: 192.0.2.7' --header 'X-Forwarded-For: 192.0.2.8'

# Stopping: who is being served is served; sockets that somebody else opened.
serve
ask /slow/10000 >slow.txt &
SLOW=$!
works() { ask /counters | grep -qx 'working 1'; }
check "a request is at work" eventually works
kill -TERM "${SERVERS[0]}"
wait "$SLOW"
check_says slept "a request that was at work is answered" cat slow.txt
SERVERS=()
check_says 200 "a socket that was handed over" python3 - "$SERVER" <<'END'
import os, socket, subprocess, sys, urllib.request
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
if s.fileno() != 3:
    os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
p = subprocess.Popen(["/bin/sh", "-c", f"LISTEN_PID=$$ LISTEN_FDS=1 exec {sys.argv[1]} inherited=1"], close_fds=False, stdout=subprocess.PIPE)
p.stdout.readline()
print(urllib.request.urlopen(f"http://127.0.0.1:{s.getsockname()[1]}/plain", timeout=60).status)
p.terminate()
p.wait()
END

# Answers that come later, seen by a client.
serve
check_says 200 "an answer that comes later" status_of /later

# TLS. Who signs for clients is not who signs for servers.
authority() { # name
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -days 30 -subj "/CN=$1" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign >>openssl.log 2>&1
}
certificate() { # name authority days extension...
    local name=$1 authority=$2 days=$3
    shift 3
    printf '%s\n' basicConstraints=CA:FALSE "$@" >"$name.ext"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=$name" >>openssl.log 2>&1
    openssl x509 -req -in "$name.csr" -CA "$authority.pem" -CAkey "$authority.key" -CAcreateserial -days "$days" \
        -extfile "$name.ext" -out "$name.pem" >>openssl.log 2>&1
    openssl x509 -in "$name.pem" -outform DER -out "$name.der"
}
serve_tls() { # argument...
    serve tls=. "$@"
    URL=https://127.0.0.1:$PORT
}
with() { # certificate path curl-option...: as who?
    local name=$1 path=$2
    shift 2
    ask "$path" --cacert site.pem --cert "$name.pem" --key "$name.key" "$@"
}
for name in site clients other; do authority $name; done
certificate server site 30 subjectAltName=IP:127.0.0.1 extendedKeyUsage=serverAuth
certificate good clients 30 keyUsage=critical,digitalSignature extendedKeyUsage=clientAuth
certificate signer clients 30 keyUsage=critical,nonRepudiation
certificate mail clients 30 keyUsage=critical,digitalSignature extendedKeyUsage=emailProtection
certificate stranger other 30 keyUsage=critical,digitalSignature extendedKeyUsage=clientAuth
certificate expired clients -1 keyUsage=critical,digitalSignature extendedKeyUsage=clientAuth
serve_tls header-seconds=2 idle-seconds=60
for version in "--tlsv1.3" "--tls-max 1.2"; do
    check_says 200 "TLS $version" status_of /static --cacert site.pem $version
    check_says 404 "no certificate $version" status_of /certificate --cacert site.pem $version
    with good /certificate $version >seen.der
    check "a certificate, as it is $version" cmp seen.der good.der
    for name in mail stranger expired; do
        check_says 404 "not seen: $name $version" with $name /certificate $version --output /dev/null --write-out '%{http_code}\n'
    done
    for name in good stranger expired; do # for who knows it by its octets (RFC 8705)
        with $name /shown $version >seen.der
        check "shown: $name $version" cmp seen.der $name.der
    done
    check "not seen: signer $version" bash -c '! "$@" | grep -q signer' - curl --silent --cacert site.pem --cert signer.pem --key signer.key $version "$URL/certificate"
done
check "TLS 1.1 is over" bash -c '! openssl s_client -connect "$0" -tls1_1 -cipher ALL:@SECLEVEL=0 </dev/null 2>&1 | grep -q "Cipher is [A-Z]*-"' "127.0.0.1:$PORT"
check "no cipher without forward secrecy" bash -c '! openssl s_client -connect "$0" -tls1_2 -cipher AES128-GCM-SHA256:AES128-SHA:ECDHE-ECDSA-AES128-SHA </dev/null 2>&1 | grep -q "Cipher is [A-Z]*-"' "127.0.0.1:$PORT"
check "a large body" bash -c 'head -c 3000000 served >part; curl --silent --cacert site.pem --data-binary @part "$0/raw" | grep -q "3000000 bytes"' "$URL"
check "a large answer" bash -c 'curl --silent --cacert site.pem "$0/file" | cmp - served' "$URL"
check_says 200 "later" status_of /later --cacert site.pem
for case in slow-handshake plain-to-tls; do
    check "$case" hostile "$case"
done
serve_tls header-seconds=2 body-seconds=2 idle-seconds=2
export TLS=1
for case in framing chunks lengths sizes lines nul pipeline versions slow-header slow-body; do
    check "$case over TLS" hostile "$case"
done
unset TLS
serve_tls header-seconds=600 idle-seconds=600
check "tls-idle" hostile tls-idle
check "stopped in the middle of handshakes" python3 - "$PORT" "${SERVERS[0]}" <<'END'
import os, signal, socket, sys, time
held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(50)]
for i, s in enumerate(held):
    s.sendall(b"\x16\x03\x01\x02\x00\x01"[:i % 7])
time.sleep(0.3)
os.kill(int(sys.argv[2]), signal.SIGTERM)
for _ in range(600):
    if not os.path.exists(f"/proc/{sys.argv[2]}"):
        sys.exit(0)
    time.sleep(0.1)
sys.exit(1)
END
SERVERS=()
serve_tls demand
check "demanded and there" bash -c '"$@" | cmp - good.der' - curl --silent --cacert site.pem --cert good.pem --key good.key "$URL/certificate"
for name in signer mail stranger expired; do
    for version in "--tlsv1.3" "--tls-max 1.2"; do
        check "demanded, but $name $version" bash -c '! "$@"' - curl --silent --max-time 60 --cacert site.pem --cert $name.pem --key $name.key $version "$URL/plain"
    done
done
check "demanded, but none" bash -c '! curl --silent --max-time 60 --cacert site.pem "$0/plain"' "$URL"
check_status 1 "a key of another certificate" bash -c 'mkdir wrong && cp server.pem clients.pem wrong/ && cp good.key wrong/server.key && "$0" 127.0.0.1:0 tls=wrong' "$SERVER"

# Inside a sandbox: sockets and threads, no files; a Unix socket is a file.
UNIX=
serve sandbox=1
check_says 200 "in a sandbox" status_of /plain
check_says 200 "later, in a sandbox" status_of /later
check "a file that was open before" bash -c 'curl --silent "$0/file" | cmp - served' "$URL"
check_says "3000000 bytes" "a large body, in memory" ask /raw --data-binary @part --header 'Expect:'
check "sizes, in a sandbox" hostile sizes
serve_tls sandbox=1
with good /certificate >seen.der
check "TLS in a sandbox" cmp seen.der good.der
check "plain-to-tls" hostile plain-to-tls

# Idle and dripping connections, in hundreds here; thousands: see hostile.py --help.
serve header-seconds=600 connections=1000 connection-memory=6144
check "a siege" timeout 500 python3 "$SOURCE/tests/http/hostile.py" --url "$URL" --path /static --pid "${SERVERS[0]}" --idle 1500 --dripping 100 \
    --seconds 2 --most-milliseconds 5000 --most-megabytes 1000
check_status 1 "no address" "$SERVER"
check_status 1 "an address that is none" "$SERVER" localhost:80
stop_servers
wait
check "no sanitizer complained" bash -c '! grep -aE -A20 "Sanitizer|runtime error" server.log'
finish
