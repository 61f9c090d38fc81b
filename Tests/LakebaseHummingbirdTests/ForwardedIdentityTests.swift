//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Lakebase
import LakebaseHummingbird
import Logging
import Secrets
import Synchronization
import Testing

private struct Context: ForwardedIdentityRequestContext {
    var coreContext: CoreRequestContextStorage
    var forwardedIdentity: ForwardedIdentity?

    init(source: ApplicationRequestContextSource) { self.coreContext = .init(source: source) }
}

/// Keeps every line that is logged.
private final class Lines: Sendable {
    let text = Mutex("")

    struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            self.lines.text.withLock { $0 += "\(event.message) \(event.metadata ?? [:]) \(self.metadata)\n" }
        }
    }
}

@Suite("The identity that the platform forwards")
struct ForwardedIdentityTests {
    private let canary = "canary-3b1f"

    private func fields(_ pairs: [(String, String)]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }

    /// What the handler saw of a request, and everything that was logged.
    private func answer(
        _ headers: [(String, String)], absence: ForwardedIdentityMiddleware<Context>.Absence = .allowed
    ) async throws -> (status: HTTPResponse.Status, text: String, log: String) {
        let router = Router(context: Context.self)
        router.add(middleware: ForwardedIdentityMiddleware(absence: absence))
        router.add(middleware: LogRequestsMiddleware(.info, includeHeaders: .all()))
        router.get("/who") { request, context in
            context.logger.info("\(String(describing: context)) \(String(reflecting: request))")
            guard let identity = context.forwardedIdentity else { return "nobody" }
            let names = [identity.email, identity.user, identity.preferredUsername].map { $0 ?? "-" }
            let token = identity.accessToken?.withUnsafeValue { $0 } ?? "-"
            return "\(names.joined(separator: " ")) \(token)"
        }
        let lines = Lines()
        let logger = Logger(label: "test") { _ in Lines.Handler(lines: lines) }
        let application = Application(responder: router.buildResponder(), logger: logger)
        return try await application.test(.router) { client in
            try await client.execute(uri: "/who", method: .get, headers: self.fields(headers)) { response in
                (response.status, String(buffer: response.body), lines.text.withLock { $0 })
            }
        }
    }

    @Test func `the headers become an identity, and the token is in no log`() async throws {
        let found = try await self.answer([
            ("X-Forwarded-Access-Token", self.canary), ("x-forwarded-email", "ann@example.com"),
            ("X-Forwarded-User", "17@42"), ("X-Forwarded-Preferred-Username", "Ann"),
        ])
        #expect(found.status == .ok)
        #expect(found.text == "ann@example.com 17@42 Ann \(self.canary)")
        #expect(found.log.contains("ann@example.com"))
        #expect(!found.log.contains(self.canary), "\(found.log)")
    }

    @Test func `without them there is no identity, or the answer is 401 where one is needed`() async throws {
        #expect(try await self.answer([]).text == "nobody")
        #expect(try await self.answer([("X-Forwarded-Email", ""), ("X-Forwarded-For", "1.2.3.4")]).text == "nobody")
        #expect(try await self.answer([], absence: .refused).status == .unauthorized)
        let named = try await self.answer([("X-Forwarded-Email", "ann@example.com")], absence: .refused)
        #expect(named.text == "ann@example.com - - -")
    }

    @Test(arguments: [
        [("X-Forwarded-Access-Token", "a"), ("X-Forwarded-Access-Token", "b")],
        [("X-Forwarded-Email", "ann@example.com"), ("x-forwarded-email", "bob@example.com")],
        [("X-Forwarded-Email", ""), ("X-Forwarded-Email", "bob@example.com")],
        [("X-Forwarded-Access-Token", "two words")],
        [("X-Forwarded-Access-Token", String(repeating: "x", count: 16 * 1024 + 1))],
        [("X-Forwarded-User", String(repeating: "x", count: 1025))],
    ])
    func `headers that the platform does not send like that are refused, without being repeated`(
        headers: [(String, String)]
    ) async throws {
        let found = try await self.answer(headers)
        #expect(found.status == .badRequest)
        for (_, value) in headers where value.count > 1 { #expect(!found.text.contains(value)) }
    }
}
