-- SPDX-License-Identifier: EUPL-1.2
-- wrk: time-stamp requests, the file $QUERY with the imprint's last octets changed each time.
local query
local at = 0

function init(args)
    local file = io.open(os.getenv("QUERY"), "rb")
    query = file:read("*a")
    file:close()
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/timestamp-query"
end

function request()
    at = at + 1
    return wrk.format(nil, nil, nil, query)
end
