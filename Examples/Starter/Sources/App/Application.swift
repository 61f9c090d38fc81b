//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import Lakebase
import Logging

/// Puts the page, the client of the database and the server together.
///
/// The client is a service beside the server: it is there before the first request and ends after the last.
func buildApplication(
    lakebase: LakebaseClient, address: BindAddress, logger: Logger
) -> Application<RouterResponder<BasicRequestContext>> {
    let messages = Messages(lakebase: lakebase)
    let router = Router(context: BasicRequestContext.self)
    router.get("/") { _, _ in Page(messages: try await messages.newest()) }
    router.post("/") { request, context in
        guard isFromOurPage(request) else { throw HTTPError(.forbidden) }
        let form = try await URLEncodedFormDecoder().decode(MessageForm.self, from: request, context: context)
        guard let text = form.trimmedText else {
            return try Page(messages: try await messages.newest(), mistake: "Write 1 to 500 characters.")
                .response(from: request, context: context)
        }
        try await messages.add(text)
        return Response.redirect(to: "/", type: .normal)
    }
    router.get("/health") { _, _ in
        try await lakebase.query("SELECT 1")
        return "ok\n"
    }
    var application = Application(router: router, configuration: .init(address: address), logger: logger)
    application.addServices(lakebase)
    return application
}

/// What the form sends.
struct MessageForm: Decodable {
    var text: String

    /// The text without spaces around it, if there are 1 to 500 characters of it.
    var trimmedText: String? {
        let text = self.text.drop(while: \.isWhitespace)
        let trimmed = text.prefix(upTo: text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? text.startIndex)
        return (1...500).contains(trimmed.count) ? String(trimmed) : nil
    }
}

/// Browsers say where a form was; one of another site may not write here with the visitor's login.
func isFromOurPage(_ request: Request) -> Bool {
    guard let field = request.headers.first(where: { $0.name.canonicalName == "sec-fetch-site" }) else { return true }
    return field.value == "same-origin" || field.value == "none"
}
