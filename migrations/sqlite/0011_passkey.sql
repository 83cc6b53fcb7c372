-- Passkeys: keys on people's devices, each of which signs in alone.

CREATE TABLE passkey (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- What the device calls it, for ever.
    credential_id TEXT NOT NULL UNIQUE,
    -- The host name that it was made for. It works nowhere else.
    site TEXT NOT NULL,
    -- In its owner's words.
    name TEXT NOT NULL,
    -- The public key with what is remembered of its uses, as the crate `passkey` writes it.
    data TEXT NOT NULL,
    -- What it signed last; empty before. Nothing is taken twice.
    last_proof TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkey_account ON passkey (account_id);
