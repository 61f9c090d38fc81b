//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import HTTPTypes
import Hummingbird
import Lakebase
import Logging
import ServiceLifecycle

/// Puts the page, the client and the server together.
func buildApplication(
    store: NotesStore, lakebase: LakebaseClient, address: BindAddress, logger: Logger
) throws -> some ApplicationProtocol {
    let router = buildRouter(store: store, lakebase: lakebase, pages: try Pages())
    var application = Application(
        router: router,
        configuration: .init(address: address, serverName: "notes"),
        onServerRunning: { channel in
            guard let local = channel.localAddress, let port = local.port else { return }
            // Not `print`, which keeps the line to itself while standard output is a pipe or a file.
            let line = "Notes: http://\(local.ipAddress ?? "127.0.0.1"):\(port)\n"
            try? FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        },
        logger: logger
    )
    application.addServices(lakebase)
    application.beforeServerStarts { try await store.prepareWhenAwake() }
    return application
}

/// The app's addresses.
private func buildRouter(store: NotesStore, lakebase: LakebaseClient, pages: Pages) -> Router<BasicRequestContext> {
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.add(middleware: TroubleMiddleware(pages: pages))
    router.add(middleware: SameOriginMiddleware())
    router.get("/") { _, _ in
        HTML(pages.render(notes: try await store.latest(), strip: CredentialStrip(lakebase.statistics)))
    }
    router.get("/status") { _, _ in
        // A query, so that the strip shows a pool at work.
        let count = try await store.count()
        return StatusAnswer(notes: count, strip: CredentialStrip(lakebase.statistics))
    }
    router.post("/notes") { request, _ in
        try await store.add(try await NoteForm.content(of: request))
        return Response.redirect(to: "/", type: .normal)
    }
    router.post("/notes/:id") { request, context in
        guard let id = context.parameters.get("id", as: Int.self) else { throw Trouble.noSuchNote }
        guard try await store.edit(id, try await NoteForm.content(of: request)) else { throw Trouble.noSuchNote }
        return Response.redirect(to: "/", type: .normal)
    }
    router.post("/notes/:id/delete") { _, context in
        guard let id = context.parameters.get("id", as: Int.self), try await store.delete(id) else {
            throw Trouble.noSuchNote
        }
        return Response.redirect(to: "/", type: .normal)
    }
    for path in ["/", "/status"] as [RouterPath] { router.allowOnly([.get, .head], at: path) }
    for path in ["/notes", "/notes/:id", "/notes/:id/delete"] as [RouterPath] { router.allowOnly([.post], at: path) }
    return router
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
