-- SPDX-License-Identifier: EUPL-1.2

-- Mails (channel 0) and SMS (1): state 1 waits, 2 was sent (its text is gone), 3 was given up. `due` is when it is tried
-- (next). `name` is the message's (messages.def), empty for what has none. An SMS has no subject.
CREATE TABLE outbox(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  channel {integer} NOT NULL,
  name {text} NOT NULL,
  identity {text},
  recipient {text} NOT NULL,
  subject {text} NOT NULL,
  body {text} NOT NULL,
  state {integer} NOT NULL,
  attempts {integer} NOT NULL,
  created {integer} NOT NULL,
  due {integer} NOT NULL,
  why {text} NOT NULL,
  UNIQUE (identity, channel)
) {strict};
CREATE INDEX outbox_due ON outbox(channel, due) WHERE state = 1;
CREATE INDEX outbox_created ON outbox(created, id);

-- Texts of messages that the administrator wrote in place of those of the program.
CREATE TABLE message_text(
  name {text} NOT NULL,
  language {text} NOT NULL,
  channel {integer} NOT NULL,
  subject {text} NOT NULL,
  body {text} NOT NULL,
  changed {integer} NOT NULL,
  changed_by {text} NOT NULL,
  PRIMARY KEY (name, language, channel)
) {strict};

-- What every message knows: the installation's name and address, as its settings had them when it was started last.
CREATE TABLE house(
  id {integer} PRIMARY KEY CHECK (id = 1),
  name {text} NOT NULL,
  url {text} NOT NULL
) {strict};
INSERT INTO house(id, name, url) VALUES (1, 'Refrenda', '');

-- What only one process may do at a time, and until when it is whose.
CREATE TABLE lease(
  name {text} PRIMARY KEY,
  holder {text} NOT NULL,
  ends {integer} NOT NULL
) {strict};
