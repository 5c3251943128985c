/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/text.h"
#include "jobs/mail.h"

enum {
    LINE_MAXIMUM = 76,  /* RFC 2045 §6.7 */
    WORD_OCTETS = 39,   /* of text in an encoded-word: with "Subject: " a line has at most 76 (RFC 2047 §2) */
    PLAIN_SUBJECT = 200 /* octets of ASCII that stay on one line; RFC 5322 §2.1.1 allows 998 */
};

/** Whole characters of `text`, at most WORD_OCTETS octets: a character must not be split (RFC 2047 §5). */
static size_t word_length(slice text)
{
    slice rest = text;
    size_t length = 0;
    while (rest.length > 0) {
        (void)text_next(&rest);
        if (text.length - rest.length > WORD_OCTETS) break;
        length = text.length - rest.length;
    }
    return length;
}

static void put_subject(struct buf *out, slice subject)
{
    buf_put_text(out, "Subject: ");
    if (text_is_ascii(subject) && subject.length <= PLAIN_SUBJECT) {
        buf_put_slice(out, subject);
    } else {
        for (bool first = true; subject.length > 0; first = false) {
            size_t length = word_length(subject);
            if (!first) buf_put_text(out, "\r\n ");
            buf_put_text(out, "=?UTF-8?B?");
            buf_put_base64(out, slice_part(subject, 0, length));
            buf_put_text(out, "?=");
            subject = slice_from(subject, length);
        }
    }
    buf_put_text(out, "\r\n");
}

/** RFC 5322 §3.3: "Sun, 22 Nov 2026 01:02:03 +0000". */
static void put_date(struct buf *out, rfd_time time)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* from 1970-01-01 */
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil c = clock_civil(time);
    int64_t day = time / (86400 * RFD_SECOND);
    buf_print(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[(size_t)(day < 0 ? 0 : day % 7)], c.day,
              months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

/** One line in quoted-printable (RFC 2045 §6.7), with soft breaks. */
static void put_quoted_line(struct buf *out, slice line)
{
    size_t column = 0;
    for (size_t i = 0; i < line.length; i++) {
        uint8_t c = line.data[i];
        bool last = i + 1 == line.length;
        bool blank = c == ' ' || c == '\t';
        bool plain = (c > ' ' && c < 0x7f && c != '=') || (blank && !last);
        /* A dot alone on a line, and "From " at its beginning, are altered by some servers. */
        if (column == 0 && (c == '.' || c == 'F')) plain = false;
        size_t width = plain ? 1 : 3;
        if (column + width > LINE_MAXIMUM - 1) {
            buf_put_text(out, "=\r\n");
            column = 0;
        }
        if (plain)
            buf_put_byte(out, c);
        else {
            buf_put_byte(out, '=');
            buf_put_hex(out, slice_of(&c, 1), true);
        }
        column += width;
    }
    buf_put_text(out, "\r\n");
}

static void put_text(struct buf *out, slice text)
{
    while (text.length > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.length);
        size_t length = end == NULL ? text.length : (size_t)(end - text.data);
        slice line = slice_part(text, 0, length);
        if (slice_ends(line, SLICE("\r"))) line.length--;
        put_quoted_line(out, line);
        text = slice_from(text, length + 1);
    }
}

void mail_write(const struct mail *mail, struct buf *out)
{
    const char *at = strchr(mail->from, '@');
    buf_print(out, "From: %s\r\nTo: ", mail->from);
    buf_put_slice(out, mail->to);
    buf_put_text(out, "\r\n");
    put_subject(out, mail->subject);
    put_date(out, mail->time);
    buf_print(out, "Message-ID: <%s@%s>\r\n", mail->id, at == NULL ? "localhost" : at + 1);
    /* RFC 3834 §5: holiday notices are not answered to it. */
    buf_put_text(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
    put_text(out, mail->text);
}
