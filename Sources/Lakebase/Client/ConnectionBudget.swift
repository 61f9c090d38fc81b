//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Compares the connections that the pools of all processes may open with the limit of the compute.
///
/// Pure. The limit is the server's `max_connections`, less the connections that it reserves; it grows with the size of
/// the compute.
package struct ConnectionBudget: Equatable {
    /// Connections open at most in one process.
    package var maximumConnections: Int
    /// Processes that share the compute.
    var processCount: Int
    /// The compute's `max_connections`.
    var ceiling: Int
    /// The connections that are reserved, which ordinary roles do not get.
    var reserved: Int

    package init(maximumConnections: Int, processCount: Int, ceiling: Int, reserved: Int = 0) {
        self.maximumConnections = maximumConnections
        self.processCount = processCount
        self.ceiling = ceiling
        self.reserved = reserved
    }

    /// The connection limit by compute units, as the service had them in 2026.
    static let sizes: [(units: Double, connections: Int)] = [
        (0.5, 104), (1, 209), (2, 419), (3, 629), (4, 839), (8, 1678), (16, 3357), (32, 4000),
    ]

    /// The connections that all processes together may open.
    package var wanted: Int {
        let (product, overflow) = self.maximumConnections.multipliedReportingOverflow(by: self.processCount)
        return overflow ? .max : product
    }

    /// The connections that are available to them.
    package var available: Int { max(0, self.ceiling - self.reserved) }

    package var isExceeded: Bool { self.wanted > self.available }

    /// The largest `maximumConnections` with which all processes fit, at least 1.
    package var fittingMaximum: Int { max(1, self.available / max(1, self.processCount)) }

    /// The smallest compute that allows the wanted connections; nil when none does.
    var fittingUnits: Double? { Self.sizes.first { $0.connections - self.reserved >= self.wanted }?.units }

    /// What to do about it, as a sentence; nil when all fit.
    package var remedy: String? {
        guard self.isExceeded else { return nil }
        var text = "lower maximumConnections to \(self.fittingMaximum)"
        if let units = self.fittingUnits, self.ceiling < (Self.sizes.last?.connections ?? 0) {
            let shown = units == units.rounded() ? String(Int(units)) : String(units)
            text += ", or give the compute \(shown) compute units, which allow about "
            text += "\(Self.sizes.first { $0.units == units }?.connections ?? 0) connections"
        }
        return text
    }
}
