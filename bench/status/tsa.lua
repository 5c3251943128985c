-- SPDX-License-Identifier: EUPL-1.2
-- wrk: the time-stamp request in the file $QUERY, again and again.
local whole

function init(args)
    local file = io.open(os.getenv("QUERY"), "rb")
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/timestamp-query"
    whole = wrk.format(nil, nil, nil, file:read("*a"))
    file:close()
end

function request()
    return whole
end
