//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LocalPostgres

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
            var clone = FileClone()
            let copied = try clone.copy(folder + "/a", folder + "/b", owner: ServerUser(other: nil))
            #expect(copied == Int64(size))
            #expect(FileManager.default.contents(atPath: folder + "/b") == bytes)
            // What is there is not overwritten.
            #expect(throws: PrivateFile.Failure.self) {
                try clone.copy(folder + "/a", folder + "/b", owner: ServerUser(other: nil))
            }
        }
    }

    @Test func `a file that is gone is no error, a link is not followed`() throws {
        try self.withFolder { folder in
            var clone = FileClone()
            let gone = try clone.copy(folder + "/a", folder + "/b", owner: ServerUser(other: nil))
            #expect(gone == nil)
            try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "/etc/passwd")
            #expect(throws: PrivateFile.Failure.self) {
                try clone.copy(folder + "/link", folder + "/b", owner: ServerUser(other: nil))
            }
        }
    }

    @Test(arguments: [0, 1, 8192, 300_000]) func `a copy of a part has the part, the length and zeros`(limit: Int)
        throws
    {
        try self.withFolder { folder in
            let bytes = Data(repeating: 7, count: 1 << 20)
            try bytes.write(to: URL(filePath: folder + "/a"))
            var clone = FileClone()
            let copied = try clone.copy(
                folder + "/a", folder + "/b", owner: ServerUser(other: nil), limit: Int64(limit)
            )
            #expect(copied == 1 << 20)
            let copy = try #require(FileManager.default.contents(atPath: folder + "/b"))
            #expect(copy.count == 1 << 20 && copy.prefix(limit) == bytes.prefix(limit))
            // Where blocks are shared the rest comes along, which does no harm.
            let rest = Set(copy.dropFirst(limit))
            #expect(rest.isSubset(of: [0, 7]))
        }
    }

    @Test func `what a copy needs of the log of a server that was stopped`() throws {
        let size: UInt64 = 16 << 20
        let margin = LogRange.margin
        let middle = try #require(LogRange(checkpoint: 0x1_0300_0100, timeline: 2, segmentSize: size))
        #expect(middle.part(of: "000000020000000100000003") == .prefix(0x100 + margin))
        #expect(middle.part(of: "000000020000000100000002") == .nothing)
        #expect(middle.part(of: "000000020000000100000004") == .nothing)
        #expect(middle.part(of: "00000002.history") == .whole)
        #expect(middle.part(of: "archive") == .nothing)
        // A record at the very end of a segment goes on in the next one, here with another high word.
        let crossing = try #require(LogRange(checkpoint: 0x1_FFFF_FFF0, timeline: 1, segmentSize: size))
        #expect(crossing.part(of: "0000000100000001000000FF") == .whole)
        #expect(crossing.part(of: "000000010000000200000000") == .prefix(margin - 16))
    }

    @Test func `what a copy needs of the log of a backup`() throws {
        let label = """
            START WAL LOCATION: 0/2000028 (file 000000010000000000000002)
            CHECKPOINT LOCATION: 0/2000060
            BACKUP METHOD: streamed
            """
        let range = try #require(LogRange(label: label, stopFile: "000000010000000000000004", stopOffset: 0x100))
        #expect(range.part(of: "000000010000000000000001") == .nothing)
        #expect(range.part(of: "000000010000000000000002") == .whole)
        #expect(range.part(of: "000000010000000000000003") == .whole)
        #expect(range.part(of: "000000010000000000000004") == .prefix(0x100 + LogRange.margin))
        #expect(range.part(of: "000000010000000000000005") == .nothing)
        // What is not understood is not cut.
        #expect(LogRange(label: "", stopFile: "000000010000000000000004", stopOffset: 0) == nil)
        #expect(LogRange(label: label, stopFile: "", stopOffset: 0) == nil)
        #expect(LogRange(label: label, stopFile: "000000010000000000000001", stopOffset: 0) == nil)
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
