//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("The pool's limits")
struct PQPoolConfigurationTests {
    @Test func `the defaults work and let an idle compute sleep`() {
        let configuration = PQPoolConfiguration()
        #expect(configuration.problems.isEmpty)
        #expect(configuration.minimumConnections == 0 && configuration.maximumConnections == 10)
        #expect(configuration.idleTimeout < .seconds(60), "the service's shortest suspend delay")
        #expect(configuration.maximumAge == .seconds(2700))
        #expect(configuration.livenessCheckAfter < configuration.idleTimeout)
    }

    @Test(arguments: [
        (PQPoolConfiguration(maximumConnections: 0), ["maximumConnections"]),
        (PQPoolConfiguration(maximumConnections: -5), ["maximumConnections"]),
        (PQPoolConfiguration(minimumConnections: -1), ["minimumConnections"]),
        (PQPoolConfiguration(minimumConnections: 11, maximumConnections: 10), ["minimumConnections"]),
        (PQPoolConfiguration(maximumWaiters: -1), ["maximumWaiters"]),
        (PQPoolConfiguration(processCount: 0), ["processCount"]),
        (PQPoolConfiguration(acquireTimeout: .zero), ["acquireTimeout"]),
        (PQPoolConfiguration(connectTimeout: .zero), ["connectTimeout"]),
        (PQPoolConfiguration(idleTimeout: .zero), ["idleTimeout"]),
        (PQPoolConfiguration(livenessCheckTimeout: .seconds(-1)), ["livenessCheckTimeout"]),
        (PQPoolConfiguration(maximumAge: .zero), ["maximumAge"]),
    ])
    func `a limit that cannot work is named with its remedy`(configuration: PQPoolConfiguration, settings: [String]) {
        #expect(configuration.problems.map(\.setting) == settings)
        #expect(configuration.problems.allSatisfy { $0.message.hasPrefix("is ") && $0.remedy.hasPrefix("use ") })
    }

    @Test func `limits at the edge work`() {
        let configuration = PQPoolConfiguration(
            minimumConnections: 1, maximumConnections: 1, maximumWaiters: 0, wakeTimeout: .zero,
            livenessCheckAfter: .zero, drainTimeout: .zero)
        #expect(configuration.problems == [])
    }

    @Test func `all problems are found at once`() {
        let configuration = PQPoolConfiguration(
            minimumConnections: -1, maximumConnections: 0, maximumWaiters: -1, acquireTimeout: .zero,
            maximumAge: .zero, processCount: 0)
        #expect(
            configuration.problems.map(\.setting) == [
                "maximumConnections", "minimumConnections", "maximumWaiters", "processCount", "acquireTimeout",
                "maximumAge",
            ])
    }
}
