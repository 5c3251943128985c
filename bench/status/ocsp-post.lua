-- SPDX-License-Identifier: EUPL-1.2
-- wrk: OCSP requests by POST, one after the other from the file $REQUESTS (hexadecimal, a line each). $NONCE: the last 32
-- octets of each are replaced by a number that never comes twice. What can be made before is made before, so that the
-- load generator takes as little as possible of the processors that it shares with what is measured.
local list = {}
local at = 0
local with_nonce = os.getenv("NONCE") ~= nil
local thread_number = 0

function setup(thread)
    thread_number = thread_number + 1
    thread:set("number", thread_number)
end

function init(args)
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/ocsp-request"
    for line in io.lines(os.getenv("REQUESTS")) do
        local bytes = line:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end)
        local whole = wrk.format(nil, nil, nil, bytes)
        if with_nonce then whole = whole:sub(1, -11) end
        list[#list + 1] = whole
    end
    at = 1000000000 + number * 100000000 + os.time() % 1000 * 90000
end

function request()
    at = at + 1
    local whole = list[at % #list + 1]
    if with_nonce then return whole .. at end -- ten digits
    return whole
end
