//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("Copies of files") struct FileCloneTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test(arguments: [0, 1, 256 * 1024, 256 * 1024 + 1, 1_000_000]) func `a copy is the same, byte for byte`(size: Int)
        throws
    {
        try self.withFolder { folder in
            let bytes = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try bytes.write(to: URL(filePath: folder + "/a"))
            let copied = try FileClone.copy(folder + "/a", folder + "/b", owner: ServerUser(other: nil))
            #expect(copied == Int64(size))
            #expect(FileManager.default.contents(atPath: folder + "/b") == bytes)
            // What is there is not overwritten.
            #expect(throws: PrivateFile.Failure.self) {
                try FileClone.copy(folder + "/a", folder + "/b", owner: ServerUser(other: nil))
            }
        }
    }

    @Test func `a file that is gone is no error, a link is not followed`() throws {
        try self.withFolder { folder in
            let gone = try FileClone.copy(folder + "/a", folder + "/b", owner: ServerUser(other: nil))
            #expect(gone == nil)
            try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "/etc/passwd")
            #expect(throws: PrivateFile.Failure.self) {
                try FileClone.copy(folder + "/link", folder + "/b", owner: ServerUser(other: nil))
            }
        }
    }

    @Test func `a control file that is short or not there is none`() {
        #expect(ControlFile.parse([UInt8](repeating: 0, count: 55)) == nil)
        #expect(ControlFile.read(dataFolder: "/nonexistent") == nil)
        var bytes = [UInt8](repeating: 0, count: 56)
        bytes[16] = 1
        (bytes[32], bytes[36], bytes[48]) = (0x28, 0x0A, 1)
        let control = ControlFile.parse(bytes)
        #expect(control?.isCleanlyStopped == true && control?.timeline == 1)
        #expect(control?.checkpointText == "A/28")
    }
}
