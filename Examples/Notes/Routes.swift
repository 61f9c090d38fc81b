//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import Lakebase
import LakebaseHummingbird

/// The app's addresses.
struct Routes: Sendable {
    let lakebase: LakebaseClient
    let visitors: Visitors
    let pages: Pages

    func router() -> Router<NotesContext> {
        let router = Router(context: NotesContext.self, options: .autoGenerateHeadEndpoints)
        // From the outside in: each sees what those after it throw or answer.
        router.add(middleware: SecurityHeadersMiddleware())
        router.add(middleware: TroubleMiddleware(pages: self.pages))
        router.add(middleware: ForwardedIdentityMiddleware())
        router.add(middleware: SameOriginMiddleware())
        router.add(middleware: FormGuardMiddleware())
        self.addPages(to: router)
        self.addForms(to: router)
        router.get("/health/live") { _, _ in Health.live(self.lakebase) }
        router.get("/health/ready") { _, _ in await Health.ready(self.lakebase) }
        let pages: [RouterPath] = ["/", "/status", "/health/live", "/health/ready"]
        for path in pages { router.allowOnly([.get, .head], at: path) }
        for path in ["/notes", "/notes/:id", "/notes/:id/delete"] as [RouterPath] {
            router.allowOnly([.post], at: path)
        }
        return router
    }

    private func store(of context: NotesContext) async throws -> NotesStore {
        NotesStore(lakebase: self.lakebase, author: try await self.visitors.visitor(of: context)?.userName ?? "")
    }

    private func addPages(to router: Router<NotesContext>) {
        router.get("/") { _, context in
            let visitor = try await self.visitors.visitor(of: context)
            let store = NotesStore(lakebase: self.lakebase, author: visitor?.userName ?? "")
            return HTML(
                self.pages.render(
                    notes: try await store.latest(), strip: CredentialStrip(self.lakebase.statistics),
                    visitor: visitor, context: context))
        }
        router.get("/status") { request, context in
            let visitor = try await self.visitors.visitor(of: context)
            // A query, so that the strip shows a pool at work.
            let count = try await NotesStore(lakebase: self.lakebase, author: visitor?.userName ?? "").count()
            let wantsPage = TroubleMiddleware.wantsPage(request.headers[.accept] ?? "")
            let role = wantsPage ? try await self.visitors.role(of: context) : nil
            let status = Status(
                notes: count, statistics: self.lakebase.statistics, users: self.visitors.users?.statistics,
                visitor: visitor)
            guard wantsPage else { return try status.response(from: request, context: context) }
            return try HTML(self.pages.render(status: status, role: role, context: context))
                .response(from: request, context: context)
        }
    }

    private func addForms(to router: Router<NotesContext>) {
        router.post("/notes") { request, context in
            let content = try await NoteForm.content(of: request)
            try await self.store(of: context).add(content)
            return Response.redirect(to: "/", type: .normal)
        }
        router.post("/notes/:id") { request, context in
            guard let id = context.parameters.get("id", as: Int.self) else { throw Trouble.noSuchNote }
            let content = try await NoteForm.content(of: request)
            guard try await self.store(of: context).edit(id, content) else { throw Trouble.noSuchNote }
            return Response.redirect(to: "/", type: .normal)
        }
        router.post("/notes/:id/delete") { _, context in
            guard let id = context.parameters.get("id", as: Int.self),
                try await self.store(of: context).delete(id)
            else { throw Trouble.noSuchNote }
            return Response.redirect(to: "/", type: .normal)
        }
    }
}

extension Router {
    /// Answers 405 to other methods, which would be 404 otherwise.
    fileprivate func allowOnly(_ allowed: [HTTPRequest.Method], at path: RouterPath) {
        let others: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for method in others where !allowed.contains(method) {
            self.on(path, method: method) { _, _ -> Response in throw Trouble.method(allowed: allowed) }
        }
    }
}
