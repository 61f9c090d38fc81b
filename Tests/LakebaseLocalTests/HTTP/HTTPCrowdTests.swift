//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import Synchronization
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// More connections than the process may have files, each in a process of its own.
extension WholeLakebaseTests {
    @Suite("HTTP listeners without files", .serialized) struct HTTPCrowdTests {
        @Test func `an app's address rests, says so once, and answers all who waited`() async {
            await #expect(processExitsWith: .success) {
                let warnings = Warnings()
                guard case .free(let port) = LoopbackAddress.probe(.init(address: "127.0.0.1", port: 0)) else {
                    throw HTTPCrowdTests.NoPort()
                }
                let visitor = LocalIdentity(
                    kind: .user, userName: "u", displayName: "U", id: "1", credential: Secret(""))
                let proxy = AppProxy(
                    host: "127.0.0.1", port: port,
                    surroundings: .init(
                        visitor: visitor, token: { nil }, status: { "STOPPED" },
                        // Nothing is there to read, and nothing is written.
                        log: AppLog(AppFolder(path: "/nonexistent/notes"))),
                    policy: AppPolicy(), logger: warnings.logger)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await proxy.run() }
                    // Until it listens.
                    while (try? RawHTTP(port: port)) == nil { try await Task.sleep(for: .milliseconds(5)) }
                    try await HTTPCrowdTests.crowd(port, status: 503, warnings)
                    group.cancelAll()
                }
            }
        }

        @Test func `the workspace rests, says so once, and answers all who waited`() async {
            await #expect(processExitsWith: .success) {
                let warnings = Warnings()
                let lakebase = try LocalLakebase(configuration: .init(), logger: warnings.logger)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await lakebase.run() }
                    let fixture = Fixture(lakebase: lakebase, ready: try await lakebase.ready())
                    try await HTTPCrowdTests.crowd(fixture.port, status: 200, warnings)
                    group.cancelAll()
                    while await group.nextResult() != nil {}
                }
            }
        }

        struct NoPort: Error {}

        /// Connects when there are no files left, and lets there be some after the first warning.
        static func crowd(_ port: Int, status: Int, _ warnings: Warnings) async throws {
            // The runtime's timer needs a file, and has it from here on.
            try await Task.sleep(for: .milliseconds(1))
            let clients = (0..<40).map { _ in RawHTTP() }
            Self.limitFiles(to: (clients.map(\.descriptor).max() ?? 0) + 1)
            for client in clients { try client.connect(to: port) }
            let deadline = ContinuousClock.now + .seconds(60)
            while warnings.crowds.isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
            Self.limitFiles(to: 500)
            for client in clients {
                client.send("GET /oidc/jwks.json HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n")
            }
            for client in clients {
                let answer = await client.read()
                #expect(answer.ended && answer.text.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            }
            #expect(warnings.crowds.count == 1, "\(warnings.crowds)")
        }

        private static func limitFiles(to count: Int32) {
            var limits = rlimit()
            #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            #else
            let resource = RLIMIT_NOFILE
            #endif
            getrlimit(resource, &limits)
            limits.rlim_cur = rlim_t(count)
            #expect(setrlimit(resource, &limits) == 0)
        }
    }
}

/// The warnings of a log.
final class Warnings: Sendable {
    private let lines = Mutex<[String]>([])

    /// Those about connections that have to wait.
    var crowds: [String] { self.lines.withLock { $0.filter { $0.contains("new connections have to wait") } } }

    var logger: Logger {
        var logger = Logger(label: "test", factory: { _ in Handler(warnings: self) })
        logger.logLevel = .warning
        return logger
    }

    private struct Handler: LogHandler {
        let warnings: Warnings
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) { self.warnings.lines.withLock { $0.append("\(event.message)") } }
    }
}
