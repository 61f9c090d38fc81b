CREATE SCHEMA IF NOT EXISTS starter_schema;

CREATE TABLE starter_schema.messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT now()
);
