-- Version 1. A published migration never changes; the next one is a file of its own.

CREATE TABLE till_meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    checksum BIGINT NOT NULL
);

-- The gateway processes that live. A process whose time ran out is deleted by another one, and with
-- its row goes its right to write.
CREATE TABLE till_process (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

-- Who drives a payment and all its refunds.
CREATE TABLE till_family (
    name TEXT COLLATE "C" PRIMARY KEY,
    owner BIGINT NOT NULL
);

-- One row for each pay or refund. The body is all of it, in the form that version names; the other
-- columns repeat what is searched for. The checksum is over all columns but family and itself.
-- Numbers grow with time, over all processes within a family.
CREATE TABLE till_operation (
    number BIGINT PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    caller TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    payment_external_id TEXT COLLATE "C",
    open BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    events BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    checksum BIGINT NOT NULL,
    family TEXT COLLATE "C" NOT NULL REFERENCES till_family (name)
);

CREATE UNIQUE INDEX till_operation_id ON till_operation (id);
CREATE UNIQUE INDEX till_operation_external_id ON till_operation (external_id);
CREATE INDEX till_operation_request ON till_operation (request_id, action, caller, number);
CREATE INDEX till_operation_payment ON till_operation (payment_external_id, number)
    WHERE payment_external_id IS NOT NULL;
CREATE INDEX till_operation_open ON till_operation (family) WHERE open = 1;

-- What happened to an operation, numbered from 1; only ever appended to.
CREATE TABLE till_event (
    operation BIGINT NOT NULL REFERENCES till_operation (number),
    n BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    text TEXT NOT NULL,
    checksum BIGINT NOT NULL,
    PRIMARY KEY (operation, n)
);

-- What one process asks of another, and what it is answered.
CREATE TABLE till_wish (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asker BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT,
    made_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX till_wish_owner ON till_wish (owner, id) WHERE answer IS NULL;
CREATE INDEX till_wish_asker ON till_wish (asker, id) WHERE answer IS NOT NULL;
