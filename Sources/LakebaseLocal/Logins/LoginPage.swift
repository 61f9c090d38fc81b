//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// What a browser shows of the workspace's logins.
enum LoginPage {
    /// Asks as whom to go on: a button for each person who is known.
    static func choice(users: [LocalIdentity], ticket: Secret) -> APIResponse {
        let field = ticket.withUnsafeValue { "<input type=\"hidden\" name=\"ticket\" value=\"\(Self.escaped($0))\">" }
        let buttons = users.map { user in
            """
            <button name="user" value="\(Self.escaped(user.userName))">\(Self.escaped(user.displayName)) \
            <small>\(Self.escaped(user.userName))</small></button>
            """
        }
        return Self.page(
            title: "Log in to Lakebase on this machine",
            """
            <p>A program on this machine asks to work in the local workspace. As whom?</p>
            <form method="post">\(field)\(buttons.joined())<button name="user" value="">Nobody: refuse</button></form>
            """)
    }

    /// Says what is wrong where no program can be told.
    static func problem(_ words: String) -> APIResponse {
        Self.page(title: "No login", "<p>\(Self.escaped(words))</p>", status: 400)
    }

    /// Sends the browser on.
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
            small{opacity:.7}</style></head><body><h1>\(title)</h1>\(content)</body></html>
            """
        return APIResponse(
            status: status,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
                ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
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
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
