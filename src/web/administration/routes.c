/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/administration/messages.h"

#define TEXT "/administracion/textos/{name}/{language}/{channel}"

const struct page_route administration_routes[] = {
    {HTTP_GET, "/administracion/mensajes", "messages", ACTION_MESSAGES_SEE, 0, 0, messages_outgoing},
    {HTTP_GET, "/administracion/textos", "message-texts", ACTION_MESSAGES_EDIT, 0, 0, messages_texts},
    {HTTP_GET, TEXT, "message-text", ACTION_MESSAGES_EDIT, 0, 0, message_text_show},
    {HTTP_POST, TEXT, "message-text-save", ACTION_MESSAGES_EDIT, 0, 0, message_text_save},
    {HTTP_GET, TEXT "/original", "message-text-reset", ACTION_MESSAGES_EDIT, 0, 0, message_text_reset_ask},
    {HTTP_POST, TEXT "/original", "message-text-reset", ACTION_MESSAGES_EDIT, 0, 0, message_text_reset_do},
    {.pattern = NULL},
};
