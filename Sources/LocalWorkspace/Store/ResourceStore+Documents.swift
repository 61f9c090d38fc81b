//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import GRDB
import LocalGround

/// Stores documents as rows beside the resources.
extension ResourceStore: DocumentStore {
    package func load<Document: Decodable>(_ type: Document.Type, named name: String) throws -> Document? {
        let text = try self.queue.read { database in
            try String.fetchOne(database, sql: "SELECT text FROM document WHERE name = ?", arguments: [name])
        }
        guard let text else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw LocalLakebaseError(
                .dataDirectory, "The \(name) in \(self.path) cannot be read: \(error).",
                remedy: "If a newer lakebase wrote them, use that one; else choose another folder with --data."
            )
        }
    }

    package func save(_ document: some Encodable, named name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(document), as: UTF8.self)
        try self.queue.write { try Self.write(text, named: name, replacing: true, $0) }
    }

    /// Imports documents that earlier versions stored as JSON files in a folder, and removes the files.
    ///
    /// All of them or none. If a file and its row both exist, a kill prevented the removal of the file: the row is
    /// newer.
    package func adoptDocuments(in folder: String) throws {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".json") }.sorted()
        guard !names.isEmpty else { return }
        try self.queue.write { database in
            for name in names {
                let path = "\(folder)/\(name)"
                guard let data = FileManager.default.contents(atPath: path),
                    (try? JSONSerialization.jsonObject(with: data)) != nil
                else {
                    throw LocalLakebaseError(
                        .dataDirectory, "\(path) cannot be read.",
                        remedy: "Remove the file; what it lists is then gone."
                    )
                }
                let text = String(decoding: data, as: UTF8.self)
                try Self.write(text, named: String(name.dropLast(5)), replacing: false, database)
            }
        }
        for name in names { unlink("\(folder)/\(name)") }
    }

    private static func write(
        _ text: String, named name: String, replacing: Bool, _ database: GRDB.Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO document (name, text) VALUES (?, ?)
                ON CONFLICT (name) DO \(replacing ? "UPDATE SET text = excluded.text" : "NOTHING")
                """,
            arguments: [name, text]
        )
    }
}
