//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Service principals as a value") struct PrincipalDirectoryTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `made, found, changed and deleted`() throws {
        var directory = PrincipalDirectory()
        let first = try directory.create(.init(displayName: "a"), applicationID: "5a")
        let second = try directory.create(.init(displayName: "b"), applicationID: "6b")
        #expect(first.id != second.id && first.applicationID == "5a" && first.active == true)
        #expect(try directory.list(filter: #"displayName eq "b""#) == [second])
        #expect(try directory.list(filter: #"applicationId eq "5a""#) == [first])
        #expect(try directory.list(filter: nil) == [first, second])
        #expect(throws: APIFailure.self) { try directory.list(filter: "displayName co b") }
        let taken = #expect(throws: APIFailure.self) {
            try directory.create(.init(applicationID: "5a"), applicationID: "x")
        }
        #expect(taken?.status == 409)
        let id = try #require(first.id)
        let patched = try directory.patch(id, [.init(op: "Replace", path: "displayName", value: .string("c"))])
        #expect(patched.displayName == "c" && patched.applicationID == "5a")
        #expect(throws: APIFailure.self) {
            try directory.patch(id, [.init(op: "add", path: "id", value: .string("1"))])
        }
        #expect(throws: APIFailure.self) { try directory.replace(id, with: .init(applicationID: "other")) }
        try directory.delete(id)
        let gone = #expect(throws: APIFailure.self) { try directory.delete(id) }
        #expect(gone?.status == 404)
    }

    @Test func `secret signs in until its end, its deletion, or the principal's`() throws {
        var directory = PrincipalDirectory()
        let id = try #require(try directory.create(.init(), applicationID: "5a").id)
        let secret = Secret("dose-canary")
        let made = try directory.addSecret(
            secret, id: "s", to: id, lifetime: .seconds(60), scopes: nil, now: self.now)
        #expect(made.secret == secret && made.expireTime == self.now.addingTimeInterval(60))
        func signsIn(_ seconds: TimeInterval = 0, _ text: Secret = secret) -> Bool {
            directory.principal(clientID: "5a", secret: text, now: self.now.addingTimeInterval(seconds)) != nil
        }
        #expect(signsIn() && signsIn(59) && !signsIn(60) && !signsIn(0, Secret("dose-canarY")))
        #expect(directory.principal(clientID: "6b", secret: secret, now: self.now) == nil)
        _ = try directory.patch(id, [.init(op: "replace", path: "active", value: .boolean(false))])
        #expect(!signsIn())
        _ = try directory.patch(id, [.init(op: "replace", path: "active", value: .boolean(true))])
        try directory.deleteSecret("s", of: id)
        #expect(!signsIn())
    }

    @Test func `only a digest of a secret is kept`() throws {
        var directory = PrincipalDirectory()
        let id = try #require(try directory.create(.init(), applicationID: "5a").id)
        _ = try directory.addSecret(Secret("dose-canary"), id: "s", to: id, lifetime: nil, scopes: nil, now: self.now)
        let text = String(decoding: try JSONEncoder().encode(directory), as: UTF8.self)
        #expect(!text.contains("canary"))
        let read = try JSONDecoder().decode(PrincipalDirectory.self, from: Data(text.utf8))
        #expect(read.principal(clientID: "5a", secret: Secret("dose-canary"), now: self.now) != nil)
        for life in [Duration.zero, .seconds(-1), .seconds(63_072_001)] {
            #expect(throws: APIFailure.self) {
                try directory.addSecret(Secret("x"), id: "t", to: id, lifetime: life, scopes: nil, now: self.now)
            }
        }
    }
}
