/* SPDX-License-Identifier: EUPL-1.2
 *
 * The tables of registration_states.def, looked up.
 */
#include "base/i18n.h"
#include "domain/registration/internal.h"

static const struct request_way_row ways[] = {
#define REQUEST_WAY(way, event, from, to, who, effect, action)                                                         \
    {WAY_##way, REQUEST_EVENT_##event, REQUEST_##from, REQUEST_##to, who, effect, action},
#include "domain/registration/registration_states.def"
#undef REQUEST_WAY
};

static const struct {
    const char *text, *title;
} states[REQUEST_STATES] = {
    [REQUEST_NONE] = {"", ""},
#define REQUEST_STATE(name, text, english) [REQUEST_##name] = {text, english},
#include "domain/registration/registration_states.def"
#undef REQUEST_STATE
};

static const struct {
    const char *text, *title;
} events[REQUEST_EVENTS] = {
#define REQUEST_EVENT(name, text, english) [REQUEST_EVENT_##name] = {text, english},
#include "domain/registration/registration_states.def"
#undef REQUEST_EVENT
};

static const char *const tones[REQUEST_STATES] = {
    [REQUEST_UNVERIFIED] = "warn", [REQUEST_OBSERVED] = "warn", [REQUEST_ISSUED] = "good",
    [REQUEST_ATTENDED] = "good",   [REQUEST_APPROVED] = "good", [REQUEST_REJECTED] = "bad",
    [REQUEST_CANCELLED] = "bad",   [REQUEST_REVOKED] = "good",  [REQUEST_ASKED] = "warn",
};

static const char *const way_names[] = {
    [WAY_ONLINE] = "online", [WAY_AGENCY] = "agency", [WAY_REVOCATION] = "revocation"};

const char *request_way_name(enum request_way way)
{
    return way_names[way];
}

enum request_way request_way_from(slice name)
{
    for (unsigned i = WAY_AGENCY; i <= WAY_REVOCATION; i++) {
        if (slice_is(name, way_names[i])) return (enum request_way)i;
    }
    return WAY_ONLINE;
}

const char *request_state_name(enum request_state state)
{
    return states[state].text;
}

const char *request_state_title(slice state)
{
    return states[request_state_from(state)].title;
}

const char *request_state_tone(enum request_state state)
{
    return tones[state] == NULL ? "neutral" : tones[state];
}

enum request_state request_state_from(slice name)
{
    for (unsigned i = REQUEST_NONE + 1; i < REQUEST_STATES; i++) {
        if (slice_is(name, states[i].text)) return (enum request_state)i;
    }
    return REQUEST_NONE;
}

const char *request_event_name(enum request_event event)
{
    return events[event].text;
}

const char *request_event_title(enum request_event event)
{
    return events[event].title;
}

enum request_event request_event_from(slice name)
{
    for (unsigned i = 0; i < REQUEST_EVENTS; i++) {
        if (slice_is(name, events[i].text)) return (enum request_event)i;
    }
    return REQUEST_EVENTS;
}

const struct request_way_row *request_way_find(enum request_way way, enum request_event event, enum request_state from,
                                               enum request_state to)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const struct request_way_row *w = &ways[i];
        if (w->way == way && w->event == event && w->from == from && (to == REQUEST_NONE || w->to == to)) return w;
    }
    return NULL;
}

bool request_may(enum request_way way, enum request_event event, enum request_state from)
{
    return request_way_find(way, event, from, REQUEST_NONE) != NULL;
}
