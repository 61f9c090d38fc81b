//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase

/// Compares the connection limit of a server with the connections that the pools of all processes may open.
struct ConnectionCheck: Sendable, Equatable {
    var ceiling: Int
    var reserved: Int
    /// Nil where the role has no limit of its own.
    var roleLimit: Int?
    /// The sessions of all roles at the moment.
    var open: Int
    var maximumConnections: Int
    var processCount: Int

    var finding: CheckResult {
        let budget = ConnectionBudget(
            maximumConnections: self.maximumConnections, processCount: self.processCount, ceiling: self.ceiling,
            reserved: self.reserved)
        let wanted =
            self.processCount == 1
            ? "\(self.maximumConnections)" : "\(self.processCount) × \(self.maximumConnections)"
        let evidence = [
            "the server allows \(self.ceiling), of which \(self.reserved) are not for ordinary roles",
            "\(self.open) are open now, by all roles",
        ]
        if let remedy = budget.remedy {
            return .problem(
                .warning, .tooManyConnections,
                "the pool may open \(wanted) connections, and the server has \(budget.available)", evidence: evidence,
                remedy: remedy, command: "export LAKEBASE_POOL_MAXIMUM_CONNECTIONS=\(budget.fittingMaximum)")
        }
        if let roleLimit, roleLimit < budget.wanted {
            return .problem(
                .warning, .tooManyConnections,
                "the pool may open \(wanted) connections, and the role may have \(roleLimit)", evidence: evidence,
                remedy: "lower maximumConnections, or raise the role's CONNECTION LIMIT")
        }
        return .ok(
            "the pool may open \(wanted) connections, and the server has \(budget.available)", evidence: evidence)
    }
}
