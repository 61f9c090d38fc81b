//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Hummingbird
public import Lakebase

/// Runs the handlers after it on a database client's event loop, so that their queries change no threads.
///
/// ```swift
/// router.group("api")
///     .add(middleware: EventLoopMiddleware(client))
///     .get("notes") { request, context in try await client.query("SELECT …") … }
/// ```
///
/// Add it to routes whose handlers run short queries and compute little: while a handler computes, every connection on
/// its loop waits. A handler must not block. Code that is isolated to an actor of its own runs on that actor as before.
public struct EventLoopMiddleware<Context: RequestContext>: RouterMiddleware {
    private let eventLoops: PQEventLoopGroup

    /// Creates the middleware for the event loops of a client.
    ///
    /// - Parameter client: The client that the handlers use.
    public init(_ client: LakebaseClient) { self.init(eventLoops: client.eventLoops) }

    /// Creates the middleware for the event loops of a client of any PostgreSQL.
    ///
    /// - Parameter client: The client that the handlers use.
    public init(_ client: PQClient) { self.init(eventLoops: client.eventLoops) }

    /// Creates the middleware for a group of event loops.
    ///
    /// - Parameter eventLoops: The loops of the clients that the handlers use.
    public init(eventLoops: PQEventLoopGroup) { self.eventLoops = eventLoops }

    /// Calls the next responder on one of the loops.
    @concurrent public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        try await self.eventLoops.withEventLoop { try await next(request, context) }
    }
}
