//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A property of a part of the configuration: its name, and the setting that it is read from.
struct PropertySetting<Root> {
    enum Field {
        case flag(WritableKeyPath<Root, Bool>)
        case count(WritableKeyPath<Root, Int>)
        case text(WritableKeyPath<Root, String?>)
        case time(WritableKeyPath<Root, Duration>)
        case timeOrOff(WritableKeyPath<Root, Duration?>)
        case reset(WritableKeyPath<Root, SessionReset>)
        case multiplexing(WritableKeyPath<Root, PQMultiplexing>)
    }

    /// The property of `Root`.
    var name: String
    var setting: LakebaseSetting
    var field: Field

    /// The property's value as text; nil when it has none.
    func text(in root: Root) -> String? {
        switch self.field {
        case .flag(let path): String(root[keyPath: path])
        case .count(let path): String(root[keyPath: path])
        case .text(let path): root[keyPath: path]
        case .time(let path): DurationText.text(root[keyPath: path])
        case .timeOrOff(let path): DurationText.textOrOff(root[keyPath: path])
        case .reset(let path): root[keyPath: path].rawValue
        case .multiplexing(let path):
            switch root[keyPath: path] {
            case .off: "off"
            case .depth(let depth): String(depth)
            }
        }
    }
}

extension PropertySetting<PQPoolConfiguration> {
    /// The limits of the pool; a test compares them with the properties of the type.
    static var all: [PropertySetting] {
        [
            .init(name: "minimumConnections", setting: .minimumConnections, field: .count(\.minimumConnections)),
            .init(name: "maximumConnections", setting: .maximumConnections, field: .count(\.maximumConnections)),
            .init(name: "maximumWaiters", setting: .maximumWaiters, field: .count(\.maximumWaiters)),
            .init(name: "acquireTimeout", setting: .acquireTimeout, field: .time(\.acquireTimeout)),
            .init(name: "connectTimeout", setting: .connectTimeout, field: .time(\.connectTimeout)),
            .init(name: "wakeTimeout", setting: .wakeTimeout, field: .time(\.wakeTimeout)),
            .init(name: "idleTimeout", setting: .idleTimeout, field: .time(\.idleTimeout)),
            .init(name: "livenessCheckAfter", setting: .livenessCheckAfter, field: .time(\.livenessCheckAfter)),
            .init(name: "livenessCheckTimeout", setting: .livenessCheckTimeout, field: .time(\.livenessCheckTimeout)),
            .init(name: "maximumAge", setting: .maximumAge, field: .time(\.maximumAge)),
            .init(name: "drainTimeout", setting: .drainTimeout, field: .time(\.drainTimeout)),
            .init(name: "processCount", setting: .processCount, field: .count(\.processCount)),
            .init(name: "leakWarningAfter", setting: .leakWarningAfter, field: .timeOrOff(\.leakWarningAfter)),
            .init(name: "sessionReset", setting: .sessionReset, field: .reset(\.sessionReset)),
            .init(name: "multiplexing", setting: .multiplexing, field: .multiplexing(\.multiplexing)),
        ]
    }
}

extension PropertySetting<LakebaseConfiguration.Telemetry> {
    /// The properties of telemetry; a test compares them with the properties of the type.
    ///
    /// The names of attributes and metrics can be set in code only.
    static var all: [PropertySetting] {
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
}
