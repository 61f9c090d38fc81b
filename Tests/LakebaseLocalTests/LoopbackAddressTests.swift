//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Loopback addresses") struct LoopbackAddressTests {
    typealias Address = LocalState.EndpointAddress

    @Test func `two workspaces and two endpoints differ, and each stays`() {
        let one = LoopbackAddress.preferred(workspaceID: "1", endpoint: "a")
        #expect(one == LoopbackAddress.preferred(workspaceID: "1", endpoint: "a"))
        #expect(one != LoopbackAddress.preferred(workspaceID: "2", endpoint: "a"))
        #expect(one != LoopbackAddress.preferred(workspaceID: "1", endpoint: "b"))
        #expect(one.hasPrefix("127."))
    }

    @Test func `what was used before comes first, then the own address at 5432, then ports`() throws {
        let remembered = Address(address: "127.9.9.9", port: 6000)
        let candidates = LoopbackAddress.candidates(remembered: remembered, workspaceID: "1", endpoint: "a")
        #expect(candidates.first == remembered)
        #expect(candidates[1].port == 5432)

        var tried: [Address] = []
        let taken = LoopbackAddress.choose(candidates) { candidate in
            tried.append(candidate)
            return candidate.port == 0 ? .free(port: 4000) : .taken
        }
        #expect(tried.count == 3)
        #expect(taken == Address(address: candidates[1].address, port: 4000))

        // A system with one loopback address.
        let single = LoopbackAddress.choose(candidates) { $0.address == "127.0.0.1" ? .free(port: 4001) : .unavailable }
        #expect(single == Address(address: "127.0.0.1", port: 4001))
        #expect(LoopbackAddress.choose(candidates) { _ in .taken } == nil)
    }

    @Test func `a probe finds a free port and tells what cannot be`() {
        guard case .free(let port) = LoopbackAddress.probe(Address(address: "127.0.0.1", port: 0)) else {
            Issue.record("no free port")
            return
        }
        #expect(port > 0)
        #expect(LoopbackAddress.probe(Address(address: "203.0.113.1", port: 0)) == .unavailable)
        #expect(LoopbackAddress.probe(Address(address: "nonsense", port: 1)) == .unavailable)
        #expect(LoopbackAddress.probe(Address(address: "127.0.0.1", port: 70_000)) == .unavailable)
    }
}
