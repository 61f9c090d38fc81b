//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import Testing

/// Logs nothing.
let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// The ways to the test server.
enum Way: CaseIterable {
    case socket, tcp, tls
}

extension TestServer {
    func configuration(for way: Way) -> PQConnection.Configuration {
        switch way {
        case .socket: self.socket
        case .tcp: self.tcp
        case .tls: self.tls
        }
    }
}

/// The loops of the tests' connections: more than programs have, since a test's body may compute for a while on its own.
let testLoops: PQEventLoopGroup = {
    do { return try PQEventLoopGroup(count: 8) } catch { return .shared }
}()

/// Opens a connection to the test server, hands it to `body` and closes it.
@discardableResult
func withConnection<Value>(
    to way: Way = .socket,
    on loop: PQEventLoop = testLoops.next(),
    logger: Logger = quiet,
    change: (inout PQConnection.Configuration) -> Void = { _ in },
    _ body: (PQConnection) async throws -> Value
) async throws -> Value {
    var configuration = try TestServer.shared().configuration(for: way)
    change(&configuration)
    return try await closing(PQConnection.connect(configuration, on: loop, logger: logger), after: body)
}

/// Calls `body` with a connection, and closes it in the end.
func closing<Value>(
    _ connection: PQConnection, after body: (PQConnection) async throws -> Value
) async throws -> Value {
    do {
        let value = try await body(connection)
        await connection.close()
        return value
    } catch {
        await connection.close()
        throw error
    }
}

extension PQConnection {
    /// The only cell of the only row.
    func cell<Value: PQDecodable>(_ query: PQQuery, as type: Value.Type = Value.self) async throws -> Value {
        let rows = try await self.query(query)
        return try #require(rows.first, "\(query) gave no row").decode(Value.self, at: 0)
    }

    /// The process that serves the connection.
    func processID() async throws -> Int32 { try await self.cell("SELECT pg_backend_pid()") }
}

/// The `PQError` that `body` throws.
func pqError<Value>(
    _ body: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> PQError {
    do {
        _ = try await body()
    } catch let error as PQError {
        return error
    } catch {
        Issue.record("\(type(of: error)) instead of PQError: \(error)", sourceLocation: sourceLocation)
        throw error
    }
    return try #require(nil as PQError?, "nothing was thrown", sourceLocation: sourceLocation)
}

/// Asks again and again until the answer is yes, with a deadline.
func eventually(
    within limit: Duration = .seconds(50), _ condition: () async throws -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("it did not happen within \(limit)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
