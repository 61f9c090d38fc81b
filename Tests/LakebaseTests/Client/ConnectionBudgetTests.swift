//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import Lakebase

@Suite("The budget of connections")
struct ConnectionBudgetTests {
    @Test(arguments: [
        (10, 1, 209, 3, nil),
        (100, 2, 209, 3, nil as String?),
        (103, 2, 209, 3, nil),
        (
            104, 2, 209, 3,
            "lower maximumConnections to 103, or give the compute 2 compute units, which allow about 419 connections"
        ),
        (
            60, 2, 104, 3,
            "lower maximumConnections to 50, or give the compute 1 compute units, which allow about 209 connections"
        ),
        (1000, 8, 4000, 0, "lower maximumConnections to 500"),
        (
            10, 20, 4, 4,
            "lower maximumConnections to 1, or give the compute 1 compute units, which allow about 209 connections"
        ),
        (.max, .max, 209, 3, "lower maximumConnections to 1"),
    ])
    func `pools that want too much are told what would fit`(
        maximum: Int, processes: Int, ceiling: Int, reserved: Int, remedy: String?
    ) {
        let budget = ConnectionBudget(
            maximumConnections: maximum, processCount: processes, ceiling: ceiling, reserved: reserved)
        #expect(budget.remedy == remedy)
        #expect(budget.isExceeded == (remedy != nil))
    }
}
