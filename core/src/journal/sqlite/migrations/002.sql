-- Version 2. The newest operations, each with its story: a change of one writes one page, and the
-- tables and indices above take many at once. An operation stands in the slot number % 64 until it
-- is moved up; what is left in its slot then counts no more, since its number is not above those of
-- the table operation. Events stand in lines, each a JSON array of at_ms and text. The room keeps a
-- row on a page of its own. The checksum is over number, version, body and story.
CREATE TABLE recent (
    slot INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    story TEXT NOT NULL,
    room BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

WITH RECURSIVE slots (slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM slots WHERE slot < 63)
INSERT INTO recent SELECT slot, 0, 0, '', '', zeroblob(2800), 0 FROM slots;
