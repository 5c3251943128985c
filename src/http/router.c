/* SPDX-License-Identifier: EUPL-1.2
 *
 * The tree: a node for each part of a pattern, with its words in a list, at most one child for {name} and one for
 * {name*}. A path is cut at its slashes before it is decoded, so that an encoded slash is no separator.
 */
#include "http/router.h"

#include "base/error.h"
#include "base/memory.h"
#include "http/percent.h"

enum { ROUTER_MEMORY = 4 << 20 };

struct target {
    const struct http_route *route;
    slice names[HTTP_PATH_PARTS];
    size_t count;
};

struct node {
    slice word;
    struct node *words, *next_word;
    struct node *part;
    struct node *tail;
    struct target *targets[HTTP_METHODS];
};

struct http_router {
    struct arena arena;
    struct node root;
};

static struct node *child_for(struct http_router *router, struct node *node, slice segment, bool part, bool tail)
{
    struct node **place = tail ? &node->tail : part ? &node->part : &node->words;
    while (!part && !tail && *place != NULL && !slice_equal((*place)->word, segment)) place = &(*place)->next_word;
    if (*place == NULL) {
        *place = arena_zeroed(&router->arena, 1, sizeof **place);
        if (*place != NULL) (*place)->word = segment;
    }
    return *place;
}

/** One part of a pattern: moves `node` to its child, and notes the name of a {name}. */
static rfd_status add_segment(struct http_router *router, slice segment, bool last, struct target *target,
                              struct node **node, struct rfd_error *error)
{
    bool part = segment.length > 2 && segment.data[0] == '{' && segment.data[segment.length - 1] == '}';
    bool tail = part && segment.data[segment.length - 2] == '*';
    if (!part && segment.length > 0 &&
        (memchr(segment.data, '{', segment.length) != NULL || memchr(segment.data, '%', segment.length) != NULL))
        return error_set(error, RFD_E_ARGUMENT, "a pattern's part with a brace or %% inside");
    if (tail && (!last || segment.length < 4))
        return error_set(error, RFD_E_ARGUMENT, "a {name*} that is not the last");
    if (part && target->count == HTTP_PATH_PARTS) return error_set(error, RFD_E_ARGUMENT, "too many parts");
    if (part) target->names[target->count++] = slice_part(segment, 1, segment.length - (tail ? 3 : 2));
    *node = child_for(router, *node, segment, part && !tail, tail);
    return *node == NULL ? arena_failed(&router->arena, error) : RFD_OK;
}

static rfd_status add(struct http_router *router, const struct http_route *route, struct rfd_error *error)
{
    slice rest = slice_text(route->pattern);
    struct node *node = &router->root;
    struct target *target = arena_zeroed(&router->arena, 1, sizeof *target);
    if (target == NULL) return arena_failed(&router->arena, error);
    if (rest.length == 0 || rest.data[0] != '/' || (unsigned)route->method >= HTTP_METHODS || route->handler == NULL)
        return error_set(error, RFD_E_ARGUMENT, "route %s: no path, method or handler", route->pattern);
    size_t segments = 0;
    bool more = true;
    rest = slice_from(rest, 1);
    while (more) {
        more = rest.length > 0 && memchr(rest.data, '/', rest.length) != NULL;
        if (++segments > HTTP_PATH_SEGMENTS)
            return error_set(error, RFD_E_ARGUMENT, "route %s: too long", route->pattern);
        if (add_segment(router, http_cut(&rest, '/'), !more, target, &node, error) != RFD_OK)
            return error_wrap(error, RFD_E_ARGUMENT, "route %s", route->pattern);
    }
    if (node->targets[route->method] != NULL)
        return error_set(error, RFD_E_ARGUMENT, "route %s is there twice", route->pattern);
    target->route = route;
    node->targets[route->method] = target;
    return RFD_OK;
}

rfd_status http_router_new(const struct http_route *routes, size_t count, struct http_router **out,
                           struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct http_router *router = memory_zeroed(1, sizeof *router);
    if (router == NULL) return error_memory(error);
    arena_init(&router->arena, ROUTER_MEMORY);
    for (size_t i = 0; i < count; i++) TRY_OUT(add(router, &routes[i], error));
    *out = router;
    router = NULL;
out:
    http_router_free(router);
    return status;
}

void http_router_free(struct http_router *router)
{
    if (router == NULL) return;
    arena_dispose(&router->arena);
    memory_free(router);
}

