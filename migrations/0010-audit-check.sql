-- SPDX-License-Identifier: EUPL-1.2

-- The last time that the audit trail was verified as a whole, and whether somebody wants it done again: one row. `fault`
-- is enum audit_fault by name; `ended` NULL: it has not been done yet.
CREATE TABLE audit_check(
  id {integer} PRIMARY KEY CHECK (id = 1),
  wanted {boolean} NOT NULL,
  begun {integer},
  ended {integer},
  fault {text} NOT NULL,
  sequence {integer} NOT NULL,
  row_count {integer} NOT NULL,
  waiting {integer} NOT NULL,
  checkpoints {integer} NOT NULL,
  text {text} NOT NULL
) {strict};
INSERT INTO audit_check(id, wanted, fault, sequence, row_count, waiting, checkpoints, text) VALUES (1, TRUE, '', 0, 0, 0, 0, '');
