//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalPostgres
import LocalWorkspace
import Logging
import PostgresGateway

/// Accepts a Postgres login to its endpoint's compute if the password is valid for the role.
///
/// For a role that is linked to an identity, that is a database credential. For other roles, where the project allows
/// it, it is the role's native password, which PostgreSQL checks.
struct LoginPolicy: GatewayPolicy {
    let endpoints: EndpointDirectory
    let identities: IdentityDirectory
    let tokens: TokenService
    let strictEndpoints: Bool
    let counters: LocalCounters
    let logger: Logger
    private let checks = PasswordChecks(limit: 16)

    init(
        endpoints: EndpointDirectory, identities: IdentityDirectory, tokens: TokenService, strictEndpoints: Bool,
        counters: LocalCounters, logger: Logger
    ) {
        self.endpoints = endpoints
        self.identities = identities
        self.tokens = tokens
        self.strictEndpoints = strictEndpoints
        self.counters = counters
        self.logger = logger
    }

    func authenticate(_ login: GatewayLogin) async throws(LoginRejection) -> GatewayUpstream {
        guard let entry = self.endpoints.entry(at: login.localAddress) else {
            throw self.refused(
                .computeFailed, login, "",
                LoginRejection(sqlState: "08004", message: "the endpoint at \(login.localAddress) is gone")
            )
        }
        guard !entry.disabled else {
            throw self.refused(.endpointDisabled, login, entry.endpoint, Self.disabled(entry))
        }
        let decision = await self.judge(login, endpoint: entry.endpoint)
        let isToken: Bool
        switch decision {
        case .accept: isToken = true
        case .refuse(.notAToken, let refusal):
            // It may be a native password. Only the role shows that, and reading the role wakes the compute.
            guard entry.nativeLogin else {
                let isNative = entry.passwordRoles.contains(ExactText(login.user))
                throw self.refused(
                    .notAToken, login, entry.endpoint, isNative ? LoginDecision.nativeLoginDisabled : refusal)
            }
            isToken = false
        case .refuse(let reason, let refusal): throw self.refused(reason, login, entry.endpoint, refusal)
        }
        // Only a good token wakes the compute.
        let lease = try await self.wake(entry, login)
        // A login that takes its time is no quiet: the compute must not fall asleep under it.
        entry.compute.activity.pin()
        defer { entry.compute.activity.unpin() }
        try await self.checkRole(of: login, entry, lease: lease, isToken: isToken)
        var turn: PasswordChecks.Turn?
        if !isToken { turn = try await self.turn(entry, login) }
        self.counters.count { $0.loginsAccepted += 1 }
        entry.compute.activity.begin()
        let session = ComputeSession(clock: entry.compute.activity)
        let heard: any GatewaySession = if let turn { PasswordSession(turn: turn, session: session) } else { session }
        return GatewayUpstream(
            target: .unixSocket(path: lease.socketPath),
            user: login.user,
            database: login.database,
            parameters: login.parameters,
            password: isToken ? nil : login.password,
            session: heard,
            judge: Self.asksForReplication(login) ? ReplicationScreen.refusal(of:) : nil
        )
    }

    /// Whether the client requests the replication protocol, with any value.
    private static func asksForReplication(_ login: GatewayLogin) -> Bool {
        login.parameters.contains { $0.nameBytes.map { $0 | 0x20 }.elementsEqual("replication".utf8) }
    }

    /// Waits for a turn to have PostgreSQL check the login's password.
    private func turn(
        _ entry: EndpointDirectory.Entry, _ login: GatewayLogin
    ) async throws(LoginRejection) -> PasswordChecks.Turn {
        do {
            return try await self.checks.turn()
        } catch {
            throw self.refused(
                .computeFailed, login, entry.endpoint,
                LoginRejection(
                    sqlState: "57P03", message: "the endpoint \(entry.endpoint) has too many passwords to check",
                    hint: "Try again."))
        }
    }

