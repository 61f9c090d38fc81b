//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
import CLibpq
public import Logging
import Secrets

extension PQConnection {
    /// Opens a connection.
    ///
    /// Names are looked up off the loop and passed to libpq as addresses; `connectTimeout` covers everything from the
    /// look-up to the ready session. Each address of each host is tried in turn, and none can use up the time of the
    /// others by its silence. As with libpq, a server that refuses the login ends the search, unless it says that it
    /// accepts no connections at the moment.
    ///
    /// - Parameter configuration: The servers and the role.
    /// - Parameter eventLoop: The loop that will drive the connection.
    /// - Parameter logger: Gets events at debug and trace.
    /// - Throws: ``PQError`` with code ``PQError/Code/connectionFailed``, ``PQError/Code/timedOut``,
    ///   ``PQError/Code/nameResolutionFailed`` or ``PQError/Code/invalidConfiguration``; `CancellationError`.
    public static func connect(
        _ configuration: Configuration,
        on eventLoop: PQEventLoop = PQEventLoopGroup.shared.next(),
        logger: Logger
    ) async throws -> PQConnection {
        try configuration.validate()
        let deadline = ContinuousClock.now.later(by: configuration.connectTimeout)
        var generator = SystemRandomNumberGenerator()
        let choice = ServerChoice(configuration, using: &generator)
        var failures: [PQError] = []
        for (index, candidate) in choice.candidates.enumerated() {
            guard failures.isEmpty || ContinuousClock.now < deadline else { break }
            let limit = deadline.share(among: choice.candidates.count - index)
            let narrowed = configuration.narrowed(to: candidate.host)
            let addresses: [String]
            do {
                addresses = try await Self.addresses(of: narrowed, deadline: limit)
            } catch let error as PQError where error.letsOtherServersBeTried {
                failures.append(error)
                continue
            }
            let ordered = choice.ordered(addresses, using: &generator)
            for (place, address) in ordered.enumerated() {
                guard failures.isEmpty || ContinuousClock.now < deadline else { break }
                let connection = PQConnection(configuration: narrowed, eventLoop: eventLoop, logger: logger)
                do {
                    try await connection.establish(
                        addresses: [address].filter { !$0.isEmpty }, target: candidate.target,
                        limit: limit.share(among: ordered.count - place), deadline: deadline)
                    return connection
                } catch let error as PQError {
                    failures.append(error)
                    guard error.letsOtherServersBeTried else { throw PQError.ofAttempts(failures) }
                    logger.debug("A server could not be connected to", metadata: ["error": "\(error)"])
                }
            }
        }
        throw PQError.ofAttempts(failures)
    }

    /// The numeric addresses of a server; an empty one for a Unix socket.
    private static func addresses(
        of configuration: Configuration, deadline: ContinuousClock.Instant
    ) async throws -> [String] {
        if configuration.isUnixSocket { return [""] }
        return try await NameResolver.resolve(configuration.hostAddress ?? configuration.host, deadline: deadline)
    }

    /// Connects the helper connection that cancels another connection's query, in a task that is already cancelled.
    func establishForCancelling(addresses: [String], deadline: ContinuousClock.Instant) async throws {
        let handle = try self.start(addresses: addresses, target: .any)
        try await self.driveConnect(handle, limit: deadline, deadline: deadline)
    }

    /// - Parameter limit: Until when the server has to answer at all.
    /// - Parameter deadline: Until when the session has to be ready.
    private func establish(
        addresses: [String], target: Configuration.TargetSession, limit: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant
    ) async throws {
        let handle = try self.start(addresses: addresses, target: target)
        do {
            try await self.withCancellableWaits {
                try await self.driveConnect(handle, limit: limit, deadline: deadline)
                if !self.configuration.isBehindPooler { try await self.learnServerProcess(deadline: deadline) }
            }
        } catch {
            self.shutDown(PQError(.connectionFailed, "the connection was never ready"))
            throw error
        }
        self.logger.debug(
            "Connected",
            metadata: ["server.address": "\(self.configuration.host)", "server.port": "\(self.configuration.port)"])
    }

    private func start(addresses: [String], target: Configuration.TargetSession) throws -> OpaquePointer {
        // libpq takes a parameter that is missing from the environment. An empty one it takes as set, and only a
        // connection string can set one.
        let parameters =
            [("dbname", LibpqEnvironment.defaults)]
            + self.configuration.parameters(addresses: addresses, target: target)
        let handle: OpaquePointer? = self.configuration.withSecretParameters { secrets in
            let parameters = parameters + secrets
            return withCStrings(parameters.map(\.keyword)) { keywords in
                withCStrings(parameters.map(\.value)) { values in
                    LibpqEnvironment.withoutVariables { PQconnectStartParams(keywords, values, 1) }
                }
            }
        }
        guard let handle else { throw PQError(.system, "libpq had no memory for a connection") }
        guard PQstatus(handle) != CONNECTION_BAD else {
            defer { PQfinish(handle) }
            throw self.refused(handle)
        }
        PQsetnonblocking(handle, 1)
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        self.notices.install(on: handle)
        self.handle = handle
        self.addresses = addresses
        return handle
    }

