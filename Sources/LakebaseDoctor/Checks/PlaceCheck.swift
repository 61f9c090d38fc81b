//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Lakebase

/// Checks the state and the hosts that the workspace reports for an endpoint or instance.
struct PlaceCheck: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case active
        /// The compute is suspended; a login wakes it.
        case asleep
        /// The compute is disabled or stopped; a login does not wake it.
        case off
        /// The compute is starting or stopping, or in a state that this version does not know.
        case other(String)
    }

    /// `projects/…/endpoints/…`, or the instance's name.
    var name: String
    var state: State
    var hosts: [String]
    var details: [String] = []

    init(name: String, state: State, hosts: [String], details: [String] = []) {
        self.name = name
        self.state = state
        self.hosts = hosts
        self.details = details
    }

    init(name: String, _ status: Postgres.EndpointStatus?) {
        let hosts = status?.hosts
        let state: State =
            if status?.disabled == true {
                .off
            } else {
                switch status?.currentState {
                case .active?: .active
                case .idle?: .asleep
                case let other?: .other(other.rawValue)
                case nil: .other("not told")
                }
            }
        self.init(
            name: name, state: state,
            hosts: [hosts?.host, hosts?.readOnlyHost, hosts?.readWritePooledHost, hosts?.readOnlyPooledHost]
                .compactMap { $0 }.filter { !$0.isEmpty })
        if status?.endpointType == .readOnly { self.details.append("it is read-only") }
        if let least = status?.autoscalingLimitMinCU, let most = status?.autoscalingLimitMaxCU {
            self.details.append("it has \(least) to \(most) compute units")
        }
    }

    init(_ instance: Database.Instance) {
        let state: State =
            switch instance.state {
            case .available?, .updating?: .active
            case .stopped?, .deleting?: .off
            case let other?: .other(other.rawValue)
            case nil: .other("not told")
            }
        self.init(
            name: instance.name, state: instance.effectiveStopped == true ? .off : state,
            hosts: [instance.readWriteDNS, instance.readOnlyDNS].compactMap { $0 }.filter { !$0.isEmpty },
            details: (instance.effectiveCapacity ?? instance.capacity).map { ["its capacity is \($0)"] } ?? [])
    }

    /// The result for the state.
    var stateFinding: CheckResult {
        switch self.state {
        case .active: .ok("\(self.name) is awake", evidence: self.details)
        case .asleep: .ok("\(self.name) is suspended; the login wakes it", evidence: self.details)
        case .off:
            .problem(
                .failure, .endpointDisabled, "\(self.name) is disabled or stopped, and a login does not wake it",
                evidence: self.details, requiredRole: "a user who manages the project")
        case .other(let word):
            .problem(
                .warning, .hostNotAssigned, "\(self.name) is neither active nor suspended: its state is \(word)",
                evidence: self.details, remedy: "wait until it is ready")
        }
    }

    /// Checks whether a host belongs to the endpoint or instance.
    ///
    /// - Parameter configured: The host that is set; nil where it is looked up.
    /// - Parameter isTrusted: Whether another name was set on purpose (`LAKEBASE_PG_HOST`).
    func hostFinding(configured: String?, isTrusted: Bool) -> CheckResult {
        let known =
            self.hosts.isEmpty ? "the workspace reports no host" : "it is at \(self.hosts.joined(separator: ", "))"
        guard let configured else {
            guard let host = self.hosts.first else {
                return .problem(.failure, .hostNotAssigned, "\(self.name) has no host yet")
            }
            return .ok("looked up: \(host)")
        }
        if self.hosts.contains(configured) { return .ok("\(configured) is a host of \(self.name)") }
        let text = "the host \(configured) does not belong to \(self.name)"
        if isTrusted {
            return .problem(
                .warning, .hostBelongsToAnotherEndpoint, "\(text); LAKEBASE_PG_HOST requires it all the same",
                evidence: [known],
                remedy: "make sure that it is a tunnel or private name that leads there, or leave it unset",
                command: "unset LAKEBASE_PG_HOST")
        }
        let problem: LakebaseProblem =
            LakebaseHost.isServiceName(configured) ? .hostBelongsToAnotherEndpoint : .hostNotOfTarget
        return .problem(
            .failure, problem, text, evidence: [known],
            remedy: "leave PGHOST unset, or take host and endpoint from the same project", command: "unset PGHOST")
    }
}
