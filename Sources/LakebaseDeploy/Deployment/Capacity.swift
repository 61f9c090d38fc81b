//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The capacity of an instance of Lakebase Provisioned.
public enum InstanceCapacity: String, Sendable, Hashable, CaseIterable {
    /// One unit.
    case cu1 = "CU_1"
    /// Two units.
    case cu2 = "CU_2"
    /// Four units.
    case cu4 = "CU_4"
    /// Eight units.
    case cu8 = "CU_8"

    /// The number of units.
    public var units: Double {
        switch self {
        case .cu1: 1
        case .cu2: 2
        case .cu4: 4
        case .cu8: 8
        }
    }
}

/// Between how many units an endpoint of Lakebase Autoscaling scales.
///
/// From 0.5 to 64 units in halves, and at most 16 from the least to the most (documentation of the Postgres API and of computes).
public struct ComputeRange: Sendable, Hashable, CustomStringConvertible {
    /// The minimum.
    public let minimum: Double
    /// The maximum.
    public let maximum: Double

    /// The possible units.
    public static let units: ClosedRange<Double> = 0.5...64
    /// The largest difference between minimum and maximum.
    public static let maximumWidth: Double = 16

    /// Creates a range of units.
    ///
    /// - Throws: ``DeploymentError`` with the rule that the range breaks.
    public init(_ minimum: Double, _ maximum: Double) throws(DeploymentError) {
        for units in [minimum, maximum] {
            guard Self.units.contains(units), (units * 2).rounded() == units * 2 else {
                throw DeploymentError(
                    "\(Self.words(units)) is no capacity", remedy: "give 0.5 to 64 compute units in steps of 0.5")
            }
        }
        if minimum > maximum {
            throw DeploymentError(
                "the minimum \(Self.words(minimum)) is greater than the maximum \(Self.words(maximum))",
                remedy: "exchange them")
        }
        if maximum - minimum > Self.maximumWidth {
            throw DeploymentError(
                "the maximum \(Self.words(maximum)) is more than 16 units above the minimum \(Self.words(minimum))",
                remedy: "raise the minimum, or lower the maximum")
        }
        self.minimum = minimum
        self.maximum = maximum
    }

    /// A number of units without a needless fraction.
    private static func words(_ units: Double) -> String {
        Int(exactly: units).map { "\($0)" } ?? "\(units)"
    }

    /// `0.5..4`, or `2` when it does not scale.
    public var description: String {
        let words = [self.minimum, self.maximum].map(Self.words)
        return words[0] == words[1] ? words[0] : words.joined(separator: "..")
    }
}
