//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import Logging

/// Turns errors into answers: a page for a browser, JSON for everybody else.
struct TroubleMiddleware: RouterMiddleware {
    typealias Context = NotesContext

    let pages: Pages

    @concurrent func handle(
        _ request: Request, context: NotesContext,
        next: @concurrent (Request, NotesContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let trouble = Trouble(error)
            if trouble.status.kind == .serverError {
                context.logger.error(
                    "A request failed",
                    metadata: [
                        "http.request.method": "\(request.method.rawValue)", "url.path": "\(request.uri.path)",
                        "http.response.status_code": "\(trouble.status.code)", "error": "\(error)",
                    ])
            }
            let response =
                Self.wantsPage(request.headers[.accept] ?? "")
                ? self.page(trouble, request, context) : try Self.json(trouble, request, context)
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    private func page(_ trouble: Trouble, _ request: Request, _ context: NotesContext) -> Response {
        // Only a page that was merely asked for may be asked for again by itself.
        let reload = request.method == .get ? trouble.retryAfter : nil
        let text = self.pages.render(trouble: trouble, context: context, reloadAfter: reload)
        var headers = trouble.headers
        headers[.contentType] = "text/html; charset=utf-8"
        return Response(status: trouble.status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private struct Answer: Encodable {
        struct Failure: Encodable {
            var message: String
        }
        var error: Failure
    }

    private static func json(_ trouble: Trouble, _ request: Request, _ context: NotesContext) throws -> Response {
        let answer = Answer(error: .init(message: "\(trouble.explanation) \(trouble.remedy)"))
        var response = try context.responseEncoder.encode(answer, from: request, context: context)
        response.status = trouble.status
        for field in trouble.headers { response.headers[field.name] = field.value }
        return response
    }

    /// Whether HTML is what the client would rather have: browsers name it, `fetch` and `curl` do not.
    static func wantsPage(_ accept: String) -> Bool {
        var html = 0.0
        var json = 0.0
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            switch parts.first {
            case "text/html", "application/xhtml+xml": html = max(html, quality)
            case "application/json": json = max(json, quality)
            default: break
            }
        }
        return html > json
    }
}
