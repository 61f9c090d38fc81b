//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// What a contender reached.
package struct Measured: Sendable {
    /// Queries a second, or what else the table is about.
    package var rate: Double
    /// Microseconds from asking for a connection to having the row; nil where the contender does not tell.
    package var p50: Double?
    package var p99: Double?

    package init(rate: Double, p50: Double? = nil, p99: Double? = nil) {
        self.rate = rate
        self.p50 = p50
        self.p99 = p99
    }
}

/// What a contender's ratio to the baseline should be.
package enum Goal: Sendable {
    case atLeast(Double)
    case atMost(Double)

    private func isReached(_ value: Double) -> Bool {
        switch self {
        case .atLeast(let goal): value >= goal
        case .atMost(let goal): value <= goal
        }
    }
}

extension Goal {
    /// The end of a line: the goal, and whether a value reaches it.
    package func verdict(_ value: Double) -> String {
        ", goal \(self): \(self.isReached(value) ? "reached" : "missed")"
    }
}

extension Goal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .atLeast(let goal): String(format: "at least %.2f", goal)
        case .atMost(let goal): String(format: "at most %.2f", goal)
        }
    }
}

/// One of those that are measured against each other.
package struct Contender {
    package var name: String
    /// For the median of the ratios to the baseline.
    package var goal: Goal?
    package var run: () async throws -> Measured

    package init(_ name: String, goal: Goal? = nil, run: @escaping () async throws -> Measured) {
        self.name = name
        self.goal = goal
        self.run = run
    }
}

/// Measures each contender once in every round; the first is the baseline of the table.
package func compare(
    rounds: Int, with name: String, decimals: Int = 0, _ contenders: [Contender]
) async throws -> ResultTable {
    var table = ResultTable(baseline: contenders.first?.name ?? "", called: name, decimals: decimals)
    for _ in 0..<rounds {
        for contender in contenders { table.add(contender.name, goal: contender.goal, try await contender.run()) }
    }
    return table
}

/// What contenders reached over several rounds: medians, and ratios to a baseline.
package struct ResultTable: CustomStringConvertible {
    /// The baseline's name in full, and in a ratio.
    private let baseline: String
    private let shortName: String
    private let decimals: Int
    private var order: [String] = []
    private var values: [String: [Measured]] = [:]
    private var goals: [String: Goal] = [:]

    package init(baseline: String, called shortName: String = "pgbench", decimals: Int = 0) {
        self.baseline = baseline
        self.shortName = shortName
        self.decimals = decimals
    }

    package mutating func add(_ name: String, goal: Goal? = nil, _ value: Measured) {
        if self.values[name] == nil { self.order.append(name) }
        self.values[name, default: []].append(value)
        self.goals[name] = goal
    }

    package mutating func add(_ name: String, goal: Goal? = nil, _ value: Double) {
        self.add(name, goal: goal, Measured(rate: value))
    }

    /// The median of a contender's 99th percentiles, in microseconds; nil where there are none.
    package func p99(_ name: String) -> Double? {
        let values = (self.values[name] ?? []).compactMap(\.p99)
        return values.isEmpty ? nil : median(values)
    }

    /// The ratios of one contender to another, round by round, so that a machine that slows down slows both.
    package func ratios(_ name: String, to other: String) -> [Double] {
        zip(self.values[name] ?? [], self.values[other] ?? []).map { $0.rate / $1.rate }
    }

    package var description: String { self.order.map(self.line).joined(separator: "\n") }

    private func line(_ name: String) -> String {
        let values = self.values[name] ?? []
        var line =
            "  " + name.padded(to: 42)
            + String(format: "%9.\(self.decimals)f", median(values.map(\.rate)))
        let (p50s, p99s) = (values.compactMap(\.p50), values.compactMap(\.p99))
        let ratios = self.ratios(name, to: self.baseline)
        if !ratios.isEmpty, name != self.baseline {
            line += String(
                format: "  %.2f of \(self.shortName) (%.2f ... %.2f)", median(ratios), ratios.min() ?? 0,
                ratios.max() ?? 0)
            if let goal = self.goals[name] { line += goal.verdict(median(ratios)) }
        }
        if !p50s.isEmpty, !p99s.isEmpty {
            line += String(format: "  p50 %.0f us  p99 %.0f us", median(p50s), median(p99s))
        }
        return line
    }
}

/// The middle value; of two middle ones the mean.
package func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
