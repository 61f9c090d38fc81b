//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird

/// The text of a note as a form sends it.
enum NoteForm {
    private struct Fields: Decodable {
        var content: String
    }

    /// Reads and checks the text.
    ///
    /// - Throws: `HTTPError` 400 for a missing, empty or too long text.
    static func content(of request: Request) async throws -> String {
        let body = try await request.body.collect(upTo: 64 * 1024)
        let fields: Fields
        do {
            fields = try URLEncodedFormDecoder().decode(Fields.self, from: String(buffer: body))
        } catch {
            throw HTTPError(.badRequest, message: "the form has no field \"content\"")
        }
        let content = fields.content.trimmed
        guard !content.isEmpty else { throw HTTPError(.badRequest, message: "the note is empty") }
        guard content.count <= NotesStore.maximumLength else {
            throw HTTPError(.badRequest, message: "the note is longer than \(NotesStore.maximumLength) characters")
        }
        guard !content.utf8.contains(0) else { throw HTTPError(.badRequest, message: "the note has a NUL character") }
        return content
    }
}

extension String {
    fileprivate var trimmed: String {
        let from = self.drop { $0.isWhitespace }
        guard let last = from.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(from[...last])
    }
}
