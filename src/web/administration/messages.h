/* SPDX-License-Identifier: EUPL-1.2
 *
 * For administrators: what is on its way to people, and with which words.
 */
#ifndef WEB_ADMINISTRATION_MESSAGES_H
#define WEB_ADMINISTRATION_MESSAGES_H

#include "web/web.h"

page_handler messages_outgoing, messages_texts, message_text_show, message_text_save, message_text_reset_ask,
    message_text_reset_do;

#endif
