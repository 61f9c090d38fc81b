//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Data directory") struct DataDirectoryTests {
    func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).intValue
    }

    @Test func `what is kept stays the same at the next start`() throws {
        try self.withFolder { folder in
            let first = try { () throws -> (LocalState, Secret) in
                let (directory, state) = try DataDirectory.open(path: folder + "/deep/er")
                return (state, try directory.secret("client-secret") { Secret("one") })
            }()
            let (directory, state) = try DataDirectory.open(path: folder + "/deep/er")
            #expect(state == first.0)
            #expect(try directory.secret("client-secret") { Secret("two") } == first.1)
            #expect(UInt64(state.workspaceID) != nil)
        }
    }

    @Test func `secrets are for their owner only`() throws {
        try self.withFolder { folder in
            let (directory, _) = try DataDirectory.open(path: folder)
            _ = try directory.secret("client-secret") { Secret("one") }
            #expect(try self.mode(directory.secretsFolder) == 0o700)
            #expect(try self.mode(directory.secretsFolder + "/client-secret") == 0o600)
            #expect(try self.mode(directory.stateFile) == 0o600)
            #expect(try self.mode(directory.path) & 0o066 == 0)
        }
    }

    #if os(Linux)
    @Test func `branches are spread over the disk, where the file system lets itself be told`() throws {
        try self.withFolder { folder in
            func isSpread(_ path: String, wanted: Bool = false) -> Bool {
                let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY)
                defer { close(descriptor) }
                let size = UInt(MemoryLayout<CLong>.size) << 16
                var flags: CInt = 0
                guard ioctl(descriptor, 0x8000_6601 | size, &flags) == 0 else { return false }
                guard wanted else { return flags & 0x2_0000 != 0 }
                flags |= 0x2_0000
                return ioctl(descriptor, 0x4000_6602 | size, &flags) == 0
            }
            _ = try DataDirectory.open(path: folder + "/data")
            // On ext4 it does, on others it need not.
            let known = isSpread(folder, wanted: true)
            #expect(isSpread(folder + "/data/branches") == known)
            #expect(!isSpread(folder + "/data"))
        }
    }
    #endif

    @Test func `a second start is told who is there`() throws {
        try self.withFolder { folder in
            let (directory, _) = try DataDirectory.open(path: folder)
            let error = try #require(throws: LocalLakebaseError.self) { try DataDirectory.open(path: folder) }
            #expect(error.code == .dataDirectoryInUse)
            #expect(error.message.contains("Process \(getpid())"))
            withExtendedLifetime(directory) {}
        }
    }

    @Test func `foreign folders and files are left alone`() throws {
        try self.withFolder { folder in
            try Data().write(to: URL(filePath: folder + "/holiday.jpg"))
            let foreign = try #require(throws: LocalLakebaseError.self) { try DataDirectory.open(path: folder) }
            #expect(foreign.code == .dataDirectory && foreign.message.contains("holiday.jpg"))
            let file = try #require(throws: LocalLakebaseError.self) {
                try DataDirectory.open(path: folder + "/holiday.jpg")
            }
            #expect(file.message.contains("is not a folder") && file.remedy != nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["holiday.jpg"])
        }
    }

    @Test func `a folder that cannot be made is an error with a remedy`() throws {
        let error = try #require(throws: LocalLakebaseError.self) { try DataDirectory.open(path: "/proc/nothing/here") }
        #expect(error.code == .dataDirectory && error.remedy != nil)
    }

    @Test(arguments: ["", "{}", "[1]", #"{"version":99}"#]) func `a damaged state file is an error`(text: String) throws
    {
        try self.withFolder { folder in
            try Data(text.utf8).write(to: URL(filePath: folder + "/lakebase.json"))
            let error = try #require(throws: LocalLakebaseError.self) { try DataDirectory.open(path: folder) }
            #expect(error.code == .dataDirectory)
        }
    }

    @Test func `a temporary folder goes`() throws {
        let (directory, _) = try DataDirectory.open(path: nil)
        #expect(FileManager.default.fileExists(atPath: directory.stateFile))
        directory.removeIfTemporary()
        #expect(!FileManager.default.fileExists(atPath: directory.path))
    }
}
