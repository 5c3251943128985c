/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/help/help.h"

#include "base/error.h"

#include <cmark.h>
#include <stdlib.h>

/* In the order in which people need them. */
static const char *const topics[] = {"entrar", "cuenta", "accesos", "organizacion", "auditoria", "administracion"};
static const char accessibility[] = "accesibilidad";

static const struct help_text *find(const char *language, slice topic)
{
    for (size_t i = 0; i < help_text_count; i++) {
        bool same = strcmp(help_texts[i].language, language) == 0 && slice_is(topic, help_texts[i].topic);
        if (same) return &help_texts[i];
    }
    return NULL;
}

/** In the page's language, else in Spanish. */
static const struct help_text *find_text(const struct page *page, slice topic)
{
    const struct help_text *text = find(language_code(page->language), topic);
    return text == NULL ? find("es", topic) : text;
}

rfd_status help_topics(struct page *page, struct rfd_error *error)
{
    struct view *list = view_list(page->view, "topics");
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        const struct help_text *text = find_text(page, slice_text(topics[i]));
        if (text == NULL) continue;
        struct view *item = view_item(list);
        view_string(item, "title", text->title);
        view_string(item, "link", arena_print(page->arena, "/ayuda/%s", text->topic));
    }
    return page_show(page, N_("Help"), "help/topics", error);
}

/** cmark leaves markup and strange addresses out unless it is told otherwise. */
static rfd_status show(struct page *page, slice topic, const char *title, struct rfd_error *error)
{
    const struct help_text *text = find_text(page, topic);
    if (text == NULL) return error_set(error, RFD_E_NOT_FOUND, NULL);
    char *markup = cmark_markdown_to_html(text->text, strlen(text->text), CMARK_OPT_DEFAULT);
    slice copy = markup == NULL ? SLICE_EMPTY : arena_copy(page->arena, slice_text(markup));
    free(markup);
    if (copy.data == NULL) return error_memory(error);
    view_string(page->view, "heading", text->title);
    view_markup(page->view, "text", copy);
    return page_show(page, title, "help/topic", error);
}

rfd_status help_topic(struct page *page, struct rfd_error *error)
{
    slice topic = http_request_part(page->request, "topic");
    view_flag(page->view, "is_topic", true);
    return show(page, topic, N_("Help"), error);
}

rfd_status help_accessibility(struct page *page, struct rfd_error *error)
{
    return show(page, slice_text(accessibility), N_("Accessibility"), error);
}
