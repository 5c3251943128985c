/* SPDX-License-Identifier: EUPL-1.2
 *
 * What may differ between two revisions, as a table for each kind of dictionary. A key without a rule falls under the
 * last row of its kind, which has no key.
 */
#include "pades/difference/difference_internal.h"

#define EQUAL(name, finding)                                                                                           \
    {                                                                                                                  \
        .key = name, .action = RULE_EQUAL, .code = RFD_FINDING_CHANGE_##finding                                        \
    }
#define FREE(name)                                                                                                     \
    {                                                                                                                  \
        .key = name, .action = RULE_FREE                                                                               \
    }
#define LINK(name, finding)                                                                                            \
    {                                                                                                                  \
        .key = name, .action = RULE_LINK, .code = RFD_FINDING_CHANGE_##finding                                         \
    }
#define WALK(name, kind)                                                                                               \
    {                                                                                                                  \
        .key = name, .action = RULE_WALK, .to = WALK_##kind                                                            \
    }
#define CALL(name, function)                                                                                           \
    {                                                                                                                  \
        .key = name, .action = RULE_CALL, .call = function                                                             \
    }
#define REST(finding)                                                                                                  \
    {                                                                                                                  \
        .key = NULL, .action = RULE_EQUAL, .code = RFD_FINDING_CHANGE_##finding                                        \
    }

/** §7.5.5 and §7.5.8.2: what belongs to the cross-reference alone is not the document's. */
static const struct rule trailer[] = {
    FREE("Size"),
    FREE("Prev"),
    FREE("XRefStm"),
    FREE("Type"),
    FREE("W"),
    FREE("Index"),
    FREE("Length"),
    FREE("Filter"),
    FREE("DecodeParms"),
    WALK("Root", CATALOG),
    CALL("Info", trailer_info),
    CALL("ID", trailer_id),
    EQUAL("Encrypt", ENCRYPTION),
    REST(TRAILER),
};

/** §7.7.2 */
static const struct rule catalog[] = {
    WALK("Pages", PAGES),
    WALK("AcroForm", ACROFORM),
    WALK("DSS", DSS),
    WALK("StructTreeRoot", STRUCTURE_ROOT),
    CALL("Version", catalog_version),
    CALL("Extensions", catalog_extensions),
    CALL("Metadata", catalog_metadata),
    CALL("Perms", catalog_permissions),
    EQUAL("OpenAction", ACTIONS),
    EQUAL("AA", ACTIONS),
    EQUAL("OCProperties", LAYERS),
    EQUAL("MarkInfo", STRUCTURE),
    REST(CATALOG),
};

/** §12.7.3 */
static const struct rule acroform[] = {
    CALL("Fields", form_fields),
    CALL("SigFlags", form_flags),
    CALL("NeedAppearances", form_regenerate),
    CALL("DA", form_added),
    CALL("Q", form_added),
    WALK("DR", DEFAULT_RESOURCES),
    EQUAL("CO", ACTIONS),
    REST(FIELD),
};

/** §7.7.3.2 */
static const struct rule pages[] = {
    CALL("Kids", pages_kids),
    LINK("Parent", PAGES),
    EQUAL("Resources", RESOURCES),
    EQUAL("MediaBox", PAGE_CONTENT),
    EQUAL("CropBox", PAGE_CONTENT),
    EQUAL("Rotate", PAGE_CONTENT),
    REST(PAGES),
};

/** §7.7.3.3 */
static const struct rule page[] = {
    CALL("Annots", page_annotations),
    CALL("Tabs", page_added),
    CALL("StructParents", page_added),
    LINK("Parent", PAGES),
    CALL("Resources", page_resources),
    EQUAL("AA", ACTIONS),
    EQUAL("Type", PAGES),
    REST(PAGE_CONTENT),
};

