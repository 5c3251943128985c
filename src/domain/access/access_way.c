/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of a request's life (access_states.def), looked up.
 */
#include "domain/access/access_internal.h"

#include "base/error.h"
#include "base/i18n.h"

static const struct access_way ways[] = {
#define ACCESS_WAY(event, from, to, who, effect, action)                                                               \
    {ACCESS_EVENT_##event, ACCESS_##from, ACCESS_##to, who, effect, action},
#include "domain/access/access_states.def"
#undef ACCESS_WAY
};

static const struct {
    const char *text, *title;
} states[ACCESS_STATES] = {
    [ACCESS_NONE] = {"", ""},
#define ACCESS_STATE(name, text, english) [ACCESS_##name] = {text, english},
#include "domain/access/access_states.def"
#undef ACCESS_STATE
};

static const struct {
    const char *text, *title;
} events[ACCESS_EVENTS] = {
#define ACCESS_EVENT(name, text, english) [ACCESS_EVENT_##name] = {text, english},
#include "domain/access/access_states.def"
#undef ACCESS_EVENT
};

const char *access_state_text(enum access_state state)
{
    return states[state].text;
}

const char *access_event_text(enum access_event_kind event)
{
    return events[event].text;
}

const char *access_state_title(slice state)
{
    for (unsigned i = 0; i < ACCESS_STATES; i++) {
        if (slice_is(state, states[i].text)) return states[i].title;
    }
    return "";
}

const char *access_state_tone(slice state)
{
    if (slice_is(state, "approved")) return "good";
    if (slice_is(state, "rejected") || slice_is(state, "denied")) return "bad";
    return slice_is(state, "sent") ? "warn" : "neutral";
}

const char *access_event_title(slice event)
{
    for (unsigned i = 0; i < ACCESS_EVENTS; i++) {
        if (slice_is(event, events[i].text)) return events[i].title;
    }
    return "";
}

const char *role_title(slice name)
{
    enum role role;
    return role_from_name(name, &role) ? role_info(role)->title : "";
}

const struct access_way *access_way(enum access_event_kind event, enum access_state from)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (ways[i].event == event && ways[i].from == from) return &ways[i];
    }
    return NULL;
}

rfd_status access_way_needed(enum access_event_kind event, slice from, const struct access_way **out,
                             struct rfd_error *error)
{
    const struct access_way *way = NULL;
    for (unsigned i = 0; i < ACCESS_STATES && way == NULL; i++) {
        if (slice_is(from, states[i].text)) way = access_way(event, (enum access_state)i);
    }
    if (way == NULL)
        return error_set(error, RFD_E_STATE, "a request that is \"%.*s\" cannot be %s", (int)from.length,
                         (const char *)from.data, events[event].text);
    *out = way;
    return RFD_OK;
}
