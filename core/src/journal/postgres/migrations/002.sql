-- Version 2: what a gateway keeps beside the journal, shared by its processes.

-- Tokens of terminals and operators, of which only hashes are kept.
CREATE TABLE till_token (
    id TEXT COLLATE "C" PRIMARY KEY,
    hash BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    revoked_ms BIGINT
);

CREATE UNIQUE INDEX till_token_in_use ON till_token (name) WHERE revoked_ms IS NULL;

-- Operations that only a callback made interesting: the bank is asked about them a while.
CREATE TABLE till_wake (
    external_id TEXT COLLATE "C" PRIMARY KEY,
    at_ms BIGINT NOT NULL
);

-- Payments that only a signed callback knows: money without a record.
CREATE TABLE till_orphan (
    external_id TEXT COLLATE "C" PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    times BIGINT NOT NULL
);
