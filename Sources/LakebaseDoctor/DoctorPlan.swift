//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase

/// The steps, their order and their dependencies; pure.
struct DoctorPlan: Equatable {
    /// The steps in the order in which they run.
    var steps: [DoctorStep]
    /// The steps that must have succeeded before a step can run.
    var needs: [DoctorStep: [DoctorStep]]

    /// From the network to the privileges.
    ///
    /// Where the host has to be looked up, the workspace comes before the network. Where no credential is minted, the role is
    /// looked at in the database and so after the login.
    init(_ configuration: LakebaseConfiguration?) {
        let hostIsKnown: Bool
        let usesTokens: Bool
        switch configuration?.target {
        case .autoscaling(_, let host), .provisioned(_, let host):
            (hostIsKnown, usesTokens) = (host != nil, true)
        case .postgres, nil: (hostIsKnown, usesTokens) = (true, false)
        }
        let network: [DoctorStep] = [.dns, .tcp, .tls]
        let workspace: [DoctorStep] = [.clock, .workspace, .endpoint, .host]
        let login: [DoctorStep] =
            usesTokens ? [.credential, .role, .login] : [.credential, .login, .role]
        self.steps =
            [.configuration] + (hostIsKnown ? network + workspace : workspace + network) + login
            + [.schema, .privileges, .connections]
        self.needs = [
            .dns: hostIsKnown ? [.configuration] : [.configuration, .host],
            .tcp: [.configuration, .dns], .tls: [.configuration, .tcp],
            .clock: [.configuration], .workspace: [.configuration], .endpoint: [.configuration, .workspace],
            .host: [.configuration, .endpoint], .credential: [.configuration, .endpoint, .host],
            .role: usesTokens ? [.configuration, .endpoint] : [.login],
            .login: [.configuration, .tcp, .tls, .endpoint, .host, .credential] + (usesTokens ? [.role] : []),
            .schema: [.login], .privileges: [.login, .schema], .connections: [.login],
        ]
    }

    /// The first failed step that keeps `step` from running.
    func blocker(of step: DoctorStep, _ checks: [CheckRecord]) -> CheckRecord? {
        (self.needs[step] ?? []).lazy.compactMap { need in checks.first { $0.step == need && $0.finding.blocks } }.first
    }
}
