//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A limit of the pool, its name and the setting it is read from.
struct PoolSetting {
    enum Field {
        case count(WritableKeyPath<PoolConfiguration, Int>)
        case time(WritableKeyPath<PoolConfiguration, Duration>)
        case timeOrOff(WritableKeyPath<PoolConfiguration, Duration?>)
    }

    /// The property of ``PoolConfiguration``.
    var name: String
    var setting: LakebaseSetting
    var field: Field

    /// All of them; a test compares them with the properties there are.
    static var all: [PoolSetting] {
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
        ]
    }

    func text(in pool: PoolConfiguration) -> String {
        switch self.field {
        case .count(let path): String(pool[keyPath: path])
        case .time(let path): DurationText.text(pool[keyPath: path])
        case .timeOrOff(let path): DurationText.textOrOff(pool[keyPath: path])
        }
    }
}
