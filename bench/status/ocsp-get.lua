-- SPDX-License-Identifier: EUPL-1.2
-- wrk: OCSP requests by GET, one after the other from the file $REQUESTS (base64 with its padding, a line each).
local list = {}
local at = 0
local thread_number = 0

function setup(thread)
    thread_number = thread_number + 1
    thread:set("number", thread_number)
end

function init(args)
    for line in io.lines(os.getenv("REQUESTS")) do
        list[#list + 1] = wrk.format("GET", "/ocsp/" .. line:gsub("/", "%%2F"):gsub("+", "%%2B"):gsub("=", "%%3D"))
    end
    at = (number - 1) * 7919
end

function request()
    at = at + 1
    return list[at % #list + 1]
end
