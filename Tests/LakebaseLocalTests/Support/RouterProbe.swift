//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

@testable import LakebaseLocal

/// A router with the routes of the workspace that finds the route of a request and does not answer it.
struct RouterProbe: Sendable {
    /// What a request asks for.
    enum Found: Equatable, Sendable {
        /// Something that needs no credential; the path of the route.
        case open(String)
        /// An action on an object; the path of the route.
        case action(WorkspaceAction, String? = nil, at: String)
        case wrongMethod(allowed: String)
        case notServed
        case absent
        case unknown
    }

    /// Keeps the route of a request for the test.
    private struct Context: RequestContext {
        struct Source: RequestContextSource {
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let note = Note()
        }

        final class Note: Sendable {
            let route = Mutex<WorkspaceRoute?>(nil)
        }

        var coreContext: CoreRequestContextStorage
        let note: Note

        init(source: Source) {
            self.coreContext = CoreRequestContextStorage(source: source)
            self.note = source.note
        }
    }

    static let shared = RouterProbe()

    private let responder: RouterResponder<Context>

    private init() {
        let router = Router(context: Context.self)
        WorkspaceRoute.add(to: router) { route, _, context in
            context.note.route.withLock { $0 = route }
            return Response(status: .ok)
        }
        self.responder = router.buildResponder()
    }

    /// The route that a request gets.
    func route(_ method: String, _ path: String) async throws -> WorkspaceRoute? {
        let source = Context.Source()
        let head = HTTPRequest(
            method: HTTPRequest.Method(method) ?? .get, scheme: "http", authority: "localhost", path: path)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        // The answer to a request without a route is 404.
        _ = try? await self.responder.respond(
            to: RoutedRequest.of(request, path: path), context: Context(source: source))
        return source.note.route.withLock { $0 }
    }

    /// What a request asks for.
    func find(_ method: String, _ path: String) async throws -> Found {
        let route = try await self.route(method, path)
        switch WorkspaceRoute.target(of: route, method: method, path: path) {
        case .open: return .open(route?.path ?? "")
        case .action(let requested, _): return .action(requested.action, requested.object, at: route?.path ?? "")
        case .wrongMethod(let allowed): return .wrongMethod(allowed: allowed)
        case .notServed: return .notServed
        case .absent: return .absent
        case .unknown: return .unknown
        }
    }

    /// The action that a request asks for; `nil` for a request that is no action of a caller with a credential.
    func action(_ method: String, _ path: String) async throws -> WorkspaceAction? {
        switch try await self.find(method, path) {
        case .action(let action, _, _): action
        case .open, .wrongMethod, .notServed, .absent, .unknown: nil
        }
    }
}
