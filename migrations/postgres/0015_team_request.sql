-- A team asks for more, as an account does: whoever owns clusters has requests, and `made_by` is the
-- name of whoever wrote one.

ALTER TABLE quota_request DROP CONSTRAINT quota_request_account_id_fkey;
ALTER TABLE quota_request RENAME COLUMN account_id TO owner_id;
ALTER TABLE quota_request ADD CONSTRAINT quota_request_owner_id_fkey
    FOREIGN KEY (owner_id) REFERENCES owner (id) ON DELETE CASCADE;
ALTER INDEX quota_request_account RENAME TO quota_request_owner;

ALTER TABLE quota_request ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
UPDATE quota_request
    SET made_by = (SELECT account.name FROM account WHERE account.id = quota_request.owner_id);
ALTER TABLE quota_request ALTER COLUMN made_by DROP DEFAULT;
