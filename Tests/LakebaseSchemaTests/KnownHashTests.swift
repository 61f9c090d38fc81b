//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseSchema

/// Values that databases and workspaces of users hold already: none of them may change with the code that makes them.
@Suite("Hashes that are stored elsewhere") struct KnownHashTests {
    @Test("the checksum of a migration is sha256sum's of its text, with line feeds at the ends of its lines")
    func migration() throws {
        let checksum = "3375c59018cb4f9382f6e60d197a90350fa9ba4cb2cdade3f69a124e4f62a273"
        for text in ["CREATE TABLE notes ();\nSELECT 1;\n", "CREATE TABLE notes ();\r\nSELECT 1;\r\n"] {
            #expect(try Migration(version: 1, name: "notes", up: text).checksum == checksum)
        }
    }

    @Test(
        "the key of the lock of migrators is made from the name of the schema",
        arguments: [("app", Int64(-2_629_235_670_671_539_833)), ("other", 2_971_973_414_560_164_944)])
    func lock(schema: String, key: Int64) {
        #expect(MigrationLock(schema: schema, limit: .seconds(1)).key == key)
    }

    @Test(
        "the id of a role's resource ends with the beginning of the hash of its name",
        arguments: [
            ("ann@example.com", "user-ann-example-com-71d4f55f"),
            ("u16@example.com", "user-u16-example-com-0a69b851"),
        ])
    func role(name: String, id: String) throws {
        #expect(RoleResourceID.make(try WantedRole(name: name, identity: .user)) == id)
    }
}
