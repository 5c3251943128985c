-- SPDX-License-Identifier: EUPL-1.2

-- Notices to portals that an operation has come to its end, one for each: state 1 waits, 2 was taken, 3 was given up.
-- `identity` is what receivers tell repetitions by, `body` what is sent and signed, `due` when it is tried (next), `tries`
-- those since it was put or sent again, `attempts` all of them, `status` the last answer's HTTP status (0: there was none).
CREATE TABLE webhook(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  portal {integer} NOT NULL REFERENCES portal(id),
  signing {integer} NOT NULL UNIQUE REFERENCES signing(id),
  identity {text} NOT NULL UNIQUE,
  event {text} NOT NULL,
  body {text} NOT NULL,
  state {integer} NOT NULL,
  tries {integer} NOT NULL,
  attempts {integer} NOT NULL,
  created {integer} NOT NULL,
  due {integer} NOT NULL,
  sent {integer},
  status {integer} NOT NULL
) {strict};
CREATE INDEX webhook_due ON webhook(due, id) WHERE state = 1;
CREATE INDEX webhook_portal ON webhook(portal, created, id);

-- What became of each attempt; the oldest of many are forgotten.
CREATE TABLE webhook_attempt(
  webhook {integer} NOT NULL REFERENCES webhook(id),
  number {integer} NOT NULL,
  time {integer} NOT NULL,
  status {integer} NOT NULL,
  why {text} NOT NULL,
  PRIMARY KEY (webhook, number)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql

-- Portals' requests that made an operation, by the portal's Idempotency-Key: the same again is not made again. `hash`:
-- SHA-256 of what it asked for.
CREATE TABLE portal_request(
  portal {integer} NOT NULL REFERENCES portal(id),
  name {text} NOT NULL,
  hash {bytes} NOT NULL,
  signing {integer} NOT NULL REFERENCES signing(id),
  created {integer} NOT NULL,
  PRIMARY KEY (portal, name)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX portal_request_created ON portal_request(created);

-- Words of portals' operations, by which who administers portals finds them.
CREATE TABLE signing_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX signing_word_id ON signing_word(id, word);
