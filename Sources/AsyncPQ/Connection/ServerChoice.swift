//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The servers of a configuration in the order in which they are tried.
///
/// libpq could be given the whole list, but drives it without a limit for each server when it is used asynchronously, and
/// has no `load_balance_hosts` before version 16. So it gets one address at a time.
struct ServerChoice {
    /// A server to try, and the sessions that are acceptable on it.
    struct Candidate: Equatable {
        var host: PQConnection.Configuration.Host
        var target: PQConnection.Configuration.TargetSession
    }

    let candidates: [Candidate]
    private let isRandom: Bool

    init(_ configuration: PQConnection.Configuration, using generator: inout some RandomNumberGenerator) {
        self.isRandom = configuration.loadBalancing == .random
        let hosts = self.isRandom ? configuration.hosts.shuffled(using: &generator) : configuration.hosts
        func all(_ target: PQConnection.Configuration.TargetSession) -> [Candidate] {
            hosts.map { Candidate(host: $0, target: target) }
        }
        self.candidates =
            switch configuration.targetSession {
            case .any, .readWrite, .readOnly, .primary, .standby: all(configuration.targetSession)
            case .preferStandby: all(.standby) + all(.any)
            }
    }

    /// A host's addresses in the order in which they are tried.
    func ordered(_ addresses: [String], using generator: inout some RandomNumberGenerator) -> [String] {
        self.isRandom ? addresses.shuffled(using: &generator) : addresses
    }
}

extension ContinuousClock.Instant {
    /// The end of an equal share of the time until this deadline.
    ///
    /// - Parameter count: How many shares there are; the last one ends at the deadline.
    func share(among count: Int, from now: Self = .now) -> Self {
        count <= 1 || self <= now ? self : now.advanced(by: now.duration(to: self) / count)
    }
}

extension PQError {
    /// Whether another server, or another address of the same, may accept the connection.
    ///
    /// As with libpq, a server that refuses the login ends the search: the others would be asked with the same password. So
    /// does a certificate that is not trusted.
    var letsOtherServersBeTried: Bool {
        if self.code == .timedOut || self.code == .nameResolutionFailed { return true }
        return self.code == .connectionFailed && (self.server == nil || self.sqlState == .cannotConnectNow)
    }

    /// The error of a search that ended without a connection.
    ///
    /// - Parameter failures: The errors of all attempts, at least one.
    static func ofAttempts(_ failures: [PQError]) -> PQError {
        guard var error = failures.last(where: { $0.server != nil }) ?? failures.last else {
            return PQError(.connectionFailed, "there is no server to connect to")
        }
        var messages: [String] = []
        for failure in failures where !messages.contains(failure.message) { messages.append(failure.message) }
        error.message = messages.joined(separator: "; ")
        error.isTemporary = failures.contains(where: \.isTemporary)
        if failures.contains(where: { $0.code != error.code }) { error.code = .connectionFailed }
        return error
    }
}
