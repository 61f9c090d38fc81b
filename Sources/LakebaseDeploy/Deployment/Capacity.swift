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

    /// How many units.
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
    /// The least.
    public let minimum: Double
    /// The most.
    public let maximum: Double

    /// What units there are.
    public static let units: ClosedRange<Double> = 0.5...64
    /// How far the most may be from the least.
    public static let maximumWidth: Double = 16

    /// A range of units.
    ///
    /// - Throws: The rule that it is against.
    public init(_ minimum: Double, _ maximum: Double) throws(DeploymentError) {
        for units in [minimum, maximum] {
            guard Self.units.contains(units), (units * 2).rounded() == units * 2 else {
                throw DeploymentError("a capacity is from 0.5 to 64 units in steps of 0.5")
            }
        }
        if minimum > maximum { throw DeploymentError("the least capacity is more than the most") }
        if maximum - minimum > Self.maximumWidth {
            throw DeploymentError("from the least to the most capacity there may be 16 units, and no more")
        }
        self.minimum = minimum
        self.maximum = maximum
    }

    /// `0.5..4`, or `2` when it does not scale.
    public var description: String {
        let words = [self.minimum, self.maximum].map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
        return words[0] == words[1] ? words[0] : words.joined(separator: "..")
    }
}
