// lakebase-swift · Apache License 2.0 · see LICENSE

// Uses a database through node-postgres, as the environment names it, and prints one line for each thing seen.
const fs = require("fs");
const { Client, Pool } = require("pg");
const Cursor = require("pg-cursor");

const settings = {
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  database: process.env.PGDATABASE,
  user: process.env.PGUSER,
  ssl: { rejectUnauthorized: true, ca: fs.readFileSync(process.env.PGSSLROOTCERT) },
};

// The credential as the documentation of the service mints it, by HTTP.
async function password() {
  const answer = await fetch(`${process.env.DATABRICKS_HOST}/api/2.0/postgres/credentials`, {
    method: "POST",
    headers: { Authorization: await authorization(), "Content-Type": "application/json" },
    body: JSON.stringify({ endpoint: process.env.LAKEBASE_ENDPOINT }),
  });
  const { token, expire_time } = await answer.json();
  if (typeof token !== "string" || typeof expire_time !== "string") throw new Error("not a credential");
  return token;
}

async function authorization() {
  if (process.env.DATABRICKS_TOKEN) return `Bearer ${process.env.DATABRICKS_TOKEN}`;
  const pair = `${process.env.DATABRICKS_CLIENT_ID}:${process.env.DATABRICKS_CLIENT_SECRET}`;
  const answer = await fetch(`${process.env.DATABRICKS_HOST}/oidc/v1/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "all-apis" }),
  });
  const { access_token, token_type } = await answer.json();
  return `${token_type} ${access_token}`;
}

async function main() {
  const pool = new Pool({ ...settings, password, max: 3 });
  const numbers = await Promise.all(
    Array.from({ length: 20 }, (_, number) => pool.query("SELECT $1::int AS number", [number])),
  );
  console.log(`numbers ${numbers.map((answer) => answer.rows[0].number).join(",")}`);
  console.log(`user ${(await pool.query("SELECT session_user AS name")).rows[0].name}`);

  const client = await pool.connect();
  const cursor = client.query(new Cursor("SELECT generate_series(1, 1000) AS number"));
  let sum = 0;
  for (let rows = await cursor.read(100); rows.length > 0; rows = await cursor.read(100)) {
    sum += rows.reduce((total, row) => total + row.number, 0);
  }
  await cursor.close();
  console.log(`sum ${sum}`);
  const notified = new Promise((resolve) => client.once("notification", (note) => resolve(note.payload)));
  await client.query("LISTEN interop_node");
  await pool.query("NOTIFY interop_node, 'hello'");
  console.log(`notified ${await notified}`);
  client.release();
  await pool.end();

  const refused = new Client({ ...settings, password: "not a token" });
  await refused.connect().catch((error) => console.log(`refused ${error.code}`));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
