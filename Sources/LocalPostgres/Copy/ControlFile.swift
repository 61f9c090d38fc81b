//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// The contents of a data directory's `pg_control` (PostgreSQL: src/include/catalog/pg_control.h).
struct ControlFile: Equatable, Sendable {
    /// Whether the server was stopped with a checkpoint.
    var isCleanlyStopped: Bool
    /// The position of the last checkpoint in the WAL.
    var checkpoint: UInt64
    var timeline: UInt32

    /// The checkpoint's position in PostgreSQL's notation.
    var checkpointText: String {
        "\(String(self.checkpoint >> 32, radix: 16, uppercase: true))/"
            + String(self.checkpoint & 0xFFFF_FFFF, radix: 16, uppercase: true)
    }

    /// Reads the file of a data folder; `nil` if it does not exist or is too short.
    static func read(dataFolder: String) -> ControlFile? {
        FileManager.default.contents(atPath: dataFolder + "/global/pg_control").flatMap { Self.parse([UInt8]($0)) }
    }

    /// Parses the file's bytes, which are in the byte order of the machine.
    static func parse(_ bytes: [UInt8]) -> ControlFile? {
        guard bytes.count >= 56 else { return nil }
        return bytes.withUnsafeBytes { raw in
            // The layout up to here is the same in all versions that are supported.
            ControlFile(
                isCleanlyStopped: raw.loadUnaligned(fromByteOffset: 16, as: UInt32.self) == 1,
                checkpoint: raw.loadUnaligned(fromByteOffset: 32, as: UInt64.self),
                timeline: raw.loadUnaligned(fromByteOffset: 48, as: UInt32.self)
            )
        }
    }

    /// The part of the WAL in a folder that a cleanly stopped server needs; `nil` if it is not known.
    func log(in folder: String) -> LogRange? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard self.isCleanlyStopped, let any = names.first(where: LogRange.isSegment) else { return nil }
        guard let size = PrivateFile.facts(of: "\(folder)/\(any)")?.size, size >= 1 << 20, size & (size - 1) == 0
        else { return nil }
        guard
            let range = LogRange(checkpoint: self.checkpoint, timeline: self.timeline, segmentSize: UInt64(size))
        else { return nil }
        // If its segment is not there, the names are others than we think.
        return names.contains { range.part(of: $0) != .nothing && LogRange.isSegment($0) } ? range : nil
    }
}
