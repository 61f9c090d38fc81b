//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import NIOCore
import Secrets

/// Takes forms only from the app's own pages.
///
/// A random text is in a cookie and, hidden, in each form; what is sent has to bring both, and the same. Another site can have a
/// visitor's browser send the cookie but cannot read it, so its form lacks the text. The cookie is the only state: every
/// instance of the app takes the forms of every other, also after a restart.
struct FormGuardMiddleware: RouterMiddleware {
    typealias Context = NotesContext

    /// The name of the field.
    static let field = "csrf"
    /// Far more than the longest note takes, however it is encoded.
    private static let bodyLimit = 64 * 1024

    @concurrent func handle(
        _ request: Request, context: NotesContext,
        next: @concurrent (Request, NotesContext) async throws -> Response
    ) async throws -> Response {
        var (request, context) = (request, context)
        let isSecure = Self.isSecure(request)
        // With this prefix a browser takes the cookie from this host only, and not from one beside it.
        let name = isSecure ? "__Host-notes" : "notes"
        let known = request.cookies[name]?.value
        if let known, Self.isToken(known) {
            context.formToken = known
        } else {
            context.formToken = RandomText.hexadecimal(bytes: 16)
        }
        if request.method == .post {
            let body: ByteBuffer
            do {
                body = try await request.collectBody(upTo: Self.bodyLimit)
            } catch is NIOTooManyBytesError {
                throw NoteForm.tooLong
            }
            guard known == context.formToken, Self.brings(context.formToken, String(buffer: body)) else {
                throw Trouble.foreignForm
            }
        }
        var response = try await next(request, context)
        if context.formToken != known {
            response.setCookie(
                Cookie(
                    name: name, value: context.formToken, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax))
        }
        return response
    }

    /// Whether the browser speaks TLS, by the word of the platform's proxy.
    private static func isSecure(_ request: Request) -> Bool {
        HTTPField.Name("X-Forwarded-Proto").flatMap { request.headers[$0] } == "https"
    }

    private static func isToken(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func brings(_ token: String, _ form: String) -> Bool {
        let values = form.split(separator: "&").filter { $0.hasPrefix("\(Self.field)=") }
        // Secrets are compared in constant time.
        return values.count == 1
            && Secret(String(values[0].dropFirst(Self.field.count + 1))) == Secret(token)
    }
}
