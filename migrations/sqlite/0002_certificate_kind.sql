-- Whose a client certificate is: somebody's who downloaded it, or the panel's in somebody's name.
ALTER TABLE certificate ADD COLUMN kind TEXT NOT NULL DEFAULT 'bundle';
