//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// The part of a data directory's WAL that a copy needs, by the names of its segments.
///
/// A segment is 16 MB for ever, most of it zeros or leftovers: behind the end nothing is read (PostgreSQL ends recovery
/// at the first record that is not valid), so it is left out of the copy as a hole in the file.
struct LogRange: Equatable, Sendable {
    /// The part of a WAL file that the copy needs.
    enum Part: Equatable, Sendable {
        case whole
        /// Its first bytes; the rest is filled with zeros.
        case prefix(Int64)
        case nothing
    }

    /// Bytes that are copied after a position in the WAL: the record at that position, and its page.
    ///
    /// The longest record in question is a checkpoint's, of little more than 100 bytes; a page has at most 64 KB.
    static let margin: Int64 = 128 * 1024

    private let first: String
    private let last: String
    /// The used length of the last segment.
    private let end: Int64

    private init(first: String, last: String, end: Int64) {
        (self.first, self.last, self.end) = (first, last, end)
    }

    /// Only the last checkpoint, which is all that a server needs that was stopped with one.
    ///
    /// - Returns: `nil` for a place or a size that no log has.
    init?(checkpoint: UInt64, timeline: UInt32, segmentSize: UInt64) {
        let (end, isTooFar) = checkpoint.addingReportingOverflow(UInt64(Self.margin))
        // PostgreSQL: --wal-segsize is 1 to 1024 MB.
        guard !isTooFar, (1 << 20...1 << 30).contains(segmentSize) else { return nil }
        self.first = Self.name(checkpoint / segmentSize, timeline, segmentSize)
        // A record may begin in one segment and end in the next.
        self.last = Self.name(end / segmentSize, timeline, segmentSize)
        self.end = Int64(end % segmentSize)
    }

    /// The WAL of a backup.
    ///
    /// - Parameters:
    ///   - label: The text of its `backup_label`, which says where it begins.
    ///   - stopFile: The segment in which it ends, and the place there.
    init?(label: String, stopFile: String, stopOffset: Int64) {
        // START WAL LOCATION: 0/2000028 (file 000000010000000000000002)
        guard let line = label.split(separator: "\n").first(where: { $0.hasPrefix("START WAL LOCATION:") }),
            let opening = line.range(of: "(file "), Self.isSegment(stopFile)
        else { return nil }
        let first = String(line[opening.upperBound...].prefix(24))
        guard Self.isSegment(first), first <= stopFile else { return nil }
        self.init(first: first, last: stopFile, end: stopOffset + Self.margin)
    }

    /// The part of a file in `pg_wal` that the copy needs.
    func part(of name: String) -> Part {
        // Where timelines begin is small, and always needed.
        if name.hasSuffix(".history") { return .whole }
        guard Self.isSegment(name), name >= self.first, name <= self.last else { return .nothing }
        return name == self.last ? .prefix(self.end) : .whole
    }

    /// Whether a name is that of a segment: timeline and number in hexadecimal digits.
    static func isSegment(_ name: String) -> Bool {
        name.utf8.count == 24 && name.utf8.allSatisfy { (48...57).contains($0) || (65...70).contains($0) }
    }

    private static func name(_ number: UInt64, _ timeline: UInt32, _ segmentSize: UInt64) -> String {
        let perID = 0x1_0000_0000 / segmentSize
        return [UInt64(timeline), number / perID, number % perID].map { value in
            let text = String(value, radix: 16, uppercase: true)
            return String(repeating: "0", count: max(0, 8 - text.utf8.count)) + text
        }.joined()
    }
}
