/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the difference analysis share.
 *
 *   difference_graph.c      who refers to whom, in every revision
 *   difference_scan.c       reading objects for their references only
 *   difference_equal.c      deep equality of two values
 *   difference_walk.c       the side-by-side walk that applies the rules of difference_rules.c
 *   difference_rest.c       objects that the walk did not meet
 *   difference_catalog.c    rules of what hangs on the catalog: DSS, extensions, version, metadata
 *   difference_form.c       rules of AcroForm, fields and their widgets
 *   difference_new_field.c  what a field that was not there before may be
 *   difference_annotation.c rules of a page's annotations
 *   difference_structure.c  rules of the structure tree
 *   difference_list.c       which items of two arrays belong together
 *   difference_body.c       bytes of an update that belong to nothing
 */
#ifndef PADES_DIFFERENCE_INTERNAL_H
#define PADES_DIFFERENCE_INTERNAL_H

#include "base/map.h"
#include "pades/difference/difference.h"

/* ---- the graph ---- */

/** What an object looks like; a link to one of the last two kinds is not a way by which its content is used. */
enum graph_kind { GRAPH_PLAIN, GRAPH_STRUCTURE, GRAPH_FIELD };

/** An object as one revision wrote it. */
struct graph_version {
    uint32_t node;
    uint32_t older; /* index + 1 of the version that it replaces, 0 when it is the first */
    uint32_t first_edge, edge_count;
    uint8_t kind; /* enum graph_kind */
    bool used;    /* false: freed */
    bool twofold; /* a dictionary in it has a key twice: readers differ on which one counts */
};

struct graph {
    struct pdf_document *doc;
    uint32_t *numbers; /* object numbers, ascending; the index of one is its node */
    uint32_t node_count;
    uint32_t *direct; /* object number to node + 1, when numbers are dense enough; else NULL */
    uint32_t direct_size;
    struct graph_version *versions; /* in the order of the revisions */
    uint32_t version_count;
    uint32_t *first_version; /* of each revision, and of the one after the last */
    uint32_t *edges;         /* node << 1 | back link */
    uint32_t edge_count, edge_capacity;
    uint32_t *incoming_first; /* for each node, where its sources begin in `incoming` */
    uint32_t *incoming;       /* source node << 1 | back link */
    uint8_t *containers;      /* node holds compressed objects */
    uint32_t *current;        /* version index + 1 of each node as of revision `at` */
    size_t at;
    uint32_t *queue; /* room for every node */
    uint64_t budget; /* steps that all walks together may still take */
};