    private func wake(
        _ entry: EndpointDirectory.Entry, _ login: GatewayLogin
    ) async throws(LoginRejection) -> Compute.Lease {
        do {
            return try await entry.compute.login()
        } catch {
            throw self.refused(
                .computeFailed, login, entry.endpoint,
                LoginRejection(
                    sqlState: "57P03", message: "the endpoint \(entry.endpoint) could not be woken: \(error)",
                    hint: "Try again; the server's log is in the data folder, branches/*/postgres.log."
                )
            )
        }
    }

    private func judge(_ login: GatewayLogin, endpoint: String) async -> LoginDecision {
        if login.password == self.identities.developer.credential || login.password == self.identities.app.credential {
            return LoginDecision.workspaceToken(endpoint: endpoint)
        }
        let now = Date()
        let context = LoginDecision.Context(
            workspaceID: self.tokens.workspaceID, endpoint: endpoint, strictEndpoints: self.strictEndpoints,
            now: now.timeIntervalSince1970
        )
        let verdict = await self.tokens.examine(login.password, now: now)
        return LoginDecision.judge(verdict, user: login.user, context: context)
    }

    private func checkRole(
        of login: GatewayLogin, _ entry: EndpointDirectory.Entry, lease: Compute.Lease, isToken: Bool
    ) async throws(LoginRejection) {
        let isGood: Bool
        var exists = true
        do {
            guard let administration = lease.administration else {
                throw ComputeLifecycle.Failure(description: "it is going to sleep")
            }
            if isToken {
                isGood = try await administration.identityType(ofRole: login.user) != nil
                if !isGood { exists = try await administration.has(role: login.user) }
            } else {
                isGood = try await administration.hasNativePassword(role: login.user)
            }
        } catch {
            throw self.refused(
                .computeFailed, login, entry.endpoint,
                LoginRejection(
                    sqlState: "57P03", message: "the endpoint \(entry.endpoint) cannot check the role: \(error)",
                    hint: "Try again."
                )
            )
        }
        if isGood { return }
        let missing = LoginDecision.roleMissing(login.user, exists: exists)
        if isToken { throw self.refused(.roleMissing, login, entry.endpoint, missing) }
        switch LoginDecision.judge(.notAToken, user: login.user, context: .init(entry.endpoint)) {
        case .refuse(let reason, let refusal): throw self.refused(reason, login, entry.endpoint, refusal)
        case .accept: throw self.refused(.roleMissing, login, entry.endpoint, missing)
        }
    }

    private static func disabled(_ entry: EndpointDirectory.Entry) -> LoginRejection {
        // Not 57P03, which clients take for a compute that is about to wake.
        LoginRejection(
            sqlState: "55000", message: "the endpoint \(entry.endpoint) is disabled and a connection does not wake it",
            hint:
                "Enable it: PATCH /api/2.0/postgres/\(entry.endpoint)?update_mask=spec.disabled with spec.disabled false."
        )
    }

    private func refused(
        _ reason: LoginRefusalReason, _ login: GatewayLogin, _ endpoint: String, _ refusal: LoginRejection
    ) -> LoginRejection {
        self.counters.count { $0.loginsRefused[reason, default: 0] += 1 }
        self.logger.debug(
            "Login refused",
            metadata: [
                "lakebase.endpoint": "\(endpoint)", "lakebase.reason": "\(reason.rawValue)",
                "db.user": "\(login.user.escapedForLog())",
            ]
        )
        return refusal
    }
}

extension LoginDecision.Context {
    /// A rejection that depends on nothing else.
    fileprivate init(_ endpoint: String) {
        self.init(workspaceID: "", endpoint: endpoint, strictEndpoints: false, now: 0)
    }
}

/// Reports the beginning, activity and end of a session to the compute.
struct ComputeSession: GatewaySession {
    let clock: ActivityClock

    func activity() { self.clock.touch() }

    func closed() { self.clock.end() }
}
