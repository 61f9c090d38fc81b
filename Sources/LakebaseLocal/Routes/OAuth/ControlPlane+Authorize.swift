//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// Logins with a browser.
extension ControlPlane {
    /// Answers `GET /oidc/v1/authorize` with the login page, or with a redirect at once where the workspace approves every login.
    ///
    /// `POST` is the form of that page.
    func authorize(_ request: APIRequest) -> APIResponse {
        request.method == "POST" ? self.authorizeAnswer(request) : self.authorizePage(request)
    }

    private func authorizePage(_ request: APIRequest) -> APIResponse {
        switch AuthorizationRequest.read(request.query) {
        case .unsafe(let words): return LoginPage.problem(words)
        case .refused(let redirect, let state, let error, let description):
            return LoginPage.redirect(
                to: AuthorizationRequest.address(
                    redirect, adding: [("error", error), ("error_description", description), ("state", state)]))
        case .request(let wanted):
            if self.logins.approves { return self.letIn(self.identities.developer, wanted) }
            self.logins.desk?.opened()
            return self.page(wanted)
        }
    }

    private func page(_ wanted: AuthorizationRequest, _ complaint: LoginPage.Complaint? = nil) -> APIResponse {
        LoginPage.choice(
            users: self.identities.users, ticket: self.logins.show(wanted),
            file: self.logins.showsFile ? self.logins.desk?.file : nil, complaint: complaint)
    }

    private func authorizeAnswer(_ request: APIRequest) -> APIResponse {
        let form = request.form
        // Only the login page knows its ticket, so no other page in the browser can send the form in its place.
        guard let ticket = form["ticket"].map({ Secret($0) }), let wanted = self.logins.request(of: ticket) else {
            return Self.answeredPage
        }
        let name = form["user"] ?? ""
        guard let user = self.identities.users.first(where: { $0.userName.isExactly(name) }) else {
            return LoginPage.redirect(
                to: AuthorizationRequest.address(
                    wanted.redirect,
                    adding: [
                        ("error", "access_denied"), ("error_description", "The login was refused on its page."),
                        ("state", wanted.state),
                    ]))
        }
        // Every program that reaches the port can open the page; only the owner of the workspace can read the code.
        guard let desk = self.logins.desk else {
            return LoginPage.problem("This workspace does not support logins with a browser.")
        }
        switch Result(catching: { try desk.judge(Secret(form["code"] ?? "")) }) {
        case .success(.right): return self.logins.spend(ticket) ? self.letIn(user, wanted) : Self.answeredPage
        case .success(.wrong): return self.page(wanted, .wrongCode)
        case .success(.tooMany(let seconds)): return self.page(wanted, .tooManyTries(seconds: seconds))
        case .failure:
            return LoginPage.problem(
                "The next login code could not be written to \(desk.file), so logins are not possible.")
        }
    }

    private static let answeredPage = LoginPage.problem(
        "This login page has been used already or has expired. Start the login again.")

    private func letIn(_ user: LocalIdentity, _ wanted: AuthorizationRequest) -> APIResponse {
        let code = self.logins.issue(for: wanted, to: user.userName)
        return code.withUnsafeValue { code in
            LoginPage.redirect(
                to: AuthorizationRequest.address(wanted.redirect, adding: [("code", code), ("state", wanted.state)]))
        }
    }
}
