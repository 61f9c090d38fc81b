//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
import Metrics

/// Makes a client's metrics, each with its unit and its attributes.
struct MetricMaker: Sendable {
    let factory: any MetricsFactory
    let configuration: LakebaseConfiguration.Telemetry

    typealias Attribute = (name: String?, value: String?)

    func timer(_ label: String, _ attributes: [Attribute]) -> Timer {
        Timer(
            label: label, dimensions: self.dimensions(attributes, unit: "s"), preferredDisplayUnit: .seconds,
            factory: self.factory)
    }

    func meter(_ label: String, _ attributes: [Attribute], unit: String) -> Meter {
        Meter(label: label, dimensions: self.dimensions(attributes, unit: unit), factory: self.factory)
    }

    func counter(_ label: String, _ attributes: [Attribute], unit: String) -> Counter {
        Counter(label: label, dimensions: self.dimensions(attributes, unit: unit), factory: self.factory)
    }

    /// The dimensions of attributes: one without a name is left out, and so is one without a value unless absent values
    /// are filled.
    private func dimensions(_ attributes: [Attribute], unit: String) -> [(String, String)] {
        var dimensions: [(String, String)] = []
        for (name, value) in attributes + [(self.configuration.attributes.unit, unit)] {
            guard let name else { continue }
            if let value {
                dimensions.append((name, value))
            } else if self.configuration.fillsAbsentAttributes {
                dimensions.append((name, ""))
            }
        }
        return dimensions
    }
}

extension Duration {
    /// The duration in nanoseconds, for timers.
    ///
    /// A duration that does not fit (292 years) becomes the largest number.
    var nanoseconds: Int64 {
        guard self < .century else { return .max }
        let (seconds, attoseconds) = self.bounded.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product + attoseconds / 1_000_000_000
    }

    var seconds: Double {
        let (seconds, attoseconds) = self.bounded.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
