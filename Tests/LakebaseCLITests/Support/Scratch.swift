//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A folder that goes away with its owner.
final class Scratch: Sendable {
    let path: String

    init() throws {
        self.path = NSTemporaryDirectory() + "lakebase-cli-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func file(_ name: String) throws -> FileHandle {
        let path = "\(self.path)/\(name)"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    /// Writes a file and returns its path.
    func path(of name: String, text: String) throws -> String {
        let path = "\(self.path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(self.path)/\(name)")), as: UTF8.self)
    }

    /// The text once it holds `mark`; fails after `limit`.
    func text(_ name: String, containing mark: String, within limit: Duration = .seconds(120)) async throws -> String {
        let deadline = ContinuousClock.now + limit
        while true {
            let text = try self.text(name)
            if text.contains(mark) { return text }
            guard ContinuousClock.now < deadline else { throw NeverSaid(mark: mark, text: text) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    struct NeverSaid: Error {
        var mark: String
        var text: String
    }
}
