//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The bytes of a COPY that are not sent yet, shared by the writers of one `copyIn`.
final class CopyBuffer {
    private let connection: PQConnection
    var bytes: [UInt8] = []
    /// The first error of sending, which ends the COPY even where the closure of `copyIn` catches it.
    private(set) var failure: (any Error)?
    private var isOver = false

    /// How many bytes are sent at once.
    private static let size = 65536

    init(_ connection: PQConnection) {
        self.connection = connection
        self.bytes.reserveCapacity(Self.size + 4096)
    }

    /// Throws unless data can be written.
    func check() throws {
        if let failure { throw failure }
        guard !self.isOver else {
            throw PQError(
                .unsupported, "the COPY ended when its closure returned; use the writer within that closure only")
        }
    }

    func end() { self.isOver = true }

    /// Sends the bytes once they are many.
    nonisolated(nonsending) func sendIfFull() async throws {
        guard self.bytes.count >= Self.size else { return }
        try await self.send()
    }

    private nonisolated(nonsending) func send() async throws {
        do {
            try await self.connection.sendCopyData(self.bytes)
            self.bytes.removeAll(keepingCapacity: true)
        } catch {
            self.failure = error
            throw error
        }
    }

    nonisolated(nonsending) func write(_ bytes: some Collection<UInt8>) async throws {
        try self.check()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.size)
            self.bytes.append(contentsOf: piece)
            rest = rest[piece.endIndex...]
            try await self.sendIfFull()
        }
    }
}

/// Writes the bytes of a COPY into a table.
///
/// Bytes are collected and sent about 64 kB at a time; a write waits while the server does not take more. Rows may be cut
/// anywhere. An error of a write ends the COPY, also where it is caught.
public struct PQCopyWriter {
    let buffer: CopyBuffer

    /// Writes bytes.
    ///
    /// - Throws: ``PQError``, the server's where it has refused a row written before; `CancellationError`.
    public nonisolated(nonsending) func write(_ bytes: some Collection<UInt8>) async throws {
        try await self.buffer.write(bytes)
    }

    /// Writes a text as UTF-8.
    ///
    /// - Throws: As ``write(_:)``.
    public nonisolated(nonsending) func write(_ text: String) async throws {
        try await self.buffer.write(text.utf8)
    }
}

@available(*, unavailable)
extension PQCopyWriter: Sendable {}

/// Writes rows into a table by a COPY in binary form.
public struct PQCopyRowWriter {
    let buffer: CopyBuffer
    let encoder: BinaryRowEncoder

    /// Writes one row, a value a column.
    ///
    /// A value has to be of its column's type. Integers fit every integer column that can hold them, a `Float` fits
    /// `double precision`, a `String` fits text types, enumerations, `json` and `jsonb`, and a `Date` fits
    /// `timestamp with time zone`, `timestamp` and `date`, in UTC.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/unsupported`` for a value that does not fit, naming the column and
    ///   both types: nothing of the row is written then, and others may follow. ``PQError`` of the server where it has
    ///   refused a row written before; `CancellationError`.
    public nonisolated(nonsending) func row<each Value: PQEncodable>(_ values: repeat each Value) async throws {
        try self.buffer.check()
        try self.encoder.append(repeat each values, to: &self.buffer.bytes)
        try await self.buffer.sendIfFull()
    }
}

@available(*, unavailable)
extension PQCopyRowWriter: Sendable {}
