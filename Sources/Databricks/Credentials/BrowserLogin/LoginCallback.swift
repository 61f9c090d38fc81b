//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

/// Reads the redirect at the end of a browser login, and decides which page to show.
struct LoginCallback: Sendable {
    /// The result of the login.
    enum Outcome: Sendable {
        case code(Secret)
        case refused(String)
    }

    /// The page that the browser shows.
    struct Page: Sendable {
        var status: Int
        var title: String
        var text: String

        var html: String {
            """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(self.title)</title><style>\
            body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}</style></head>\
            <body><h1>\(self.title)</h1><p>\(self.text)</p></body></html>
            """
        }
    }

    let state: Secret

    /// Reads a request.
    ///
    /// - Returns: The page, and how the login ended, if this request says so. A request without the right state ends
    ///   nothing: any page in the browser can send it.
    func read(method: String, target: String) -> (page: Page, outcome: Outcome?) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard method == "GET", parts.first == "/" else {
            return (Page(status: 404, title: "Not found", text: "There is nothing here."), nil)
        }
        let fields = parts.count == 2 ? Self.fields(parts[1]) : [:]
        guard let state = fields["state"], Secret(state) == self.state else {
            return (
                Page(
                    status: 400, title: "Not the login that was asked for",
                    text: "This page belongs to another login. Go back to the terminal and open the address it shows."),
                nil
            )
        }
        if let error = fields["error"], !error.isEmpty {
            let words = [error, fields["error_description"]].compactMap { $0 }.joined(separator: ": ")
            return (
                Page(
                    status: 400, title: "Not logged in",
                    text: "The workspace refused the login. The terminal says why. You can close this page."),
                .refused(ErrorParser.clean(String(words.prefix(500))))
            )
        }
        guard let code = fields["code"], !code.isEmpty else {
            return (Page(status: 400, title: "Not logged in", text: "The answer has no code."), nil)
        }
        return (Page(status: 200, title: "Logged in", text: "You can close this page."), .code(Secret(code)))
    }

    /// The fields of a query, the first of each name.
    private static func fields(_ query: Substring) -> [String: String] {
        var fields: [String: String] = [:]
        for field in query.split(separator: "&").prefix(32) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : ""
            guard let name = parts.first.map(String.init), fields[name] == nil else { continue }
            fields[name] = URLEncoding.decoded(value)
        }
        return fields
    }
}
