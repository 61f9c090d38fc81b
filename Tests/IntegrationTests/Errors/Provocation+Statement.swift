//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase
import LakebaseLocal
import Logging

extension Provocation {
    static let ofStatement: [Provocation] = [
        Provocation(.permissionDenied) { scene in
            try await scene.prepare("CREATE SCHEMA s601; CREATE TABLE s601.t ()")
            return await problemThrown { try await scene.app.query("SELECT FROM s601.t") }
        },
        Provocation(.tablePrivilegeMissing) { scene in
            try await scene.prepare(
                "CREATE SCHEMA s602; GRANT USAGE ON SCHEMA s602 TO PUBLIC; CREATE TABLE s602.t (n int)")
            return await scene.explained { try await $0.query("SELECT n FROM s602.t") }
        },
        Provocation(.sequencePrivilegeMissing) { scene in
            try await scene.prepare(
                """
                CREATE SCHEMA s603; GRANT USAGE ON SCHEMA s603 TO PUBLIC;
                CREATE TABLE s603.orders (id serial, what text); GRANT ALL ON s603.orders TO PUBLIC
                """)
            return await scene.explained { try await $0.query("INSERT INTO s603.orders (what) VALUES ('tea')") }
        },
        Provocation(.schemaPrivilegeMissing) { scene in
            try await scene.prepare("CREATE SCHEMA s604; CREATE TABLE s604.t (n int); GRANT ALL ON s604.t TO PUBLIC")
            return await scene.explained { try await $0.query("SELECT n FROM s604.t") }
        },
        Provocation(.databasePrivilegeMissing) { scene in
            try await scene.prepare("CREATE DATABASE plain")
            return try await scene.stack.withClient(.app, changes: ["PGDATABASE": "plain"]) { client in
                await scene.explained(as: client) { try await $0.query("CREATE SCHEMA mine") }
            }
        },
        Provocation(.functionPrivilegeMissing) { scene in
            try await scene.prepare(
                """
                CREATE FUNCTION public.secret_sum(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT a + b';
                REVOKE EXECUTE ON FUNCTION public.secret_sum FROM PUBLIC
                """)
            return await scene.explained { try await $0.query("SELECT secret_sum(1, 2)") }
        },
        Provocation(.notOwner) { scene in
            try await scene.prepare(
                "CREATE SCHEMA s607; GRANT USAGE ON SCHEMA s607 TO PUBLIC; CREATE TABLE s607.t (n int)")
            return await scene.explained { try await $0.query("ALTER TABLE s607.t ADD COLUMN m int") }
        },
        Provocation(.rowSecurity) { scene in
            try await scene.prepare(
                """
                CREATE SCHEMA s608; GRANT USAGE ON SCHEMA s608 TO PUBLIC; CREATE TABLE s608.t (n int);
                GRANT ALL ON s608.t TO PUBLIC; ALTER TABLE s608.t ENABLE ROW LEVEL SECURITY;
                CREATE POLICY small ON s608.t USING (n < 10)
                """)
            return await scene.explained { try await $0.query("INSERT INTO s608.t VALUES (11)") }
        },
        Provocation(.relationMissing) { scene in
            await scene.explained { try await $0.query("SELECT FROM nowhere_at_all") }
        },
        Provocation(.relationOutsideSearchPath) { scene in
            try await scene.prepare(
                "CREATE SCHEMA s610; GRANT USAGE ON SCHEMA s610 TO PUBLIC; CREATE TABLE s610.hidden (n int)")
            return await scene.explained { try await $0.query("SELECT n FROM hidden") }
        },
        Provocation(.schemaMissing) { scene in
            await scene.explained { try await $0.query("CREATE TABLE s611.t (n int)") }
        },
        Provocation(.readOnly) { scene in
            await problemThrown {
                _ = try await scene.app.withTransaction(readOnly: true) { try await $0.query("CREATE SCHEMA s612") }
            }
        },
        Provocation(.statementCancelled) { scene in
            await problemThrown {
                try await scene.app.withTransaction { connection in
                    try await connection.query("SET LOCAL statement_timeout = '20ms'")
                    try await connection.query("SELECT pg_sleep(5)")
                }
            }
        },
        Provocation(.transactionConflict) { scene in
            try await scene.prepare("CREATE SCHEMA s614; CREATE TABLE s614.t (n int); INSERT INTO s614.t VALUES (1)")
            return await problemThrown {
                try await scene.developer.withTransaction(isolation: .repeatableRead) { connection in
                    try await connection.query("SELECT n FROM s614.t")
                    try await scene.developer.query("UPDATE s614.t SET n = 2")
                    try await connection.query("UPDATE s614.t SET n = 3")
                }
            }
        },
        Provocation(.decodingFailed) { scene in
            await problemThrown { _ = try await scene.app.query("SELECT 'one'").decode((Int).self) }
        },
        Provocation(.statementRefused) { scene in await problemThrown { try await scene.app.query("SELEC 1") } },
    ]
}
