//! Statements about passkeys.

statements! {
    PASSKEY_INSERT = "INSERT INTO passkey (id, account_id, credential_id, site, name, data,
            last_proof, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, '', $7)";
    PASSKEY_LIST = "SELECT id, account_id, credential_id, site, name, data, last_proof, made_at,
            last_used_at
        FROM passkey WHERE account_id = $1 ORDER BY made_at, id";
    PASSKEY_BY_CREDENTIAL = "SELECT id, account_id, credential_id, site, name, data, last_proof,
            made_at, last_used_at
        FROM passkey WHERE credential_id = $1";
    PASSKEY_USE = "UPDATE passkey SET data = $3, last_proof = $4, last_used_at = $5
        WHERE id = $1 AND last_proof = $2 AND last_proof <> $4";
    PASSKEY_DELETE = "DELETE FROM passkey WHERE account_id = $1 AND id = $2";
    PASSKEY_CLEAR = "DELETE FROM passkey WHERE account_id = $1";
}
