-- SPDX-License-Identifier: EUPL-1.2

-- What was done and waits for its number. Ids are in no order that means anything; a row goes when it is chained.
-- `object_id` is the number of the certificate that `object` names, or 0: only an index needs it.
CREATE TABLE audit_waiting(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  time {integer} NOT NULL,
  node {text} NOT NULL,
  action {text} NOT NULL,
  actor {text} NOT NULL,
  object {text} NOT NULL,
  detail {text} NOT NULL,
  object_id {integer} NOT NULL DEFAULT 0
) {strict};

-- The chain: sequence 1, 2, 3 ... without gaps; `hash` covers `previous` and the row.
CREATE TABLE audit_row(
  sequence {integer} PRIMARY KEY,
  time {integer} NOT NULL,
  node {text} NOT NULL,
  action {text} NOT NULL,
  actor {text} NOT NULL,
  object {text} NOT NULL,
  detail {text} NOT NULL,
  previous {bytes} NOT NULL,
  hash {bytes} NOT NULL,
  object_id {integer} NOT NULL DEFAULT 0
) {strict};
-- Certificates are named by serial numbers, which are random: an index by them would have another page changed for each
-- row. Their own numbers ascend as the rows do.
CREATE INDEX audit_row_object ON audit_row(object, sequence) WHERE object_id = 0;
CREATE INDEX audit_row_object_id ON audit_row(object_id, sequence) WHERE object_id <> 0;
CREATE INDEX audit_row_actor ON audit_row(actor, sequence);
CREATE INDEX audit_row_action ON audit_row(action, sequence);

-- The chain's end, and the lock of those who append: one row.
CREATE TABLE audit_chain(
  id {integer} PRIMARY KEY CHECK (id = 1),
  sequence {integer} NOT NULL,
  hash {bytes} NOT NULL
) {strict};
INSERT INTO audit_chain(id, sequence, hash) VALUES (1, 0, zeroblob(32)); -- sqlite
INSERT INTO audit_chain(id, sequence, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex')); -- postgresql

-- Ends that the keeper signed.
CREATE TABLE audit_checkpoint(
  sequence {integer} PRIMARY KEY,
  time {integer} NOT NULL,
  hash {bytes} NOT NULL,
  content {bytes} NOT NULL,
  algorithm {bytes} NOT NULL,
  signature {bytes} NOT NULL
) {strict};