/** A path on its way down the tree. */
struct walk {
    slice segments[HTTP_PATH_SEGMENTS]; /* decoded */
    bool plain[HTTP_PATH_SEGMENTS];     /* not empty, no "/" inside: may stand for {name} */
    slice tails[HTTP_PATH_SEGMENTS];    /* as it came, from this segment to the end */
    size_t count;                       /* HTTP_PATH_SEGMENTS + 1: there are more */
    slice values[HTTP_PATH_PARTS];      /* what stands for the {name}s so far */
    slice tail;                         /* what stands for {name*}, not decoded; data is NULL when nothing does */
    bool encoded;                       /* there is something to decode */
};

/** Of a path that was decoded as a whole, and found good. */
static rfd_status decode(const struct walk *walk, slice part, struct arena *a, slice *out, struct rfd_error *error)
{
    if (walk->encoded) return percent_decode(part, PERCENT_PLUS_STAYS, a, out, error);
    *out = part;
    return RFD_OK;
}

static rfd_status cut_path(slice path, struct arena *a, struct walk *walk, struct rfd_error *error)
{
    slice rest = slice_from(path, 1);
    bool more = true;
    walk->count = 0;
    walk->tail = SLICE_EMPTY;
    while (more && walk->count < HTTP_PATH_SEGMENTS) {
        size_t i = walk->count++;
        walk->tails[i] = rest;
        more = rest.length > 0 && memchr(rest.data, '/', rest.length) != NULL;
        TRY(decode(walk, http_cut(&rest, '/'), a, &walk->segments[i], error));
        walk->plain[i] =
            walk->segments[i].length > 0 && memchr(walk->segments[i].data, '/', walk->segments[i].length) == NULL;
    }
    if (more) walk->count++;
    return RFD_OK;
}

static bool has_targets(const struct node *node)
{
    for (int i = 0; i < HTTP_METHODS; i++)
        if (node->targets[i] != NULL) return true;
    return false;
}

/** The node of the segments from `at` on, or NULL. As deep as the longest pattern, at most HTTP_PATH_SEGMENTS. */
static const struct node *descend(const struct node *node, struct walk *walk, size_t at, size_t values)
{
    const struct node *found = NULL;
    if (at == walk->count) return has_targets(node) ? node : NULL;
    if (at == HTTP_PATH_SEGMENTS) return NULL;
    for (const struct node *word = node->words; word != NULL; word = word->next_word)
        if (slice_equal(word->word, walk->segments[at])) found = descend(word, walk, at + 1, values);
    if (found == NULL && node->part != NULL && walk->plain[at]) {
        walk->values[values] = walk->segments[at];
        found = descend(node->part, walk, at + 1, values + 1);
    }
    if (found == NULL && node->tail != NULL && walk->tails[at].length > 0) {
        walk->tail = walk->tails[at];
        found = node->tail;
    }
    return found;
}

static rfd_status fill_parts(const struct target *target, const struct walk *walk, struct arena *a,
                             struct http_fields *out, struct rfd_error *error)
{
    struct http_fields parts = {.count = target->count};
    parts.items = parts.count == 0 ? NULL : arena_zeroed(a, parts.count, sizeof *parts.items);
    if (parts.items == NULL && parts.count > 0) return arena_failed(a, error);
    for (size_t i = 0; i < parts.count; i++) {
        bool tail = walk->tail.data != NULL && i + 1 == parts.count;
        parts.items[i] = (struct http_field){target->names[i], tail ? SLICE_EMPTY : walk->values[i]};
        if (tail) TRY(decode(walk, walk->tail, a, &parts.items[i].value, error));
    }
    *out = parts;
    return RFD_OK;
}

rfd_status http_router_find(const struct http_router *router, enum http_method method, slice path, struct arena *a,
                            struct http_match *out, struct rfd_error *error)
{
    struct walk walk;
    struct http_match match = {0};
    enum http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;
    TRY(percent_decode_path(path, a, &match.path, error));
    walk.encoded = match.path.data != path.data;
    TRY(cut_path(path, a, &walk, error));
    const struct node *node = descend(&router->root, &walk, 0, 0);
    if (node != NULL) {
        for (unsigned i = 0; i < HTTP_METHODS; i++)
            if (node->targets[i] != NULL) match.allowed |= 1U << i;
        const struct target *target = (unsigned)wanted < HTTP_METHODS ? node->targets[wanted] : NULL;
        if (target != NULL) {
            match.route = target->route;
            TRY(fill_parts(target, &walk, a, &match.parts, error));
        }
    }
    *out = match;
    return RFD_OK;
}
