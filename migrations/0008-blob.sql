-- SPDX-License-Identifier: EUPL-1.2

-- Files that people handed in, and documents: their bytes are in a folder, encrypted. `id` is SHA-256 of the content in
-- hexadecimal digits, `wrapped` its key, which the keeper opens.
CREATE TABLE blob(
  id {text} PRIMARY KEY,
  size {integer} NOT NULL,
  type {text} NOT NULL,
  wrapped {bytes} NOT NULL,
  created {integer} NOT NULL
) {strict};
