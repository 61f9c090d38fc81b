//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// The bytes of a file, read piece by piece: programs are large, and only little of them is needed.
protocol ELFBytes {
    /// `count` bytes at `offset`.
    ///
    /// - Throws: ``ELFError/malformed(_:)`` if the file ends before them.
    func read(_ offset: UInt64, _ count: UInt64, _ what: String) throws -> ELFRange
}

/// Bytes in memory.
struct ELFMemory: ELFBytes {
    let bytes: [UInt8]

    func read(_ offset: UInt64, _ count: UInt64, _ what: String) throws -> ELFRange {
        guard count <= UInt64(self.bytes.count), offset <= UInt64(self.bytes.count) - count else {
            throw ELFError.malformed("\(what) are not there")
        }
        return ELFRange(bytes: Array(self.bytes[Int(offset)..<Int(offset + count)]), what: what)
    }
}

/// Bytes of a file.
///
/// It is read and not mapped: a mapped file that another process shortens ends the program.
struct ELFFile: ELFBytes {
    private let handle: FileHandle
    private let size: UInt64

    /// - Throws: The system's error for a file that cannot be read.
    init(_ path: String) throws {
        self.handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        self.size = try self.handle.seekToEnd()
    }

    func read(_ offset: UInt64, _ count: UInt64, _ what: String) throws -> ELFRange {
        guard count <= self.size, offset <= self.size - count, let length = Int(exactly: count) else {
            throw ELFError.malformed("\(what) are not there")
        }
        try self.handle.seek(toOffset: offset)
        let bytes = try self.handle.read(upToCount: length) ?? Data()
        guard bytes.count == length else { throw ELFError.malformed("\(what) are not there") }
        return ELFRange(bytes: Array(bytes), what: what)
    }
}

/// Bytes of one piece of a file, and numbers and names in it.
struct ELFRange {
    let bytes: [UInt8]
    let what: String

    func u16(_ offset: Int) throws -> UInt16 { UInt16(try self.number(offset, 2)) }
    func u32(_ offset: Int) throws -> UInt32 { UInt32(try self.number(offset, 4)) }
    func u64(_ offset: Int) throws -> UInt64 { try self.number(offset, 8) }

    /// The text up to the next zero byte.
    func string(_ offset: Int) throws -> String {
        guard offset >= 0, offset < self.bytes.count, let end = self.bytes[offset...].firstIndex(of: 0),
            let text = String(validating: self.bytes[offset..<end], as: UTF8.self)
        else { throw ELFError.malformed("\(self.what) hold no text at \(offset)") }
        return text
    }

    private func number(_ offset: Int, _ width: Int) throws -> UInt64 {
        guard offset >= 0, offset <= self.bytes.count - width else {
            throw ELFError.malformed("\(self.what) end early")
        }
        return (0..<width).reversed().reduce(0) { $0 << 8 | UInt64(self.bytes[offset + $1]) }
    }
}
