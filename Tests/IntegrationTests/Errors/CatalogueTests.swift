//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase
import TestSupport
import Testing

@Suite("Every entry of the catalogue of errors is brought about", .sharesTheMachine)
struct CatalogueTests {
    private static let all =
        Provocation.ofConfiguration + Provocation.ofWorkspace + Provocation.ofLogin + Provocation.ofConnection
        + Provocation.ofPool + Provocation.ofStatement

    @Test("no entry is without a provocation, and none has two")
    func complete() {
        #expect(Self.all.map(\.problem.id).sorted() == LakebaseProblem.catalogue.map(\.id).sorted())
    }

    @Test("each provocation leads to its entry", .timeLimit(.minutes(10)))
    func provoked() async throws {
        try await withScene { scene in
            for provocation in Self.all {
                let came = await Result { try await provocation.provoke(scene) }
                switch came {
                case .success(let problem):
                    #expect(problem == provocation.problem, "\(provocation.problem) was to come")
                case .failure(let error): Issue.record(error, "\(provocation.problem) was to come")
                }
            }
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
