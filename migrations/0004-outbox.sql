-- SPDX-License-Identifier: EUPL-1.2

-- Mails: state 1 waits, 2 was sent (its text is gone), 3 was given up. `due` is when it is tried (next).
CREATE TABLE outbox_mail(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  identity {text} UNIQUE,
  recipient {text} NOT NULL,
  subject {text} NOT NULL,
  body {text} NOT NULL,
  state {integer} NOT NULL,
  attempts {integer} NOT NULL,
  created {integer} NOT NULL,
  due {integer} NOT NULL,
  why {text} NOT NULL
) {strict};
CREATE INDEX outbox_mail_due ON outbox_mail(due) WHERE state = 1;

-- What only one process may do at a time, and until when it is whose.
CREATE TABLE lease(
  name {text} PRIMARY KEY,
  holder {text} NOT NULL,
  ends {integer} NOT NULL
) {strict};
