//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres
@testable import LocalWorkspace

/// Names that look the same and are not: servers and file systems compare bytes.
@Suite("Exact names") struct ExactNamesTests {
    static let composed = "caf\u{E9}@b.c", decomposed = "cafe\u{301}@b.c"

    @Test func `a token opens the role of its very name only`() {
        let claims = TokenClaims(
            issuer: "i", subject: Self.composed, audience: "1", issuedAt: 0, expiresAt: 2_000_000_000, id: "x",
            workspaceID: "1", use: .database)
        let context = LoginDecision.Context(workspaceID: "1", endpoint: "e", strictEndpoints: false, now: 1)
        #expect(LoginDecision.judge(.valid(claims), user: Self.composed, context: context) == .accept(claims))
        guard
            case .refuse(.otherIdentity, _) = LoginDecision.judge(
                .valid(claims), user: Self.decomposed, context: context)
        else {
            Issue.record("accepted")
            return
        }
    }

    @Test func `any claims of time are judged`() {
        for (expiry, now) in [(Int.min, 1e18), (Int.max, -1e300), (0, 1e300), (Int.min, .infinity), (1, .nan)] {
            let claims = TokenClaims(
                issuer: "i", subject: "s", audience: "1", issuedAt: 0, expiresAt: expiry, id: "x", workspaceID: "1",
                use: .database)
            _ = LoginDecision.judge(
                .expired(claims), user: "s",
                context: .init(workspaceID: "1", endpoint: "e", strictEndpoints: false, now: now))
        }
    }

    @Test func `a path's parts are those of the file system`() throws {
        for bad in [
            "/a/../b", "/..", "/a/../\u{301}b", "/../\u{301}x", "/Users/a@b.c/..\u{2F}\u{301}", "\u{301}/a",
            "/a/./\u{301}",
        ] {
            #expect(throws: APIFailure.self, "\(bad)") { try WorkspacePath(bad) }
        }
        let path = try WorkspacePath("/a/\u{301}b")
        #expect(path.components.map { Array($0.utf8) } == [Array("a".utf8), Array("\u{301}b".utf8)])
        #expect(try WorkspacePath("/\(Self.composed)") != WorkspacePath("/\(Self.decomposed)"))
        #expect(try WorkspacePath("/Workspace/\u{301}x").components.count == 1)
    }

    @Test func `two notebooks whose names look the same are two, also after a restart`() async throws {
        let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-exact.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func open() throws -> WorkspaceFiles {
            try WorkspaceFiles(
                folder: folder, documents: ResourceStore(path: folder + "/resources.db", durable: false),
                home: "/Users/a@b.c")
        }
        let one = try WorkspacePath("/Shared/\(Self.composed)"), two = try WorkspacePath("/Shared/\(Self.decomposed)")
        do {
            let files = try open()
            try await files.write(Data("1".utf8), to: one, language: .python, overwrite: false)
            // A file system of normal forms, as macOS has it, has one file for both.
            do { try await files.write(Data("2".utf8), to: two, language: .sql, overwrite: false) } catch { return }
        }
        let files = try open()
        #expect(try await files.status(one).language == .python)
        #expect(try await files.status(two).language == .sql)
        try await files.delete(one, recursive: false)
        #expect(try await files.status(two).language == .sql)
    }

    @Test(arguments: ["pg_\u{301}x", "databricks_\u{301}x"]) func `a reserved name is reserved whatever follows`(
        name: String
    ) {
        #expect(throws: APIFailure.self) { try WorkspaceState.checkName(name) }
    }

    @Test func `numbers of files that no server has written are not added up`() {
        var bytes = [UInt8](repeating: 0xFF, count: 64)
        bytes.replaceSubrange(16..<20, with: [1, 0, 0, 0])
        let file = ControlFile.parse(bytes)
        #expect(file?.isCleanlyStopped == true && file?.checkpoint == .max)
        #expect(LogRange(checkpoint: .max, timeline: 1, segmentSize: 16 << 20) == nil)
        for size in [0, 1, 1 << 33, UInt64.max] as [UInt64] {
            #expect(LogRange(checkpoint: 1, timeline: 1, segmentSize: size) == nil)
        }
        for text in ["99999999999\n/\n1\n", "2147483648\n/\n1\n", "-1\n/\n1\n"] {
            #expect(PostmasterFile.parse(text) == nil)
        }
    }
}
