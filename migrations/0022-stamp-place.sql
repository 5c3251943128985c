-- SPDX-License-Identifier: EUPL-1.2

-- Where its person wants the visible stamp: whole millimetres from the upper left corner of the page as it is seen, or an anchor
-- (enum rfd_anchor); neither: the first free place. `stamp_page` NULL: what the operation says. `stamp_own`: of this
-- document alone, so that what is chosen for all of them leaves it as it is.
ALTER TABLE signing_document ADD COLUMN stamp_page {integer};
ALTER TABLE signing_document ADD COLUMN stamp_anchor {integer};
ALTER TABLE signing_document ADD COLUMN stamp_x {integer};
ALTER TABLE signing_document ADD COLUMN stamp_y {integer};
ALTER TABLE signing_document ADD COLUMN stamp_own {boolean};
