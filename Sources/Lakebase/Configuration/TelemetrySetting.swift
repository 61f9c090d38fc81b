//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A property of telemetry, its name and the setting it is read from.
struct TelemetrySetting {
    enum Field {
        case flag(WritableKeyPath<TelemetryConfiguration, Bool>)
        case text(WritableKeyPath<TelemetryConfiguration, String?>)
        case timeOrOff(WritableKeyPath<TelemetryConfiguration, Duration?>)
    }

    /// The property of ``TelemetryConfiguration``.
    var name: String
    var setting: LakebaseSetting
    var field: Field

    /// All of them; a test compares them with the properties there are.
    ///
    /// What attributes and metrics are called is said in code only.
    static var all: [TelemetrySetting] {
        [
            .init(name: "measuresStatements", setting: .measuresStatements, field: .flag(\.measuresStatements)),
            .init(name: "measuresPool", setting: .measuresPool, field: .flag(\.measuresPool)),
            .init(name: "measuresCredentials", setting: .measuresCredentials, field: .flag(\.measuresCredentials)),
            .init(name: "tracesStatements", setting: .tracesStatements, field: .flag(\.tracesStatements)),
            .init(
                name: "slowStatementThreshold", setting: .slowStatementThreshold,
                field: .timeOrOff(\.slowStatementThreshold)),
            .init(
                name: "includesStatementText", setting: .includesStatementText, field: .flag(\.includesStatementText)),
            .init(name: "poolName", setting: .poolName, field: .text(\.poolName)),
            .init(
                name: "fillsAbsentAttributes", setting: .fillsAbsentAttributes, field: .flag(\.fillsAbsentAttributes)),
        ]
    }

    /// Its value; nil where there is none.
    func text(in telemetry: TelemetryConfiguration) -> String? {
        switch self.field {
        case .flag(let path): String(telemetry[keyPath: path])
        case .text(let path): telemetry[keyPath: path]
        case .timeOrOff(let path): DurationText.textOrOff(telemetry[keyPath: path])
        }
    }
}
