//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Testing

@testable import Databricks

/// A client over a stub, with time that passes only in pauses.
struct StubbedClient {
    let client: WorkspaceClient
    let transport: StubTransport
    let time: PauseTime

    init(_ handler: @escaping StubTransport.Handler) {
        self.transport = StubTransport(handler)
        self.time = PauseTime()
        self.client = WorkspaceClient(
            configuration: .pat(), sender: self.time.sender(self.transport), credentials: nil, now: { Date() },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Answers to the requests in order; the last one goes on for ever.
    init(answers: String...) {
        self.init { (_, number) async throws(DatabricksError) in .json(answers[min(number, answers.count) - 1]) }
    }
}
