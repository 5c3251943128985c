-- SPDX-License-Identifier: EUPL-1.2
-- wrk: OCSP requests by POST, one after the other from the file $REQUESTS (hexadecimal, a line each). $NONCE: the last 32
-- octets of each are replaced by a number that never comes twice.
local list = {}
local at = 0
local with_nonce = os.getenv("NONCE") ~= nil
local thread_number = 0

function setup(thread)
    thread_number = thread_number + 1
    thread:set("number", thread_number)
end

function init(args)
    for line in io.lines(os.getenv("REQUESTS")) do
        local bytes = line:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end)
        if with_nonce then bytes = bytes:sub(1, -33) end
        list[#list + 1] = bytes
    end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/ocsp-request"
    at = (number - 1) * 7919
    math.randomseed(os.time() + number)
end

function request()
    at = at + 1
    local body = list[at % #list + 1]
    if with_nonce then body = body .. string.format("%08x%08x%016d", number, math.random(0, 2147483647), at) end
    return wrk.format(nil, nil, nil, body)
end