    private func driveConnect(
        _ handle: OpaquePointer, limit: ContinuousClock.Instant, deadline: ContinuousClock.Instant
    ) async throws {
        var polling = PGRES_POLLING_WRITING
        var hasAnswered = false
        while true {
            let writes = polling == PGRES_POLLING_WRITING
            // libpq may continue with another address and so with another socket.
            self.eventLoop.watch(self.source, descriptor: PQsocket(handle), read: !writes, write: writes)
            switch await self.park(until: hasAnswered ? deadline : limit) {
            case .ready: hasAnswered = hasAnswered || !writes
            case .cancelled:
                throw CancellationError()
            case .timedOut:
                let share = hasAnswered || limit == deadline ? "" : "its share of "
                throw PQError(
                    .timedOut,
                    "no connection to \(self.place) within \(share)\(self.configuration.connectTimeout) "
                        + "(\(Self.phase(handle)))")
            }
            guard self.handle != nil else { throw self.closeReason ?? self.lostConnection() }
            let isSettingUpTLS = PQstatus(handle) == CONNECTION_SSL_STARTUP
            polling = LibpqEnvironment.withoutVariables { PQconnectPoll(handle) }
            if polling == PGRES_POLLING_OK { break }
            guard polling != PGRES_POLLING_FAILED else { throw self.refused(handle, isSettingUpTLS: isSettingUpTLS) }
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: false)
        self.source.onUnawaitedReadiness = { [weak self] in self?.assumeIsolated { $0.absorbUnawaitedInput() } }
    }

    /// Asks the server for the process of this session.
    ///
    /// What the login reported need not be it: a gateway in between may hand out ids of its own.
    private func learnServerProcess(deadline: ContinuousClock.Instant) async throws {
        let rows = try await self.run("SELECT pg_catalog.pg_backend_pid()", deadline: deadline)
        self.serverProcess = try rows.first?.decode(Int32.self, at: 0)
    }

    private var place: String {
        // An abstract name is not a folder.
        self.configuration.isUnixSocket && self.configuration.host.utf8.first == UInt8(ascii: "/")
            ? "\(self.configuration.host)/.s.PGSQL.\(self.configuration.port)"
            : "\(self.configuration.host):\(self.configuration.port)"
    }

    private func refused(_ handle: OpaquePointer, isSettingUpTLS: Bool = false) -> PQError {
        let text = PQErrorText.lastMessage(handle)
        if PQconnectionNeedsPassword(handle) != 0 {
            return PQError(
                .invalidConfiguration, "\(self.place) requires a password and none is configured")
        }
        if isSettingUpTLS, !Self.isBrokenOff(text) {
            return PQError(.tlsFailed, text.isEmpty ? "TLS with \(self.place) could not be set up" : text)
        }
        if let server = PQServerError(connectionMessage: text) {
            return PQError(.connectionFailed, "\(self.place) refused the login: \(server.message)", server: server)
        }
        return PQError(.connectionFailed, "no connection to \(self.place)\(text.isEmpty ? "" : ": \(text)")")
    }

    /// Whether the server closed the connection in the middle of the handshake, which says nothing about its
    /// certificate.
    ///
    /// libpq reports it in its message only.
    private static func isBrokenOff(_ text: String) -> Bool {
        ["server closed the connection", "Connection reset by peer", "Broken pipe", "SYSCALL error: EOF"]
            .contains { text.contains($0) }
    }

    private static func phase(_ handle: OpaquePointer) -> String {
        let status = PQstatus(handle)
        if status == CONNECTION_STARTED { return "the host does not answer" }
        if status == CONNECTION_SSL_STARTUP { return "while setting up TLS" }
        return "the server does not finish the login"
    }
}

/// Passes `texts` to C as a NULL-terminated array.
private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    var storage: [CChar] = []
    var offsets: [Int] = []
    for text in texts {
        offsets.append(storage.count)
        storage.append(contentsOf: text.utf8.map { CChar(bitPattern: $0) })
        storage.append(0)
    }
    defer {
        // The texts can hold a password.
        for index in storage.indices { storage[index] = 0 }
    }
    return storage.withUnsafeBufferPointer { buffer in
        var pointers: [UnsafePointer<CChar>?] = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
