//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import PostgresGateway

/// Lets a Postgres login through to its endpoint's compute if the password is a good database credential for the role.
struct LoginPolicy: GatewayPolicy {
    let endpoint: String
    let identities: IdentityDirectory
    let tokens: TokenService
    let strictEndpoints: Bool
    let compute: Compute
    let counters: LocalCounters
    let logger: Logger

    func authenticate(_ login: GatewayLogin) async throws(GatewayRefusal) -> GatewayUpstream {
        try await self.checkToken(of: login)
        // Only a good token wakes the compute.
        let lease: Compute.Lease
        do {
            lease = try await self.compute.login()
        } catch {
            throw self.refused(
                .computeFailed, login,
                GatewayRefusal(
                    sqlState: "57P03", message: "the endpoint \(self.endpoint) could not be woken: \(error)",
                    hint: "Try again; the server's log is in the data folder, branches/*/postgres.log."
                )
            )
        }
        try await self.checkRole(of: login, lease: lease)
        self.counters.count { $0.loginsAccepted += 1 }
        self.compute.activity.begin()
        return GatewayUpstream(
            target: .unixSocket(path: lease.socketPath),
            user: login.user,
            database: login.database,
            parameters: login.parameters,
            session: ComputeSession(clock: self.compute.activity)
        )
    }

    private func checkToken(of login: GatewayLogin) async throws(GatewayRefusal) {
        let now = Date()
        let decision: LoginDecision
        if login.password == self.identities.developer.credential || login.password == self.identities.app.credential {
            decision = LoginDecision.workspaceToken
        } else {
            let context = LoginDecision.Context(
                workspaceID: self.tokens.workspaceID, endpoint: self.endpoint, strictEndpoints: self.strictEndpoints,
                now: now.timeIntervalSince1970
            )
            let verdict = await self.tokens.examine(login.password, now: now)
            decision = LoginDecision.judge(verdict, user: login.user, context: context)
        }
        switch decision {
        case .accept: return
        case .refuse(let reason, let refusal): throw self.refused(reason, login, refusal)
        }
    }

    private func checkRole(of login: GatewayLogin, lease: Compute.Lease) async throws(GatewayRefusal) {
        let type: String?
        do {
            guard let administration = lease.administration else {
                throw ComputeLifecycle.Failure(description: "it is going to sleep")
            }
            type = try await administration.identityType(ofRole: login.user)
        } catch {
            throw self.refused(
                .computeFailed, login,
                GatewayRefusal(
                    sqlState: "57P03", message: "the endpoint \(self.endpoint) cannot check the role: \(error)",
                    hint: "Try again."
                )
            )
        }
        guard type != nil else { throw self.refused(.roleMissing, login, LoginDecision.roleMissing(login.user)) }
    }

    private func refused(_ reason: LoginRefusalReason, _ login: GatewayLogin, _ refusal: GatewayRefusal)
        -> GatewayRefusal
    {
        self.counters.count { $0.loginsRefused[reason, default: 0] += 1 }
        self.logger.debug(
            "Login refused",
            metadata: [
                "lakebase.endpoint": "\(self.endpoint)", "lakebase.reason": "\(reason.rawValue)",
                "db.user": "\(login.user)",
            ]
        )
        return refusal
    }
}

/// Tells the compute about a session's life.
struct ComputeSession: GatewaySession {
    let clock: ActivityClock

    func activity() { self.clock.touch() }

    func closed() { self.clock.end() }
}
