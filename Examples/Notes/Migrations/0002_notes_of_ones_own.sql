ALTER TABLE notes.notes
    ADD COLUMN IF NOT EXISTS author text NOT NULL DEFAULT coalesce(current_setting('notes.author', true), '');

CREATE INDEX IF NOT EXISTS notes_author_created_at_id_idx ON notes.notes (author, created_at DESC, id DESC);

ALTER TABLE notes.notes ENABLE ROW LEVEL SECURITY;
-- Where the app owns the table, it would be exempt.
ALTER TABLE notes.notes FORCE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS own_notes ON notes.notes;
CREATE POLICY own_notes ON notes.notes
    USING (author = coalesce(current_setting('notes.author', true), ''));
