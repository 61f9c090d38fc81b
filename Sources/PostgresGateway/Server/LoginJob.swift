//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// One call of the policy, made from the gateway's own task so that it ends with the gateway.
struct LoginJob: Sendable {
    let login: GatewayLogin
    let timeout: Duration

    /// Finishes when the client has left.
    let gone: AsyncStream<Never>

    let answer: @Sendable (Result<ResolvedUpstream, LoginRejection>) -> Void

    private enum Outcome: Sendable {
        case accepted(GatewayUpstream)
        case refused(LoginRejection)
        case abandoned
    }

    /// Calls the policy, and answers once.
    func run(policy: any GatewayPolicy, contexts: TLSContextCache) async {
        await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do throws(LoginRejection) {
                    return .accepted(try await policy.authenticate(self.login))
                } catch {
                    return .refused(error)
                }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: self.timeout)
                    return .refused(.policyTimeout)
                } catch {
                    return .abandoned
                }
            }
            group.addTask {
                for await _ in self.gone {}
                return .abandoned
            }
            let first = await group.next() ?? .abandoned
            group.cancelAll()
            switch first {
            case .accepted(let upstream): self.answer(Self.resolve(upstream, contexts))
            case .refused(let refusal): self.answer(.failure(Task.isCancelled ? .shuttingDown : refusal))
            case .abandoned: self.answer(.failure(.shuttingDown))
            }
            // An answer that comes too late has a session that still has to hear that it is over.
            for await late in group {
                if case .accepted(let upstream) = late { upstream.session.closed() }
            }
        }
    }

    private static func resolve(
        _ upstream: GatewayUpstream,
        _ contexts: TLSContextCache
    ) -> Result<ResolvedUpstream, LoginRejection> {
        if case .tcp(_, let port, _, _) = upstream.target, !(1...65_535).contains(port) {
            upstream.session.closed()
            let message = "the address of the database server, \(upstream.target), has no port from 1 to 65535"
            return .failure(LoginRejection(sqlState: "08006", message: message))
        }
        var resolved = ResolvedUpstream(upstream: upstream, tls: nil)
        if case .tcp(_, _, let configuration?, _) = upstream.target {
            do {
                resolved.tls = try contexts.context(for: configuration)
            } catch {
                upstream.session.closed()
                let message =
                    "the TLS settings for the database server at \(upstream.target) cannot be used: "
                    + ConnectionTrouble.words(error)
                return .failure(LoginRejection(sqlState: "08006", message: message))
            }
        }
        return .success(resolved)
    }
}