/** Reads the references of the versions that `revision` wrote (difference_scan.c). */
rfd_status graph_scan(struct graph *g, size_t revision, struct arena *scratch, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status graph_build(struct graph *g, struct pdf_document *doc, struct rfd_error *error) RFD_MUST_CHECK;
void graph_dispose(struct graph *g);
/** Makes `current` that of `revision`. */
void graph_go(struct graph *g, size_t revision);
/** The node of an object number; false when no revision lists it. */
bool graph_find(const struct graph *g, uint32_t number, uint32_t *node);
/** Sets `flag` in `marks` on every node from which a changed node of the current revision can be reached. */
void graph_mark_dirty(struct graph *g, uint8_t *marks, uint8_t flag);
/** Sets `flag` on every node that can be reached from `value` in the current revision, all links followed. */
void graph_mark_reachable(struct graph *g, const struct pdf_value *value, uint8_t *marks, uint8_t flag);
/** The same, but stopping at pages, fields and structure that the revision before had. */
void graph_mark_content(struct graph *g, const struct pdf_value *value, uint8_t *marks, uint8_t flag);
/** True when in the revision before the current one something that is no field or annotation refers to the node. */
bool graph_is_used_outside_fields(const struct graph *g, uint32_t node);
/** The version of a node in the revision before the current one, or NULL. */
const struct graph_version *graph_before(const struct graph *g, uint32_t node);

/* ---- the walk ---- */

enum walk_kind {
    WALK_TRAILER,
    WALK_CATALOG,
    WALK_ACROFORM,
    WALK_PAGES,
    WALK_PAGE,
    WALK_FIELD,
    WALK_ANNOTATION,
    WALK_DSS,
    WALK_VRI,
    WALK_VRI_ENTRY,
    WALK_EXTENSION,
    WALK_DEFAULT_RESOURCES,
    WALK_STRUCTURE_ROOT,
    WALK_STRUCTURE_ELEMENT,
    WALK_KIND_COUNT
};

/** The way to a value, told only when a change is reported. */
struct walk_path {
    const struct walk_path *up;
    slice key; /* empty: `index` counts */
    uint32_t index;
    uint32_t object; /* the nearest indirect object, 0 for none */
};

/** A form field on the way down its tree. */
struct walk_field {
    slice name;    /* UTF-8 */
    slice type;    /* /FT as in the old revision */
    bool filled;   /* its /V, or a parent's, changed */
    bool switched; /* its /AS changed */
    bool signed_before;
    bool signing; /* an empty signature field that is signed now */
};

struct walk_item {
    const struct pdf_value *old, *new; /* as found: references not followed */
    enum walk_kind kind;
    const struct walk_path *path;
    const struct walk_field *field; /* its parent's, of fields */
};

/** One value of one revision with its reference followed. */
struct walk_value {
    const struct pdf_value *value;
    uint32_t number; /* 0: direct */
    bool unreadable;
};

enum {
    MARK_DIRTY = 1,    /* leads to a changed object */
    MARK_VISITED = 2,  /* judged on some path */
    MARK_OLD = 4,      /* reachable in the old revision */
    MARK_NEW = 8,      /* reachable in the new revision */
    MARK_WIDGET = 16,  /* belongs to a new field, or to one that is signed now */
    MARK_FIELD = 32,   /* walked as a field */
    MARK_ACCEPTED = 64 /* part of something new that was judged as a whole */
};

struct walk_widget { /* a widget to be judged when the fields are known */
    struct walk_item item;
    bool added;
};

struct walk {
    struct pdf_document *doc;
    struct graph *graph;
    size_t revision; /* the new one */
    struct pdf_view old, new;
    struct arena scratch;      /* lives as long as the walk */
    uint8_t *marks;            /* of each node */
    bool old_known, new_known; /* MARK_OLD, MARK_NEW are set */
    struct walk_item *items;   /* still to be walked */
    size_t item_count, item_capacity;
    struct walk_widget *widgets;
    size_t widget_count, widget_capacity;
    struct map seen;    /* pairs walked, with their kind */
    struct map equal;   /* pairs compared, to the comparison that did it */
    struct map unequal; /* comparisons that failed */
    uint64_t comparison;
    uint64_t budget;            /* steps left before the document counts as too intricate */
    size_t decoded;             /* bytes of streams decoded to be compared */
    enum rfd_finding_code hint; /* why the last comparison failed, or RFD_FINDING_COUNT */
    struct change *changes;
    size_t change_count, change_capacity;
    enum rfd_change_level level;
    rfd_status status; /* sticky: memory, input errors */
    struct rfd_error failure;
};

/** Walks one pair of revisions. */
rfd_status walk_revisions(struct graph *g, struct pdf_document *doc, size_t revision, struct difference *out,
                          struct rfd_error *error) RFD_MUST_CHECK;

void walk_fail(struct walk *w, rfd_status status);
void *walk_allocate(struct walk *w, size_t count, size_t size);
struct walk_value walk_old(struct walk *w, const struct pdf_value *v);
struct walk_value walk_new(struct walk *w, const struct pdf_value *v);
const struct pdf_value *walk_old_entry(struct walk *w, const struct pdf_value *dictionary, const char *key);
const struct pdf_value *walk_new_entry(struct walk *w, const struct pdf_value *dictionary, const char *key);
bool walk_spend(struct walk *w, uint64_t steps);

const struct walk_path *walk_key(struct walk *w, const struct walk_path *up, slice key);
const struct walk_path *walk_index(struct walk *w, const struct walk_path *up, uint32_t index);
/** The same path, now at an indirect object (unless `number` is 0). */
const struct walk_path *walk_at_object(struct walk *w, const struct walk_path *path, uint32_t number);
void walk_push(struct walk *w, struct walk_item item);
void walk_defer(struct walk *w, struct walk_item item, bool added);
void walk_report(struct walk *w, enum rfd_change_level level, enum rfd_finding_code code, const struct walk_path *path,
                 const struct walk_field *field);
/** Reports one of level FORM that only serves another. */
void walk_report_accompanying(struct walk *w, const struct walk_path *path);
/** Reports one about a field that was not there before. */
void walk_report_new_field(struct walk *w, enum rfd_change_level level, enum rfd_finding_code code,
                           const struct walk_path *path, const struct walk_field *field);
/** Reports a change that is not allowed, by the last comparison's hint when it has one. */
void walk_refuse(struct walk *w, enum rfd_finding_code code, const struct walk_path *path,
                 const struct walk_field *field);
/** A new or replaced value is fine with all that only it uses. */
void walk_accept(struct walk *w, const struct pdf_value *v);
bool walk_marked(const struct walk *w, uint32_t number, uint8_t flag);
void walk_mark(struct walk *w, uint32_t number, uint8_t flag);
bool walk_is_dirty(const struct walk *w, uint32_t number);
/** Nothing to do: a scalar that is the same, or a reference to the same object that leads to no change. */
bool walk_is_unchanged(const struct walk *w, const struct pdf_value *old, const struct pdf_value *new);
/** True when the new revision leads to the object. */
bool walk_is_reachable(struct walk *w, uint32_t number);
/** True when the old revision has the object but nothing there leads to it. */
bool walk_was_hidden(struct walk *w, uint32_t number);
bool walk_was_there(struct walk *w, uint32_t number);

/* After the walk (difference_rest.c). */
void rest_judge_objects(struct walk *w);
void rest_judge_body(struct walk *w);
/** What only accompanies a document time stamp is no more than that. */
void rest_lower_accompaniment(struct walk *w);

/** Deep equality, modulo indirection, order of keys and the way numbers are written. */
bool walk_equal(struct walk *w, const struct pdf_value *old, const struct pdf_value *new);
/** True, and refused with `code`, unless equal. */
bool walk_require_equal(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                        enum rfd_finding_code code, const struct walk_path *path, const struct walk_field *field);

/* ---- rules ---- */

typedef void rule_call(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                       const struct walk_path *path, const struct walk_field *field);

enum rule_action {
    RULE_EQUAL, /* must be deeply equal */
    RULE_FREE,  /* may be anything */
    RULE_LINK,  /* a way back or aside: must lead to the same object */
    RULE_WALK,  /* has rules of its own */
    RULE_CALL
};
struct rule {
    const char *key; /* NULL: all keys that no other rule of its kind names */
    enum rule_action action;
    enum walk_kind to;
    rule_call *call;
    enum rfd_finding_code code; /* when not allowed */
};
const struct rule *rule_find(enum walk_kind kind, slice key);
/** What it is when a value that should be a dictionary of this kind is not one. */
enum rfd_finding_code rule_code(enum walk_kind kind);

rule_call catalog_version, catalog_extensions, catalog_metadata, catalog_permissions;
rule_call trailer_info, trailer_id;
rule_call dss_list, vri_entries, extension_level, extension_base;
rule_call form_fields, form_flags, form_regenerate, form_added;
rule_call field_value, field_appearance, field_state, field_with_value, field_date, field_style, field_flags,
    field_widget_flags, field_lock, field_kids, field_page;
rule_call pages_kids, page_annotations, page_added, page_resources;
rule_call resources_grow;
rule_call structure_kids, structure_parents, structure_next, structure_namespaces;

/** A field's own state from its parent's. */
const struct walk_field *field_enter(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                                     const struct walk_field *parent);
/** The state of a widget that was not met below /Fields, from its /Parent chain. */
const struct walk_field *field_from_parents(struct walk *w, const struct pdf_value *old, const struct pdf_value *new);
/** The full name of a field below `parent`, from its /T; `parent` itself when there is none. */
slice walk_name_below(struct walk *w, slice parent, const struct pdf_value *part);
/** Judges a field that the old revision does not have. */
void field_judge_new(struct walk *w, const struct pdf_value *field, const struct walk_field *parent,
                     const struct walk_path *path);
/** True when an annotation's dictionary is a form field's widget. */
bool annotation_is_widget(struct walk *w, const struct pdf_value *dictionary, bool new_side);
void annotation_step(struct walk *w, const struct walk_item *item, const struct pdf_value *old,
                     const struct pdf_value *new);
void annotation_judge_widgets(struct walk *w);
bool annotation_is_visible(struct walk *w, const struct pdf_value *dictionary);
bool annotation_paints(struct walk *w, const struct pdf_value *dictionary);

/* ---- lists ---- */

struct walk_list {
    const struct pdf_value *items;
    uint32_t count;
};
struct walk_match {
    uint32_t *old_of_new; /* index + 1 of the old item, 0 for an added one */
    bool *kept;           /* of the old items */
    bool in_order;
};
/** The items of an array; of anything else that is not null, that one. */
struct walk_list walk_list_of(const struct pdf_value *v);
/** False after a failure. */
bool walk_match_lists(struct walk *w, struct walk_list old, struct walk_list new, struct walk_match *out);

/* ---- bytes ---- */

/** Sets `extra` to the source offset of something that looks like an object or a cross-reference but belongs to none
 * of the objects that the revision lists; 0 when there is nothing. */
rfd_status body_check(struct pdf_document *doc, const struct graph *g, size_t revision, uint64_t *extra,
                      struct rfd_error *error) RFD_MUST_CHECK;

#endif
