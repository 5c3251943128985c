/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/authority/state.h"

#include "base/error.h"

static const struct certificate_way ways[] = {
#define CERTIFICATE_WAY(event, from, to, who, action)                                                                  \
    {CERTIFICATE_EVENT_##event, CERTIFICATE_##from, CERTIFICATE_##to, who, action},
#include "domain/authority/certificate_states.def"
#undef CERTIFICATE_WAY
};

const char *certificate_state_name(enum certificate_state state)
{
    switch (state) {
    case CERTIFICATE_NONE: break;
#define CERTIFICATE_STATE(name, text, number)                                                                          \
    case CERTIFICATE_##name:                                                                                           \
        return text;
#include "domain/authority/certificate_states.def"
#undef CERTIFICATE_STATE
    }
    return "";
}

static const char *event_name(enum certificate_event event)
{
    static const char *const names[] = {
#define CERTIFICATE_EVENT(name, text) text,
#include "domain/authority/certificate_states.def"
#undef CERTIFICATE_EVENT
    };
    return names[event];
}

const struct certificate_way *certificate_way(enum certificate_event event, enum certificate_state from)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (ways[i].event == event && ways[i].from == from) return &ways[i];
    }
    return NULL;
}

rfd_status certificate_way_needed(enum certificate_event event, enum certificate_state from,
                                  const struct certificate_way **out, struct rfd_error *error)
{
    const struct certificate_way *way = certificate_way(event, from);
    if (way == NULL)
        return error_set(error, RFD_E_STATE, "a certificate that is %s cannot be %s",
                         from == CERTIFICATE_NONE ? "not there" : certificate_state_name(from), event_name(event));
    *out = way;
    return RFD_OK;
}
