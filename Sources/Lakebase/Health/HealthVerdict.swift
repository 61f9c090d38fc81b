//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The failures to log in since the last successful login.
struct LoginTrouble: Sendable {
    var since: ContinuousClock.Instant
    var latest: ContinuousClock.Instant
    /// Whether trying again cannot help: the login was refused, there is no credential, or no such database.
    var isFinal: Bool
    var error: any Error
}

/// Decides whether a client is live and ready, without opening a connection.
///
/// Pure: it makes no request and reads no clock.
struct HealthVerdict: Equatable {
    typealias Reason = LakebaseHealth.Reason

    /// The endpoint's state, as far as it is known.
    enum Endpoint: Equatable {
        /// There is no workspace to ask: the database has a password of its own.
        case none
        /// The workspace was not asked, since connections are open.
        case notAsked
        /// The workspace gave no answer.
        case unknown
        case asleep
        /// Connections do not wake it: it is disabled or stopped.
        case off
        case awake
    }

    struct Facts {
        var hasBegun = true
        var isShuttingDown = false
        var hasEnded = false
        var isPaused = false
        var idle = 0
        var leased = 0
        var hasLoggedIn = false
        /// For how long logging in has failed, and since the last failure.
        var trouble: (lasting: Duration, latest: Duration, isFinal: Bool)?
        var endpoint = Endpoint.none
    }

    var isLive: Bool
    var isReady: Bool
    var reason: Reason

    /// How long a waking compute may refuse logins before that counts as a failure.
    static var patience: Duration { .seconds(10) }
    /// How long a failure counts.
    ///
    /// Without an end, an application that gets no requests because it is not ready would never find out that it could be.
    static var memory: Duration { .seconds(15) }

    /// Whether the endpoint's state is needed, which costs a request to the workspace.
    static func needsEndpoint(_ facts: Facts) -> Bool {
        facts.hasBegun && !facts.hasEnded && !facts.isShuttingDown && !facts.isPaused && facts.idle + facts.leased == 0
    }

    init(_ facts: Facts) {
        guard facts.hasBegun else {
            self.init(isLive: false, isReady: false, reason: .notRunning)
            return
        }
        if facts.hasEnded {
            self.init(isLive: false, isReady: false, reason: .ended)
        } else if facts.isShuttingDown {
            self.init(isLive: true, isReady: false, reason: .shuttingDown)
        } else if facts.isPaused {
            self.init(isLive: true, isReady: false, reason: .paused)
        } else {
            let (isReady, reason) = Self.readiness(facts)
            self.init(isLive: true, isReady: isReady, reason: reason)
        }
    }

    private init(isLive: Bool, isReady: Bool, reason: Reason) {
        (self.isLive, self.isReady, self.reason) = (isLive, isReady, reason)
    }

    private static func readiness(_ facts: Facts) -> (Bool, Reason) {
        if facts.idle > 0 { return (true, .connected) }
        let trouble = facts.trouble.flatMap { trouble in
            let counts = trouble.latest < Self.memory && (trouble.isFinal || trouble.lasting >= Self.patience)
            return counts ? trouble : nil
        }
        if let trouble {
            // Whatever failed before, the endpoint is suspended now and will wake.
            let excused = facts.endpoint == .asleep && !trouble.isFinal
            guard excused else { return (false, .loginsFail) }
        }
        if facts.leased > 0 { return (true, .connected) }
        switch facts.endpoint {
        case .asleep: return (true, .asleep)
        case .off: return (false, .switchedOff)
        case .unknown where !facts.hasLoggedIn: return (false, .workspaceSilent)
        case .none, .notAsked, .unknown, .awake: return (true, facts.hasLoggedIn ? .idle : .unused)
        }
    }
}
