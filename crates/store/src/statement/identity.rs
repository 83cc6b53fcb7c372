//! Statements about who somebody is at an identity provider.

statements! {
    IDENTITY_INSERT = "INSERT INTO identity_link (issuer, subject, account_id, made_at)
        VALUES ($1, $2, $3, $4)";
    IDENTITY_ACCOUNT = "SELECT account_id FROM identity_link WHERE issuer = $1 AND subject = $2";
    IDENTITY_SINCE = "SELECT made_at FROM identity_link WHERE account_id = $1 AND issuer = $2";
    IDENTITY_DELETE = "DELETE FROM identity_link WHERE account_id = $1 AND issuer = $2";
}
