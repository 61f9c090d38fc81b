//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("What a refusal says of its request") struct TracedFailureTests {
    @Test func `a trace is in what the Postgres API does not find, and a request's id in details`() {
        let path = "/api/2.0/postgres/projects/p"
        let found = APIFailure.notFound("project id not found").traced(api: path)
        #expect(found.message.firstMatch(of: /^project id not found \[TraceId: [0-9a-f]+\]$/) != nil)
        #expect(APIFailure.notFound("x").traced(api: "/api/2.0/apps/a").message == "x")
        #expect(
            APIFailure.invalid("x").traced(api: path).message == "x"
                && APIFailure.invalid("x").traced(api: path).details.isEmpty)
        let managed = APIFailure(400, "BAD_REQUEST", "no", details: [APIFailure.managedByParent]).traced(api: path)
        #expect(managed.details.count == 2 && managed.details[1]["request_id"]?.stringValue?.isEmpty == false)
    }
}
