//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import NIOCore

/// The text of a note as a form sends it.
enum NoteForm {
    private struct Fields: Decodable {
        var content: String
    }

    /// Reads and checks the text.
    ///
    /// - Throws: ``Trouble`` 400 for a text that is missing, empty, too long, or no text.
    static func content(of request: Request) async throws -> String {
        // What guards the forms has read it before, and sees to its length.
        let body = try await request.body.collect(upTo: .max)
        guard let text = String(validating: body.readableBytesView, as: UTF8.self), Self.isText(percentEncoded: text)
        else { throw Self.noText }
        let fields: Fields
        do {
            fields = try URLEncodedFormDecoder().decode(Fields.self, from: text)
        } catch is URLEncodedFormError {
            // Percent signs that stand for no text.
            throw Self.noText
        } catch {
            throw Trouble.form("The form has no field \"content\".")
        }
        let content = fields.content.trimmed
        guard !content.isEmpty else { throw Trouble.form("The note is empty.") }
        // As browsers count for `maxlength`.
        guard content.utf16.count <= NotesStore.maximumLength else { throw Self.tooLong }
        guard !content.utf8.contains(0) else { throw Trouble.form("The note has a NUL character, which is no text.") }
        return content
    }

    /// Whether the bytes behind the percent signs are UTF-8; the decoder would put question marks in their place.
    private static func isText(percentEncoded text: String) -> Bool {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                return false
            }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self) != nil
    }

    static var tooLong: Trouble {
        .form("The note is longer than \(NotesStore.maximumLength) characters.")
    }
    private static var noText: Trouble { .form("The note is not text in UTF-8.") }
}

extension String {
    fileprivate var trimmed: String {
        let from = self.drop { $0.isWhitespace }
        guard let last = from.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(from[...last])
    }
}
