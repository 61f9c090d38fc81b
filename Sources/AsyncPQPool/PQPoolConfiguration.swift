//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

/// How many connections a pool keeps and for how long.
///
/// The defaults suit a server that is stopped when idle: no connection is kept open that is not used.
public struct PQPoolConfiguration: Sendable, Hashable {
    /// Connections kept open even when idle.
    ///
    /// Default 0, so that an idle application lets its server be stopped.
    public var minimumConnections: Int
    /// Connections open at most.
    ///
    /// Default 10.
    public var maximumConnections: Int
    /// Callers that may wait for a connection; one more is refused at once.
    ///
    /// Default 1000.
    public var maximumWaiters: Int
    /// How long a caller waits for a connection.
    ///
    /// Default 30 seconds.
    public var acquireTimeout: Duration
    /// How long one attempt to connect may take.
    ///
    /// Default 10 seconds.
    public var connectTimeout: Duration
    /// How long connecting is tried again while the server starts.
    ///
    /// Default 30 seconds.
    public var wakeTimeout: Duration
    /// After how much idleness a connection is closed.
    ///
    /// Default 50 seconds: below the minute after which managed services stop an idle server at the earliest.
    public var idleTimeout: Duration
    /// The idle time after which a connection is checked for liveness before it is leased.
    ///
    /// Default 30 seconds.
    public var livenessCheckAfter: Duration
    /// The limit of that liveness check.
    ///
    /// Default 5 seconds.
    public var livenessCheckTimeout: Duration
    /// The age at which a connection is replaced, less a random part of up to a tenth.
    ///
    /// Default 45 minutes.
    public var maximumAge: Duration
    /// How long a graceful shutdown waits for leased connections.
    ///
    /// Default 10 seconds.
    public var drainTimeout: Duration
    /// How long a connection may be leased before a warning names the place in the code that leased it; nil for never.
    ///
    /// Default nil, as in HikariCP: a lease ends with its closure, so a long lease is slow work rather than a forgotten
    /// connection, and only the application knows how long is too long. If set, each lease costs a look at the clock
    /// and an entry in a table.
    public var leakWarningAfter: Duration?
    /// Whether a session is reset to its state after the login when its connection is released.
    ///
    /// Default ``SessionReset/whenChanged``.
    public var sessionReset: SessionReset
    /// Whether short one-shot statements of several tasks share a connection when all are in use.
    ///
    /// Default ``PQMultiplexing/standard``.
    public var multiplexing: PQMultiplexing
    /// How many processes like this one share the server, for the warning about its limit of connections.
    ///
    /// Default 1.
    public var processCount: Int

    /// Creates limits, each with its default.
    public init(
        minimumConnections: Int = 0,
        maximumConnections: Int = 10,
        maximumWaiters: Int = 1000,
        acquireTimeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10),
        wakeTimeout: Duration = .seconds(30),
        idleTimeout: Duration = .seconds(50),
        livenessCheckAfter: Duration = .seconds(30),
        livenessCheckTimeout: Duration = .seconds(5),
        maximumAge: Duration = .seconds(45 * 60),
        drainTimeout: Duration = .seconds(10),
        processCount: Int = 1,
        leakWarningAfter: Duration? = nil,
        sessionReset: SessionReset = .whenChanged,
        multiplexing: PQMultiplexing = .standard
    ) {
        self.minimumConnections = minimumConnections
        self.maximumConnections = maximumConnections
        self.maximumWaiters = maximumWaiters
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.wakeTimeout = wakeTimeout
        self.idleTimeout = idleTimeout
        self.livenessCheckAfter = livenessCheckAfter
        self.livenessCheckTimeout = livenessCheckTimeout
        self.maximumAge = maximumAge
        self.drainTimeout = drainTimeout
        self.processCount = processCount
        self.leakWarningAfter = leakWarningAfter
        self.sessionReset = sessionReset
        self.multiplexing = multiplexing
    }

    package var sharing = SharingLimits()

    /// How many statements may be on one connection at a time.
    ///
    /// A connection that is reset at each release is not shared.
    package var sharingDepth: Int { self.sessionReset == .always ? 1 : self.multiplexing.limit }

    /// The same with every time within a century, so that sums with it never overflow.
    package var bounded: PQPoolConfiguration {
        var bounded = self
        for path: WritableKeyPath<PQPoolConfiguration, Duration> in [
            \.acquireTimeout, \.connectTimeout, \.wakeTimeout, \.idleTimeout, \.livenessCheckAfter,
            \.livenessCheckTimeout, \.maximumAge, \.drainTimeout,
        ] {
            bounded[keyPath: path] = self[keyPath: path].bounded
        }
        bounded.leakWarningAfter = self.leakWarningAfter?.bounded
        return bounded
    }

    /// An invalid value.
    package struct Problem: Sendable, Hashable {
        /// The property.
        package var setting: String
        /// What is wrong with the value.
        package var message: String
        /// How to correct it.
        package var remedy: String
    }

    /// Every problem of the values; empty when there is none.
    package var problems: [Problem] {
        var problems: [Problem] = []
        func require(_ condition: Bool, _ name: String, _ message: String, _ remedy: String) {
            if !condition { problems.append(Problem(setting: name, message: message, remedy: remedy)) }
        }
        require(
            self.maximumConnections >= 1, "maximumConnections", "is \(self.maximumConnections)", "use at least 1")
        require(
            (0...max(0, self.maximumConnections)).contains(self.minimumConnections), "minimumConnections",
            "is \(self.minimumConnections)", "use a number between 0 and maximumConnections")
        require(self.maximumWaiters >= 0, "maximumWaiters", "is \(self.maximumWaiters)", "use 0 or more")
        require(self.processCount >= 1, "processCount", "is \(self.processCount)", "use at least 1")
        for (name, duration) in [
            ("acquireTimeout", self.acquireTimeout), ("connectTimeout", self.connectTimeout),
            ("idleTimeout", self.idleTimeout), ("livenessCheckTimeout", self.livenessCheckTimeout),
            ("maximumAge", self.maximumAge), ("leakWarningAfter", self.leakWarningAfter ?? .seconds(1)),
        ] {
            require(duration > .zero, name, "is \(duration)", "use a duration above zero")
        }
        return problems
    }
}
