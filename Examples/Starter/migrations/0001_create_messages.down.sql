DROP TABLE starter_schema.messages;
