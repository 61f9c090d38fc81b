//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import PostgresGateway

struct ServerIdentityTests {
    @Test(arguments: [
        ("db.example.com", "db.example.com", true),
        ("DB.Example.com", "db.example.COM", true),
        ("db.example.com.", "db.example.com", true),
        ("db.example.com", "*.example.com", true),
        ("a.db.example.com", "*.example.com", false),
        ("example.com", "*.example.com", false),
        (".example.com", "*.example.com", false),
        ("db.example.com", "d*.example.com", false),
        ("db.example.com", "other.example.com", false),
        ("db.example.com", "", false),
        ("", "", false),
        ("localhost", "*.", false),
        ("localhost", "*", false),
    ])
    func `names match as in certificates`(_ name: String, _ pattern: String, _ expected: Bool) {
        #expect(ServerIdentity.matches(name, pattern: pattern) == expected)
    }
}