/** §12.7.4 and, merged with it, §12.5.6.19 */
static const struct rule field[] = {
    CALL("V", field_value),
    CALL("AP", field_appearance),
    CALL("AS", field_state),
    CALL("RV", field_with_value),
    CALL("I", field_with_value),
    CALL("TI", field_with_value),
    CALL("M", field_date),
    CALL("DA", field_style),
    CALL("Q", field_style),
    CALL("Ff", field_flags),
    CALL("F", field_widget_flags),
    CALL("Lock", field_lock),
    CALL("Kids", field_kids),
    CALL("P", field_page),
    CALL("StructParent", page_added),
    LINK("Parent", FIELD),
    EQUAL("A", ACTIONS),
    EQUAL("AA", ACTIONS),
    EQUAL("OC", LAYERS),
    REST(FIELD),
};

/** §12.8.4.3: an addition-only store. */
static const struct rule dss[] = {
    FREE("Type"),           CALL("Certs", dss_list), CALL("OCSPs", dss_list),
    CALL("CRLs", dss_list), WALK("VRI", VRI),        REST(OTHER),
};
static const struct rule vri[] = {CALL(NULL, vri_entries)};
static const struct rule vri_entry[] = {
    FREE("Type"),          FREE("TU"),  FREE("TS"), CALL("Cert", dss_list), CALL("OCSP", dss_list),
    CALL("CRL", dss_list), REST(OTHER),
};

/** §7.12: a developer's dictionary. */
static const struct rule extension[] = {
    FREE("Type"),
    CALL("ExtensionLevel", extension_level),
    CALL("BaseVersion", extension_base),
    FREE("URL"),
    FREE("ExtensionRevision"),
    REST(CATALOG),
};

static const struct rule default_resources[] = {CALL(NULL, resources_grow)};

/** §14.7.2 */
static const struct rule structure_root[] = {
    CALL("K", structure_kids),
    CALL("ParentTree", structure_parents),
    CALL("ParentTreeNextKey", structure_next),
    CALL("Namespaces", structure_namespaces),
    REST(STRUCTURE),
};
static const struct rule structure_element[] = {
    CALL("K", structure_kids),
    LINK("P", STRUCTURE),
    LINK("Pg", STRUCTURE),
    REST(STRUCTURE),
};

static const struct rule annotation[] = {REST(ANNOTATION)};

#define TABLE(rules, finding)                                                                                          \
    {                                                                                                                  \
        rules, sizeof rules / sizeof *rules, RFD_FINDING_CHANGE_##finding                                              \
    }
static const struct {
    const struct rule *rules;
    size_t count;
    enum rfd_finding_code code;
} tables[WALK_KIND_COUNT] = {
    [WALK_TRAILER] = TABLE(trailer, TRAILER),
    [WALK_CATALOG] = TABLE(catalog, CATALOG),
    [WALK_ACROFORM] = TABLE(acroform, FIELD),
    [WALK_PAGES] = TABLE(pages, PAGES),
    [WALK_PAGE] = TABLE(page, PAGES),
    [WALK_FIELD] = TABLE(field, FIELD),
    [WALK_ANNOTATION] = TABLE(annotation, OTHER),
    [WALK_DSS] = TABLE(dss, OTHER),
    [WALK_VRI] = TABLE(vri, OTHER),
    [WALK_VRI_ENTRY] = TABLE(vri_entry, OTHER),
    [WALK_EXTENSION] = TABLE(extension, CATALOG),
    [WALK_DEFAULT_RESOURCES] = TABLE(default_resources, RESOURCES),
    [WALK_STRUCTURE_ROOT] = TABLE(structure_root, STRUCTURE),
    [WALK_STRUCTURE_ELEMENT] = TABLE(structure_element, STRUCTURE),
};

const struct rule *rule_find(enum walk_kind kind, slice key)
{
    const struct rule *rule = tables[kind].rules;
    const struct rule *last = rule + tables[kind].count - 1;
    while (rule < last && !slice_is(key, rule->key)) rule++;
    return rule;
}

enum rfd_finding_code rule_code(enum walk_kind kind)
{
    return tables[kind].code;
}
