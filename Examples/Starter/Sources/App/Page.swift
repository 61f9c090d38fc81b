//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird

/// The page: a form and what was written.
struct Page: ResponseGenerator {
    var messages: [Message]
    var mistake: String?

    var html: String {
        let items = self.messages.map { "<li>\(Self.escaped($0.text))</li>" }.joined(separator: "\n")
        let mistake = self.mistake.map { "<p role=\"alert\">\(Self.escaped($0))</p>" } ?? ""
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>starter-app</title>
            <style>body { font: 1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }</style>
            <h1>starter-app</h1>
            <form method="post" action="/">
            <label>Message <input name="text" maxlength="500" required autofocus></label>
            <button>Send</button>
            </form>
            \(mistake)
            <ul>
            \(items)
            </ul>
            </html>

            """
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        Response(
            status: self.mistake == nil ? .ok : .unprocessableContent,
            headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: self.html)))
    }

    /// Keeps what people type from becoming part of the page's code.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
