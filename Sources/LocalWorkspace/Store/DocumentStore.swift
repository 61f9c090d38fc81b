//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Stores documents by name.
///
/// A document is written whole, in one step: a reader, and the next start after a crash, sees the old one or the new
/// one.
package protocol DocumentStore: Sendable {
    /// The document of that name, nil when there is none.
    func load<Document: Decodable>(_ type: Document.Type, named name: String) throws -> Document?
    /// Writes or replaces the document of that name.
    func save(_ document: some Encodable, named name: String) throws
}
