-- Version 1. A published migration never changes; the next one is a file of its own.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row for each pay or refund. The body is all of it, in the form that version names; the other
-- columns repeat what is searched for. The checksum is over all other columns.
CREATE TABLE operation (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    caller TEXT NOT NULL,
    action TEXT NOT NULL,
    request_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    payment_external_id TEXT,
    open INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    events INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX operation_id ON operation (id);
CREATE UNIQUE INDEX operation_external_id ON operation (external_id);
CREATE INDEX operation_request ON operation (request_id, action, caller);
CREATE INDEX operation_payment ON operation (payment_external_id)
    WHERE payment_external_id IS NOT NULL;
CREATE INDEX operation_open ON operation (open) WHERE open = 1;

-- What happened to an operation, numbered from 1; only ever appended to.
CREATE TABLE event (
    operation INTEGER NOT NULL REFERENCES operation (number),
    n INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    text TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (operation, n)
) STRICT, WITHOUT ROWID;
