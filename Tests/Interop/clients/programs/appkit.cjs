// lakebase-swift · Apache License 2.0 · see LICENSE

// Connects as AppKit's @databricks/lakebase does: the mode of the environment, verification by the store of Node.js.
const { Pool } = require("pg");

// The modes that it knows; it refuses any other.
const modes = { require: { rejectUnauthorized: true }, prefer: { rejectUnauthorized: false }, disable: false };

async function password() {
  const answer = await fetch(`${process.env.DATABRICKS_HOST}/api/2.0/postgres/credentials`, {
    method: "POST",
    headers: { Authorization: `Bearer ${process.env.DATABRICKS_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify({ endpoint: process.env.LAKEBASE_ENDPOINT }),
  });
  return (await answer.json()).token;
}

async function main() {
  const mode = process.env.PGSSLMODE;
  if (!(mode in modes)) throw new Error(`PGSSLMODE ${mode} is none of ${Object.keys(modes)}`);
  console.log(`mode ${mode}`);
  for (const [name, ssl] of [["object", modes[mode]], ["flag", true]]) {
    const pool = new Pool({
      host: process.env.PGHOST,
      port: Number(process.env.PGPORT),
      database: process.env.PGDATABASE,
      user: process.env.PGUSER,
      password,
      ssl,
    });
    console.log(`${name} ${(await pool.query("SELECT session_user AS name")).rows[0].name}`);
    await pool.end();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
