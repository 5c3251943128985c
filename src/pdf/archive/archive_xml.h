/* SPDX-License-Identifier: EUPL-1.2
 *
 * As much XML as XMP packets need: elements in order, attributes, namespaces, text. No document types, no entities of
 * one's own: a document type declaration counts as malformed. Namespace prefixes keep their latest meaning, which
 * differs from the rules only for packets that give a prefix two meanings.
 */
#ifndef PDF_ARCHIVE_XML_H
#define PDF_ARCHIVE_XML_H

#include "base/arena.h"

struct archive_property {
    const char *uri, *name;
    slice value; /* the first text inside, or the attribute's; without blanks around it; data is NULL when absent */
};

/** Fills what it finds. False when the text is not well-formed. `*memory` is set when there was none. */
bool archive_xml_read(slice xml, struct archive_property *wanted, size_t count, struct arena *arena, bool *memory);

#endif
