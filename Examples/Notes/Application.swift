//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import Lakebase
import Logging
import ServiceLifecycle

/// Puts the page, the client and the server together.
func buildApplication(
    store: NotesStore, lakebase: LakebaseClient, address: BindAddress, logger: Logger
) throws -> some ApplicationProtocol {
    let page = try Page()
    let router = Router()
    router.add(middleware: SameOriginMiddleware())
    router.get("/") { _, _ in
        HTML(page.render(notes: try await store.latest(), strip: CredentialStrip(lakebase.statistics)))
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
        let id = try context.parameters.require("id", as: Int.self)
        guard try await store.edit(id, try await NoteForm.content(of: request)) else { throw HTTPError(.notFound) }
        return Response.redirect(to: "/", type: .normal)
    }
    router.post("/notes/:id/delete") { _, context in
        let id = try context.parameters.require("id", as: Int.self)
        // Deleting twice is no error: the note is gone, as wished.
        _ = try await store.delete(id)
        return Response.redirect(to: "/", type: .normal)
    }
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
    application.beforeServerStarts { try await store.prepare() }
    return application
}
