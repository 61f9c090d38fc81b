//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOConcurrencyHelpers
import NIOSSL
import PostgresGateway
import Secrets
import Testing

/// What a session heard.
final class RecordingSession: GatewaySession {
    enum Event: Equatable { case opened, activity, closed }

    private let events = NIOLockedValueBox<[Event]>([])
    private let closings: AsyncStream<Void>
    private let sink: AsyncStream<Void>.Continuation

    init() { (self.closings, self.sink) = AsyncStream.makeStream() }

    func opened(_ info: GatewaySessionInfo) { self.events.withLockedValue { $0.append(.opened) } }
    func activity() { self.events.withLockedValue { $0.append(.activity) } }

    func closed() {
        self.events.withLockedValue { $0.append(.closed) }
        self.sink.yield()
    }

    /// What was heard up to the first close, activity left out.
    func untilClosed() async -> [Event] {
        for await _ in self.closings { break }
        return self.events.withLockedValue { $0.filter { $0 != .activity } }
    }

    var all: [Event] { self.events.withLockedValue { $0 } }
}

/// A policy made of a closure.
struct ClosurePolicy: GatewayPolicy {
    let body: @Sendable (GatewayLogin) async throws(LoginRejection) -> GatewayUpstream

    func authenticate(_ login: GatewayLogin) async throws(LoginRejection) -> GatewayUpstream {
        try await self.body(login)
    }

    /// Lets "token" in.
    static func token(
        _ target: GatewayUpstream.Target,
        session: any GatewaySession = SilentGatewaySession()
    ) -> ClosurePolicy {
        ClosurePolicy { login throws(LoginRejection) in
            guard login.password == Secret("token") else {
                throw LoginRejection(
                    sqlState: "28P01",
                    message: "password authentication failed for user \"\(login.user)\"",
                    detail: "The token has expired.",
                    hint: "Mint a new one."
                )
            }
            return GatewayUpstream(
                target: target,
                user: login.user,
                database: login.database,
                parameters: login.parameters,
                password: login.password,
                session: session
            )
        }
    }
}

/// Runs a gateway on a free port around `body`, and checks that it stops.
func withGateway<Result: Sendable>(
    policy: any GatewayPolicy,
    tls: TLSConfiguration? = nil,
    requireTLS: Bool = false,
    logger: Logger = Logger(label: "test"),
    configure: (inout GatewayConfiguration) -> Void = { _ in },
    _ body: (PostgresGateway, GatewayAddress) async throws -> Result
) async throws -> Result {
    var configuration = GatewayConfiguration(port: 0, tls: tls, requireTLS: requireTLS)
    // No test is about these unless it sets them, and on a busy machine a client of a test may be slow.
    configuration.loginTimeout = .seconds(60)
    configuration.upstreamTimeout = .seconds(60)
    configuration.shutdownGrace = .seconds(20)
    configure(&configuration)
    let gateway = PostgresGateway(configuration: configuration, policy: policy, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await gateway.run() }
        let address = try await gateway.boundAddress()
        let result = try await body(gateway, address)
        group.cancelAll()
        try await group.waitForAll()
        #expect(gateway.sessions.isEmpty)
        return result
    }
}

extension TestPeer {
    /// A client that has logged in without TLS and read everything up to ReadyForQuery.
    static func login(
        to address: GatewayAddress,
        user: String = "ada",
        password: String = "token",
        parameters: [String] = []
    ) async throws -> (TestPeer, [Message]) {
        let client = try await TestPeer.connect(to: address)
        try await client.send(Packets.startup(["user", user] + parameters))
        _ = await client.message()
        try await client.send(Packets.password(password))
        return (client, await client.messages(through: "Z"))
    }
}
