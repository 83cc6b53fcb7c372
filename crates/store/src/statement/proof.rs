//! Statements about proofs of who somebody is: second factors, recovery codes, tokens.

statements! {
    TWO_FACTOR_PUT = "INSERT INTO two_factor (account_id, secret, made_at, last_step)
        VALUES ($1, $2, $3, 0)
        ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret,
            made_at = excluded.made_at, confirmed_at = NULL, last_step = 0";
    TWO_FACTOR_GET = "SELECT secret, made_at, confirmed_at, last_step FROM two_factor
        WHERE account_id = $1";
    TWO_FACTOR_STEP = "UPDATE two_factor SET last_step = $2
        WHERE account_id = $1 AND last_step < $2";
    TWO_FACTOR_CONFIRM = "UPDATE two_factor SET confirmed_at = $2 WHERE account_id = $1";
    TWO_FACTOR_DELETE = "DELETE FROM two_factor WHERE account_id = $1";
    RECOVERY_CLEAR = "DELETE FROM recovery_code WHERE account_id = $1";
    RECOVERY_INSERT = "INSERT INTO recovery_code (account_id, code_hash) VALUES ($1, $2)";
    RECOVERY_USE = "UPDATE recovery_code SET used_at = $3
        WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL";
    RECOVERY_LEFT = "SELECT COUNT(*) FROM recovery_code
        WHERE account_id = $1 AND used_at IS NULL";

    TOKEN_INSERT = "INSERT INTO api_token (id, account_id, name, token_hash, scopes, made_at,
            expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TOKEN_LIST = "SELECT id, account_id, name, scopes, made_at, expires_at, last_used_at
        FROM api_token WHERE account_id = $1 AND expires_at > $2
        ORDER BY made_at DESC, id DESC";
    TOKEN_BY_HASH = "SELECT id, account_id, name, scopes, made_at, expires_at, last_used_at
        FROM api_token WHERE token_hash = $1 AND expires_at > $2";
    TOKEN_USED = "UPDATE api_token SET last_used_at = $2 WHERE id = $1";
    TOKEN_DELETE = "DELETE FROM api_token WHERE account_id = $1 AND id = $2";
    TOKEN_CLEAR = "DELETE FROM api_token WHERE account_id = $1";
    TOKEN_SWEEP = "DELETE FROM api_token WHERE expires_at <= $1";
}
