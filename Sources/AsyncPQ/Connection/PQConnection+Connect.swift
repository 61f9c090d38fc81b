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
    /// look-up to the ready session. Each address is tried in turn.
    ///
    /// - Parameter configuration: The server and the role.
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
        let addresses =
            configuration.isUnixSocket
            ? [] : try await NameResolver.resolve(configuration.hostAddress ?? configuration.host, deadline: deadline)
        let connection = PQConnection(configuration: configuration, eventLoop: eventLoop, logger: logger)
        try await connection.establish(addresses: addresses, deadline: deadline)
        return connection
    }

    /// Connects the helper connection that cancels another connection's query, in a task that is already cancelled.
    func establishForCancelling(addresses: [String], deadline: ContinuousClock.Instant) async throws {
        let handle = try self.start(addresses: addresses)
        try await self.driveConnect(handle, deadline: deadline)
    }

    private func establish(addresses: [String], deadline: ContinuousClock.Instant) async throws {
        let handle = try self.start(addresses: addresses)
        do {
            try await self.withCancellableWaits {
                try await self.driveConnect(handle, deadline: deadline)
                try await self.learnServerProcess(deadline: deadline)
            }
        } catch {
            self.shutDown(PQError(.connectionFailed, "the connection was never ready"))
            throw error
        }
        self.logger.debug(
            "Connected",
            metadata: ["server.address": "\(self.configuration.host)", "server.port": "\(self.configuration.port)"])
    }

    private func start(addresses: [String]) throws -> OpaquePointer {
        // libpq takes what is not given from the environment, but an empty value as given; only a connection string can
        // have one.
        var parameters = [("dbname", LibpqEnvironment.defaults)] + self.configuration.parameters(addresses: addresses)
        let secret = self.configuration.password
        let handle: OpaquePointer? = (secret ?? Secret("")).withUnsafeValue { password in
            if !password.isEmpty { parameters.append(("password", password)) }
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

    private func driveConnect(_ handle: OpaquePointer, deadline: ContinuousClock.Instant) async throws {
        var polling = PGRES_POLLING_WRITING
        while true {
            let writes = polling == PGRES_POLLING_WRITING
            // libpq may continue with another address and so with another socket.
            self.eventLoop.watch(self.source, descriptor: PQsocket(handle), read: !writes, write: writes)
            switch await self.park(until: deadline) {
            case .ready: break
            case .cancelled:
                throw CancellationError()
            case .timedOut:
                throw PQError(
                    .timedOut,
                    "no connection to \(self.place) within \(self.configuration.connectTimeout) (\(Self.phase(handle)))"
                )
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
    /// What the login reported need not be it: a gateway in between may hand out ids of its own, and libpq's own
    /// cancelling is neither asynchronous nor encrypted before version 17.
    private func learnServerProcess(deadline: ContinuousClock.Instant) async throws {
        let rows = try await self.run("SELECT pg_catalog.pg_backend_pid()", deadline: deadline)
        self.serverProcess = try rows.first?.decode(Int32.self, at: 0)
    }

    private var place: String {
        self.configuration.isUnixSocket
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
