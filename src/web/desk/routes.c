/* SPDX-License-Identifier: EUPL-1.2
 *
 * The desk's addresses. Every handler is behind the door of desk.c: HANDLERS makes for each one that opens it first.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"

#define HANDLERS(EACH)                                                                                                 \
    EACH(desk_tray_list)                                                                                               \
    EACH(desk_attend_show)                                                                                             \
    EACH(desk_attend_take)                                                                                             \
    EACH(desk_attend_release)                                                                                          \
    EACH(desk_attend_marks)                                                                                            \
    EACH(desk_attend_observe)                                                                                          \
    EACH(desk_attend_cancel)                                                                                           \
    EACH(desk_approve_show)                                                                                            \
    EACH(desk_approve_send)                                                                                            \
    EACH(desk_approve_text)                                                                                            \
    EACH(desk_in_person_show)                                                                                          \
    EACH(desk_in_person_send)                                                                                          \
    EACH(desk_key_show)                                                                                                \
    EACH(desk_key_link)                                                                                                \
    EACH(desk_key_send)                                                                                                \
    EACH(desk_key_state)                                                                                               \
    EACH(desk_issued_show)                                                                                             \
    EACH(desk_issued_resend)                                                                                           \
    EACH(desk_issued_signed_form)                                                                                      \
    EACH(desk_revoke_show)                                                                                             \
    EACH(desk_revoke_send)                                                                                             \
    EACH(desk_revoke_text)                                                                                             \
    EACH(desk_decide_show)                                                                                             \
    EACH(desk_decide_send)                                                                                             \
    EACH(desk_decide_text)                                                                                             \
    EACH(desk_printed_acceptance)                                                                                      \
    EACH(desk_printed_receipt)                                                                                         \
    EACH(desk_seals_show)                                                                                              \
    EACH(desk_seal_new)                                                                                                \
    EACH(desk_seal_send)                                                                                               \
    EACH(desk_seal_show)                                                                                               \
    EACH(desk_seal_text)                                                                                               \
    EACH(desk_seal_sign)                                                                                               \
    EACH(desk_seal_drop)

#define BEHIND_THE_DOOR(handler)                                                                                       \
    static rfd_status behind_##handler(struct page *page, struct rfd_error *error)                                     \
    {                                                                                                                  \
        bool open = false;                                                                                             \
        TRY(desk_open(page, &open, error));                                                                            \
        return open ? handler(page, error) : RFD_OK;                                                                   \
    }
HANDLERS(BEHIND_THE_DOOR)

enum { EVIDENCE_UPLOAD_MAXIMUM = 64 << 20, SCAN_MAXIMUM = EVIDENCE_FILE_MAXIMUM + (64 << 10) };

#define GET(path, name, action, handler)                                                                               \
    {                                                                                                                  \
        HTTP_GET, path, name, ACTION_##action, 0, 0, behind_##handler                                                  \
    }
#define POST(path, name, action, handler)                                                                              \
    {                                                                                                                  \
        HTTP_POST, path, name, ACTION_##action, 0, 0, behind_##handler                                                 \
    }
#define FILES(path, name, action, size, handler)                                                                       \
    {                                                                                                                  \
        HTTP_POST, path, name, ACTION_##action, size, PAGE_SPOOL, behind_##handler                                     \
    }
#define REQUEST DESK_REQUESTS "/{id}"
#define ISSUED  DESK_ISSUED "/{id}"
#define REVOKED DESK_REVOKED "/{id}"
#define SEAL    DESK_SEALS "/{id}"
const struct page_route desk_routes[] = {
    GET(DESK_REQUESTS, "desk-started", REGISTRATION_ATTEND, desk_tray_list),
    GET(DESK_REQUESTS "/sin-validar", "desk-unverified", REGISTRATION_ATTEND, desk_tray_list),
    GET(DESK_MINE, "desk-mine", REGISTRATION_ATTEND, desk_tray_list),
    GET(REQUEST, "desk-request", REGISTRATION_SEE, desk_attend_show),
    POST(REQUEST "/tomar", "desk-take", REGISTRATION_ATTEND, desk_attend_take),
    POST(REQUEST "/soltar", "desk-release", REGISTRATION_ATTEND, desk_attend_release),
    POST(REQUEST "/revisar", "desk-marks", REGISTRATION_ATTEND, desk_attend_marks),
    POST(REQUEST "/observar", "desk-observe", REGISTRATION_ATTEND, desk_attend_observe),
    POST(REQUEST "/cancelar", "desk-cancel", REGISTRATION_ATTEND, desk_attend_cancel),
    GET(REQUEST "/generar", "desk-approve", REGISTRATION_ATTEND, desk_approve_show),
    FILES(REQUEST "/generar", "desk-approve-send", REGISTRATION_ATTEND, DESK_SIGNED_MAXIMUM, desk_approve_send),
    GET(REQUEST "/aprobacion.txt", "desk-approve-text", REGISTRATION_ATTEND, desk_approve_text),
    GET(REQUEST "/llave", "desk-key", REGISTRATION_ATTEND, desk_key_show),
    POST(REQUEST "/llave/enlace", "desk-key-link", REGISTRATION_ATTEND, desk_key_link),
    FILES(REQUEST "/llave", "desk-key-send", REGISTRATION_ATTEND, DESK_SIGNED_MAXIMUM, desk_key_send),
    GET(REQUEST "/llave/estado", "desk-key-state", REGISTRATION_ATTEND, desk_key_state),
    GET(DESK_IN_PERSON, "desk-in-person", REGISTRATION_ATTEND, desk_in_person_show),
    FILES(DESK_IN_PERSON, "desk-in-person-send", REGISTRATION_ATTEND, EVIDENCE_UPLOAD_MAXIMUM, desk_in_person_send),
    GET(DESK_SEARCH, "desk-search", REGISTRATION_SEE, desk_tray_list),
    GET(DESK_SEARCH "/validos", "desk-valid", CERTIFICATE_SEE, desk_tray_list),
    GET(DESK_SEARCH "/revocados", "desk-revoked", CERTIFICATE_SEE, desk_tray_list),
    GET(DESK "/mis-certificados", "desk-made", REGISTRATION_ATTEND, desk_tray_list),
    GET(DESK "/mis-revocados", "desk-withdrawn", REGISTRATION_ATTEND, desk_tray_list),
    GET(ISSUED, "desk-certificate", CERTIFICATE_SEE, desk_issued_show),
    GET(ISSUED "/formato.pdf", "desk-acceptance", CERTIFICATE_SEE, desk_printed_acceptance),
    POST(ISSUED "/reenviar", "desk-resend", REGISTRATION_ATTEND, desk_issued_resend),
    FILES(ISSUED "/formato-firmado", "desk-signed-form", REGISTRATION_ATTEND, SCAN_MAXIMUM, desk_issued_signed_form),
    GET(ISSUED "/revocar", "desk-revoke", CERTIFICATE_REVOKE, desk_revoke_show),
    FILES(ISSUED "/revocar", "desk-revoke-send", CERTIFICATE_REVOKE, DESK_SIGNED_MAXIMUM, desk_revoke_send),
    GET(ISSUED "/revocacion.txt", "desk-revoke-text", CERTIFICATE_REVOKE, desk_revoke_text),
    GET(DESK_REVOKED, "desk-revocations", CERTIFICATE_REVOKE, desk_tray_list),
    GET(REVOKED, "desk-revocation", CERTIFICATE_SEE, desk_decide_show),
    FILES(REVOKED "/decidir", "desk-decide", CERTIFICATE_REVOKE, DESK_SIGNED_MAXIMUM, desk_decide_send),
    GET(REVOKED "/revocacion.txt", "desk-decide-text", CERTIFICATE_REVOKE, desk_decide_text),
    GET(REVOKED "/comprobante.pdf", "desk-receipt", CERTIFICATE_SEE, desk_printed_receipt),
    GET(DESK_SEALS, "desk-seals", REGISTRATION_ATTEND, desk_seals_show),
    GET(DESK_SEALS "/nuevo", "desk-seal-new", REGISTRATION_ATTEND, desk_seal_new),
    POST(DESK_SEALS "/nuevo", "desk-seal-send", REGISTRATION_ATTEND, desk_seal_send),
    GET(SEAL, "desk-seal", REGISTRATION_ATTEND, desk_seal_show),
    GET(SEAL "/aprobacion.txt", "desk-seal-text", REGISTRATION_ATTEND, desk_seal_text),
    FILES(SEAL, "desk-seal-sign", REGISTRATION_ATTEND, DESK_SIGNED_MAXIMUM, desk_seal_sign),
    POST(SEAL "/retirar", "desk-seal-drop", REGISTRATION_ATTEND, desk_seal_drop),
    {.pattern = NULL},
};
