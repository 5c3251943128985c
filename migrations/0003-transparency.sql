-- SPDX-License-Identifier: EUPL-1.2

-- Certificates that wait for their place in the log.
CREATE TABLE transparency_waiting(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  certificate {integer} NOT NULL,
  hash {bytes} NOT NULL
) {strict};

-- The leaves: position 0, 1, 2 ... without gaps; `hash` is the SHA-256 of the certificate.
CREATE TABLE transparency_leaf(
  position {integer} PRIMARY KEY,
  certificate {integer} NOT NULL,
  hash {bytes} NOT NULL
) {strict};
-- By a part of it: hashes are random, so that each leaf changes another page of the index; a small one has fewer.
CREATE INDEX transparency_leaf_hash ON transparency_leaf(substr(hash, 1, 4));

-- Perfect nodes of levels 0, 8, 16 ... of the tree, 256 of a level in each row (the last one of a level has fewer),
-- 32 octets each: what lies between two such levels is computed from at most 256 of them.
CREATE TABLE transparency_tile(
  level {integer} NOT NULL,
  number {integer} NOT NULL,
  hashes {bytes} NOT NULL,
  PRIMARY KEY (level, number)
) {strict};

-- The tree as it is: its size, and the roots of its perfect subtrees, the smallest first; the lock of those who append.
CREATE TABLE transparency_tree(
  id {integer} PRIMARY KEY CHECK (id = 1),
  size {integer} NOT NULL,
  roots {bytes} NOT NULL
) {strict};
INSERT INTO transparency_tree(id, size, roots) VALUES (1, 0, zeroblob(0)); -- sqlite
INSERT INTO transparency_tree(id, size, roots) VALUES (1, 0, ''); -- postgresql

-- Heads that were signed: the last one of each hour. `key` is the SubjectPublicKeyInfo that verifies it.
CREATE TABLE transparency_head(
  hour {integer} PRIMARY KEY,
  size {integer} NOT NULL,
  time {integer} NOT NULL,
  root {bytes} NOT NULL,
  algorithm {bytes} NOT NULL,
  signature {bytes} NOT NULL,
  key {bytes} NOT NULL
) {strict};
CREATE INDEX transparency_head_size ON transparency_head(size, time);
