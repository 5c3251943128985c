-- SPDX-License-Identifier: EUPL-1.2
-- wrk: whole HTTP requests, all of the same size ($SIZE octets), from the file $REQUESTS, one after the other. With $NONCE,
-- the last ten octets of each are replaced by a number that never comes twice. Nothing is made or parsed here, so that
-- the load generator takes as little as possible of the processors that it shares with what is measured.
local with_nonce = os.getenv("NONCE") ~= nil
local size = tonumber(os.getenv("SIZE"))
local data
local count
local at

function init(args)
    local file = io.open(os.getenv("REQUESTS"), "rb")
    data = file:read("*a")
    file:close()
    count = #data / size
    at = 1000000000 + os.time() % 90000 * 90000
end

function request()
    at = at + 1
    local from = at % count * size
    if with_nonce then return data:sub(from + 1, from + size - 10) .. at end
    return data:sub(from + 1, from + size)
end
