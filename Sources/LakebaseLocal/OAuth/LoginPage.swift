//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// The pages of the workspace's logins.
enum LoginPage {
    /// What was wrong with the previous answer.
    enum Complaint: Equatable, Sendable {
        case wrongCode
        case tooManyTries(seconds: Int)
    }

    /// Asks which user to sign in as, with a button for each known user, and for the code.
    ///
    /// - Parameter file: Where the code is; `nil` for a reader who is not to see the name of a file of this machine.
    static func choice(
        users: [LocalIdentity], ticket: Secret, file: String?, complaint: Complaint? = nil
    ) -> APIResponse {
        let field = ticket.withUnsafeValue { "<input type=\"hidden\" name=\"ticket\" value=\"\(Self.escaped($0))\">" }
        let buttons = users.map { user in
            """
            <button name="user" value="\(Self.escaped(user.userName))">\(Self.escaped(user.displayName)) \
            <small>\(Self.escaped(user.userName))</small></button>
            """
        }
        let place =
            file.map { "<code>\(Self.escaped($0))</code>" } ?? "<code>secrets/login-code</code> in its data folder"
        var page = Self.page(
            title: "Log in to Lakebase on this machine",
            """
            <p>A program asks to work in the local workspace. As whom?</p>\(Self.words(complaint))
            <form method="post" autocomplete="off">\(field)<label for="code">Login code</label>\
            <input id="code" name="code" required autofocus maxlength="128" placeholder="ABCD-EFGH-JKLM" spellcheck="false">\
            <p class="where">It is on the terminal of <code>lakebase dev</code>, and in the file \(place). The developer's token \
            will do as well.</p>\(buttons.joined())\
            <button name="user" value="" formnovalidate>Nobody: refuse</button></form>
            """, status: complaint.map(Self.status) ?? 200)
        if case .tooManyTries(let seconds)? = complaint { page = page.with("Retry-After", String(seconds)) }
        return page
    }

    private static func status(_ complaint: Complaint) -> Int {
        switch complaint {
        case .wrongCode: 403
        case .tooManyTries: 429
        }
    }

    private static func words(_ complaint: Complaint?) -> String {
        switch complaint {
        case nil: ""
        case .wrongCode?:
            "<p class=\"wrong\" role=\"alert\">That is not the code.</p>"
        case .tooManyTries(let seconds)?:
            """
            <p class="wrong" role="alert">That is not the code, and there were many wrong tries at it: someone may be guessing. \
            The right code counts at any time; after a wrong one wait \(seconds) s.</p>
            """
        }
    }

    /// Shows an error that cannot be sent to the program.
    static func problem(_ words: String) -> APIResponse {
        Self.page(title: "No login", "<p>\(Self.escaped(words))</p>", status: 400)
    }

    /// Redirects the browser.
    static func redirect(to address: String) -> APIResponse {
        APIResponse(
            status: 303,
            headers: [
                ("Location", address), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"),
            ], body: Data())
    }

    private static func page(title: String, _ content: String, status: Int = 200) -> APIResponse {
        let html = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(title)</title><style>\
            body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}\
            button{display:block;width:100%;margin:.5rem 0;padding:.75rem;font:inherit;text-align:left;cursor:pointer}\
            small,.where{opacity:.7}label{display:block;margin-top:1rem}code{overflow-wrap:anywhere}.wrong{color:#b00020}\
            input{box-sizing:border-box;width:100%;padding:.75rem;font:1.25rem/1.5 ui-monospace,monospace}</style></head><body><h1>\(title)</h1>\(content)</body></html>
            """
        return APIResponse(
            status: status,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
                // With no-referrer the browser would send no origin either, and the page's answer could not be
                // distinguished from that of another site.
                ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"), ("X-Content-Type-Options", "nosniff"),
                // A browser holds the redirect after a form to form-action as well.
                (
                    "Content-Security-Policy",
                    """
                    default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; \
                    form-action 'self' http://localhost:* http://127.0.0.1:* http://[::1]:*
                    """
                ),
            ], body: Data(html.utf8))
    }

    private static func escaped(_ text: String) -> String {
        text.replacingExactly("&", with: "&amp;").replacingExactly("<", with: "&lt;").replacingExactly(
            ">", with: "&gt;"
        )
        .replacingExactly("\"", with: "&quot;").replacingExactly("'", with: "&#39;")
    }
}
