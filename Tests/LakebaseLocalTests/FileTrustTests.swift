//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("Who may have had a say in a file") struct FileTrustTests {
    typealias Facts = FileFacts

    /// What an ordinary user sees, whoever runs this.
    static let alice = FileTrust(user: 1000, privateGroup: 1000)
    static let root = FileTrust(user: 0, privateGroup: nil, serverUser: 101)

    static func folder(_ owner: uid_t, _ mode: mode_t, group: gid_t = 50) -> Facts {
        Facts(kind: .folder, owner: owner, group: group, mode: mode)
    }
    static func file(_ owner: uid_t, _ mode: mode_t, names: UInt64 = 1) -> Facts {
        Facts(kind: .file, owner: owner, group: 50, mode: mode, names: names)
    }
    static func link(_ owner: uid_t) -> Facts { Facts(kind: .link, owner: owner, group: 50, mode: 0o777) }

    static let good: [(FileTrust, Facts, FileTrust.Place)] = [
        (alice, folder(0, 0o755), .way), (alice, folder(0, 0o1777), .way), (alice, folder(1000, 0o700), .way),
        (alice, folder(1000, 0o775, group: 1000), .way), (alice, link(0), .way), (alice, link(1000), .way),
        (alice, folder(1000, 0o700), .folder), (alice, folder(1000, 0o755), .folder),
        (alice, folder(1000, 0o700), .secretFolder), (alice, file(1000, 0o600), .secretFile),
        (alice, file(1000, 0o644), .file), (alice, folder(1000, 0o700), .cluster),
        (root, folder(0, 0o711), .folder), (root, folder(101, 0o700), .cluster), (root, folder(0, 0o1777), .way),
    ]

    static let bad: [(FileTrust, Facts, FileTrust.Place)] = [
        // Another user's folder, file or link.
        (alice, folder(1001, 0o755), .way), (alice, folder(1001, 0o700), .folder), (alice, link(1001), .way),
        (alice, file(1001, 0o600), .secretFile), (alice, file(0, 0o644), .file), (alice, folder(0, 0o755), .folder),
        (root, folder(65534, 0o755), .folder), (root, folder(65534, 0o755), .way), (root, link(65534), .way),
        (root, folder(0, 0o700), .cluster), (root, folder(65534, 0o700), .cluster), (root, file(101, 0o600), .file),
        // A link in place of the thing.
        (alice, link(1000), .folder), (alice, link(1000), .secretFolder), (alice, link(1000), .file),
        (alice, link(1000), .secretFile), (root, link(0), .cluster), (root, link(0), .folder),
        // Others may write, or read what is secret.
        (alice, folder(0, 0o777), .way), (alice, folder(1000, 0o777), .way), (alice, folder(1000, 0o775), .way),
        (alice, folder(1000, 0o770), .folder), (alice, folder(1000, 0o707), .folder),
        (alice, folder(1000, 0o1777), .folder), (alice, file(1000, 0o666), .file), (alice, file(1000, 0o620), .file),
        (alice, file(1000, 0o640), .secretFile), (alice, file(1000, 0o604), .secretFile),
        (alice, folder(1000, 0o750), .secretFolder), (alice, folder(1000, 0o701), .secretFolder),
        (alice, folder(1000, 0o770), .cluster), (root, folder(101, 0o777), .cluster),
        // A second name, and other kinds.
        (alice, file(1000, 0o600, names: 2), .file), (alice, file(1000, 0o600, names: 2), .secretFile),
        (alice, file(1000, 0o700), .folder), (alice, folder(1000, 0o700), .file), (alice, file(0, 0o644), .way),
        (alice, Facts(kind: .other, owner: 1000, group: 50, mode: 0o600), .file),
    ]

    @Test func `what only root and the user can have made is used`() {
        for (trust, facts, place) in Self.good {
            #expect(trust.problem(facts, at: "/x", as: place) == nil, "\(facts) as \(place)")
        }
    }

    @Test func `what others can have made is not, and the error says whose it is and what to do`() throws {
        for (trust, facts, place) in Self.bad {
            let problem = try #require(trust.problem(facts, at: "/x/y", as: place), "\(facts) as \(place)")
            #expect(problem.code == .dataDirectory && problem.remedy != nil)
            #expect(problem.message.contains("/x/y") && problem.message.contains(FileTrust.name(facts.owner)))
            #expect(problem.message.contains(String(facts.mode, radix: 8)))
        }
    }
}

