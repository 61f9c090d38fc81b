-- The app's role may make schemas in its database but nothing in public, so the notes have one of their own.
-- IF NOT EXISTS, since early versions of this app made these without writing it down.
CREATE SCHEMA IF NOT EXISTS notes;

CREATE TABLE IF NOT EXISTS notes.notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO notes.notes (content)
SELECT content
FROM unnest(ARRAY[
    'Welcome to Lakebase!', 'This app connects to Postgres', 'Data fetched from your database'
]) AS content
WHERE NOT EXISTS (SELECT FROM notes.notes);
