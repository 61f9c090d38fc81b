//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Subprocess

/// Bytes for a program's input, which is closed also when they cannot be written.
///
/// Subprocess closes the input of an array of bytes only when all was written, and ends this process where it was not: when the
/// task is cancelled, or the program ends without reading.
struct ClosingInput: InputProtocol {
    let bytes: [UInt8]

    func write(with writer: StandardInputWriter) async throws {
        do {
            _ = try await writer.write(self.bytes)
        } catch {
            try await writer.finish()
            throw error
        }
    }
}
