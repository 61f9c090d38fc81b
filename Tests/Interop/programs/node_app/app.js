// lakebase-swift · Apache License 2.0 · see LICENSE

// Serves rows as an app of AppKit's does: signed in as the app, a token for each connection, and TLS as the environment's mode means it there.
const http = require("http");
const { Pool } = require("pg");

const modes = { require: { rejectUnauthorized: true }, prefer: { rejectUnauthorized: false }, disable: false };

async function json(path, options) {
  const answer = await fetch(process.env.DATABRICKS_HOST + path, { method: "POST", ...options });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

async function password() {
  const pair = `${process.env.DATABRICKS_CLIENT_ID}:${process.env.DATABRICKS_CLIENT_SECRET}`;
  const { access_token } = await json("/oidc/v1/token", {
    headers: { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "all-apis" }),
  });
  const { token } = await json("/api/2.0/postgres/credentials", {
    headers: { Authorization: `Bearer ${access_token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ endpoint: process.env.LAKEBASE_ENDPOINT }),
  });
  return token;
}

const pool = new Pool({
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  database: process.env.PGDATABASE,
  user: process.env.PGUSER ?? process.env.DATABRICKS_CLIENT_ID,
  password,
  ssl: modes[process.env.PGSSLMODE],
  max: 4,
});

http
  .createServer(async (request, response) => {
    try {
      const client = await pool.connect();
      const { rows } = await client.query(`SELECT name FROM ${process.env.TABLE} ORDER BY name`);
      const { encrypted, authorized } = client.connection.stream;
      client.release();
      response.end(JSON.stringify({ names: rows.map((row) => row.name), mode: process.env.PGSSLMODE, encrypted, authorized }));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error.stack));
    }
  })
  .listen(Number(process.env.DATABRICKS_APP_PORT), "0.0.0.0");
