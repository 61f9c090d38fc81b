//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase

/// What a server takes, and what the pools of all processes may want.
struct ConnectionCheck: Sendable, Equatable {
    var ceiling: Int
    var reserved: Int
    /// Nil where the role has no limit of its own.
    var roleLimit: Int?
    /// Sessions of everybody, at the moment.
    var open: Int
    var maximumConnections: Int
    var processCount: Int

    var result: CheckResult {
        let budget = ConnectionBudget(
            maximumConnections: self.maximumConnections, processCount: self.processCount, ceiling: self.ceiling,
            reserved: self.reserved)
        let wanted =
            self.processCount == 1
            ? "\(self.maximumConnections)" : "\(self.processCount) × \(self.maximumConnections)"
        let evidence = [
            "the server takes \(self.ceiling), of which \(self.reserved) are not for ordinary roles",
            "\(self.open) are open now, by everybody",
        ]
        if let remedy = budget.remedy {
            return .problem(
                .warning, .tooManyConnections,
                "the pool may want \(wanted) connections, and the server has \(budget.available)", evidence: evidence,
                remedy: remedy, command: "export LAKEBASE_POOL_MAXIMUM_CONNECTIONS=\(budget.fittingMaximum)")
        }
        if let roleLimit, roleLimit < budget.wanted {
            return .problem(
                .warning, .tooManyConnections,
                "the pool may want \(wanted) connections, and the role may have \(roleLimit)", evidence: evidence,
                remedy: "lower maximumConnections, or raise the role's CONNECTION LIMIT")
        }
        return .ok(
            "the pool may want \(wanted) connections, and the server has \(budget.available)", evidence: evidence)
    }
}