/// What another user has put in the way.
///
/// Root plays that user, who alone can give files away.
@Suite("Planted folders", .enabled(if: geteuid() == 0)) struct PlantedFolderTests {
    static let nobody: uid_t = 65534

    func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-planted.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    func write(_ text: String, _ path: String, owner: uid_t = 0, mode: mode_t = 0o600) throws {
        try PrivateFile.write(Data(text.utf8), to: path, mode: mode)
        #expect(lchown(path, owner, gid_t(owner)) == 0)
    }

    func refusal(_ path: String) -> LocalLakebaseError? {
        do {
            _ = try DataDirectory.open(path: path)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a folder of another user is refused, and nothing in it is touched`() throws {
        try self.withFolder { folder in
            let planted = folder + "/data"
            try PrivateFile.createDirectory(planted, mode: 0o755)
            let precious = folder + "/precious"
            try self.write("precious", precious)
            #expect(symlink(precious, planted + "/lock") == 0)
            #expect(lchown(planted, Self.nobody, Self.nobody) == 0)
            let error = try #require(self.refusal(planted))
            #expect(error.code == .dataDirectory && error.message.contains(planted) && error.message.contains("755"))
            #expect(error.message.contains(FileTrust.name(Self.nobody)) && error.remedy?.contains("chown") == true)
            #expect(FileManager.default.contents(atPath: precious) == Data("precious".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: planted) == ["lock"])
        }
    }

    @Test(arguments: [
        "lock", "lakebase.json", "resources.db", "ca.pem", "secrets", "branches", "apps", "workspace", "postgres",
    ])
    func `a link in the place of something of ours is not followed`(name: String) throws {
        try self.withFolder { folder in
            let data = folder + "/data", precious = folder + "/precious"
            do { _ = try DataDirectory.open(path: data) }
            if name.contains(".") || name == "lock" {
                try self.write("precious", precious)
            } else {
                try PrivateFile.createDirectory(precious, mode: 0o700)
            }
            try? FileManager.default.removeItem(atPath: "\(data)/\(name)")
            #expect(symlink(precious, "\(data)/\(name)") == 0)
            let error = try #require(self.refusal(data))
            #expect(error.message.contains("\(data)/\(name) is a symbolic link"), "\(error)")
            if let content = FileManager.default.contents(atPath: precious) {
                #expect(content == Data("precious".utf8))
            }
        }
    }

    @Test(arguments: ["developer-token", "client-secret", "signing.key"])
    func `a secret of another user, or one that others can read, is not taken`(name: String) throws {
        try self.withFolder { folder in
            let data = folder + "/data"
            do { _ = try DataDirectory.open(path: data) }
            let secret = "\(data)/secrets/\(name)"
            try self.write("dapi0", secret, owner: Self.nobody)
            #expect(try #require(self.refusal(data)).message.contains(secret))
            try self.write("dapi0", secret, mode: 0o644)
            #expect(try #require(self.refusal(data)).message.contains("can be read by others"))
            try self.write("dapi0", secret)
            #expect(link(secret, folder + "/other") == 0)
            #expect(try #require(self.refusal(data)).message.contains("has another name"))
            unlink(folder + "/other")
            #expect(self.refusal(data) == nil)
        }
    }

    @Test func `a way through folders and links of others is refused`() throws {
        try self.withFolder { folder in
            try PrivateFile.createDirectory(folder + "/theirs", mode: 0o755)
            try PrivateFile.createDirectory(folder + "/theirs/ours", mode: 0o700)
            #expect(lchown(folder + "/theirs", Self.nobody, Self.nobody) == 0)
            for path in ["/theirs/ours", "/theirs/new", "/theirs/new/er"] {
                #expect(try #require(self.refusal(folder + path)).message.contains(folder + "/theirs "))
            }
            try PrivateFile.createDirectory(folder + "/good", mode: 0o700)
            #expect(symlink(folder + "/good", folder + "/link") == 0)
            #expect(self.refusal(folder + "/link") == nil, "a link of one's own leads on")
            #expect(lchown(folder + "/link", Self.nobody, Self.nobody) == 0)
            #expect(try #require(self.refusal(folder + "/link")).message.contains(folder + "/link "))
            try PrivateFile.createDirectory(folder + "/open", mode: 0o777)
            #expect(try #require(self.refusal(folder + "/open/data")).message.contains("can be written to by others"))
            try PrivateFile.setMode(folder + "/open", 0o1777)
            #expect(self.refusal(folder + "/open/data") == nil, "as in /tmp")
            #expect(symlink("loop", folder + "/loop") == 0)
            #expect(try #require(self.refusal(folder + "/loop/x")).message.contains("leads nowhere"))
        }
    }

    @Test func `a planted folder is not taken for a running one`() throws {
        try self.withFolder { folder in
            let data = folder + "/data"
            do { _ = try DataDirectory.open(path: data) }
            try self.write("secret of root", folder + "/precious")
            #expect(symlink(folder + "/precious", data + "/secrets/developer-token") == 0)
            let running = #expect(throws: LocalLakebaseError.self) { try LocalLakebase.running(on: data) }
            #expect(running?.message.contains("symbolic link") == true)
            unlink(data + "/secrets/developer-token")
            #expect(lchown(data, Self.nobody, Self.nobody) == 0)
            #expect(throws: LocalLakebaseError.self) { try LocalLakebase.running(on: data) }
            #expect(throws: LocalLakebaseError.self) { try LocalAppLog.tail(of: "notes", in: data, count: 1) }
        }
    }

    @Test func `a temporary folder is not made where others can take it away`() throws {
        try self.withFolder { folder in
            try PrivateFile.createDirectory(folder + "/open", mode: 0o777)
            #expect(throws: LocalLakebaseError.self) { try FileTrust.current().check(folder + "/open", as: .way) }
        }
    }
}
