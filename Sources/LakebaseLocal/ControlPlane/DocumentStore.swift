//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// Keeps documents by name.
///
/// A document is written whole, in one step: a reader, and the next start after a crash, sees the old one or the new one.
protocol DocumentStore: Sendable {
    /// The document of that name, nil when there is none.
    func load<Document: Decodable>(_ type: Document.Type, named name: String) throws -> Document?
    /// Writes or replaces the document of that name.
    func save(_ document: some Encodable, named name: String) throws
}

/// Documents as JSON files, 0600 each, in one folder.
struct FileDocumentStore: DocumentStore {
    let folder: String

    /// Opens the folder, and makes it when it is missing.
    init(folder: String) throws {
        try PrivateFile.createDirectory(folder, mode: 0o700)
        self.folder = folder
    }

    func load<Document: Decodable>(_ type: Document.Type, named name: String) throws -> Document? {
        let path = "\(self.folder)/\(name).json"
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw LocalLakebaseError(
                .dataDirectory, "\(path) cannot be read.", remedy: "Remove the file; what it lists is then gone."
            )
        }
    }

    func save(_ document: some Encodable, named name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try PrivateFile.write(try encoder.encode(document), to: "\(self.folder)/\(name).json")
    }
}
