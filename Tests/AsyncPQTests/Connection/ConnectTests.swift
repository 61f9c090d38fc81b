//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Secrets
import TestSupport
import Testing

@Suite("Connecting")
struct ConnectTests {
    private func failure(
        _ configuration: PQConnection.Configuration, on loop: PQEventLoop = PQEventLoopGroup.shared.next()
    ) async throws -> PQError {
        try await pqError { try await PQConnection.connect(configuration, on: loop, logger: quiet) }
    }

    @Test func `a database whose name looks like a connection string is asked for by that name`() async throws {
        var configuration = try TestServer.shared().socket
        for name in ["host=192.0.2.1 dbname=postgres", "postgresql://192.0.2.1/postgres"] {
            configuration.database = name
            let error = try await pqError { try await PQConnection.connect(configuration, logger: quiet) }
            #expect(error.sqlState == .invalidCatalogName && error.message.contains(name), "\(error)")
        }
    }

    @Test(arguments: Way.allCases)
    func `every way in leads to a session`(way: Way) async throws {
        try await withConnection(
            to: way,
            change: {
                $0.applicationName = "it's me"
                $0.settings = ["search_path": "a\\b, \"c d\"", "work_mem": "7MB"]
            }
        ) { connection in
            #expect(await connection.isOpen)
            #expect(await connection.serverVersion >= 150_000)
            let isTLS = try await connection.cell(
                "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", as: Bool.self)
            #expect(isTLS == (way == .tls))
            #expect(await connection.usesTLS == isTLS)
            #expect(try await connection.cell("SHOW application_name", as: String.self) == "it's me")
            #expect(try await connection.cell("SHOW search_path", as: String.self) == "a\\b, \"c d\"")
            #expect(try await connection.cell("SHOW work_mem", as: String.self) == "7MB")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a listener that never answers is given up at the deadline`() async throws {
        let silent = try LoopbackSocket()
        let events = silent.eventsOfNext()
        // A loop of its own: on the shared one the bodies of other tests run, and some compute for seconds.
        let loop = try PQEventLoop(name: "never-answers")
        defer { loop.stop() }
        var time = try await measure {
            let error = try await self.failure(
                .init(
                    host: "127.0.0.1", port: silent.port, username: "u", database: "d",
                    connectTimeout: .milliseconds(300)), on: loop)
            #expect(error.code == .timedOut)
            #expect(error.message.contains("127.0.0.1:\(silent.port)"))
        } beside: {
            try await withConnection { _ in }
        }
        #expect(time.work >= .milliseconds(300))
        // As the listener sees it: until this task runs again may take long beside the tests that count to a million.
        for await case .ended(let kept) in events { time.work = kept }
        #expect(time.isWithin(.seconds(3)), "\(time)")
    }

    @Test func `a port where nobody listens refuses at once`() async throws {
        // Holds the port, so that no other test listens there.
        let deaf = try LoopbackSocket(listening: false)
        defer { withExtendedLifetime(deaf) {} }
        let port = deaf.port
        let error = try await self.failure(.init(host: "127.0.0.1", port: port, username: "u", database: "d"))
        #expect(error.code == .connectionFailed)
        #expect(error.server == nil)
        #expect(error.message.contains("refused"))
        #expect(error.message.contains("\(port)"))
        #expect(error.isSafeToRetry)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a server that goes away before TLS is set up is out of reach, not out of trust`() async throws {
        let listener = try LoopbackSocket()
        listener.hangUpOnNext()
        let error = try await self.failure(
            .init(host: "127.0.0.1", port: listener.port, username: "u", database: "d", tls: .require))
        #expect(error.code == .connectionFailed, "\(error)")
        #expect(error.isSafeToRetry)
    }

    @Test func `a socket folder without a server is named in the error`() async throws {
        let error = try await self.failure(.init(host: "/nonexistent", username: "u", database: "d"))
        #expect(error.code == .connectionFailed)
        #expect(error.message.contains("/nonexistent/.s.PGSQL.5432"))
    }

    @Test func `a host that does not exist is named in the error`() async throws {
        let error = try await self.failure(.init(host: "nowhere.invalid", username: "u", database: "d"))
        #expect(error.code == .nameResolutionFailed)
        #expect(error.message.contains("nowhere.invalid"))
    }

    @Test func `a wrong password is refused with 28P01`() async throws {
        var configuration = try TestServer.shared().tls
        configuration.password = Secret("wrong-canary")
        let error = try await self.failure(configuration)
        #expect(error.code == .connectionFailed)
        #expect(error.sqlState == .invalidPassword)
        #expect(error.message.contains(TestServer.passwordUser))
        #expect(!"\(error)".contains("canary"))
    }

    @Test func `a missing password is an error and not a hang`() async throws {
        var configuration = try TestServer.shared().tls
        configuration.password = nil
        #expect(try await self.failure(configuration).code == .invalidConfiguration)
    }

    @Test func `a login without TLS where TLS is asked for is refused with 28000`() async throws {
        var configuration = try TestServer.shared().tls
        configuration.tls = .disable
        #expect(try await self.failure(configuration).sqlState == .invalidAuthorizationSpecification)
    }

    @Test func `a database that does not exist is refused with 3D000`() async throws {
        var configuration = try TestServer.shared().socket
        configuration.database = "nothing here"
        let error = try await self.failure(configuration)
        #expect(error.sqlState == .invalidCatalogName)
        #expect(error.serverMessage == "database \"nothing here\" does not exist")
    }

    @Test func `a certificate for another name or from another authority is not trusted`() async throws {
        var other = try TestServer.shared().tls
        other.host = "127.0.0.1"
        #expect(try await self.failure(other).code == .tlsFailed)
        var unknown = try TestServer.shared().tls
        unknown.rootCertificate = "/nonexistent.crt"
        let error = try await self.failure(unknown)
        #expect(error.code == .tlsFailed)
        #expect(error.message.contains("/nonexistent.crt"))
    }

    @Test func `a configuration that cannot work is refused before anything is sent`() async throws {
        let good = PQConnection.Configuration(host: "/tmp", username: "u", database: "d")
        var wrong = Array(repeating: good, count: 8)
        wrong[0].host = ""
        wrong[1].port = 0
        wrong[2].port = 65536
        wrong[3].username = ""
        wrong[4].connectTimeout = .zero
        wrong[5].database = "a\0b"
        wrong[6].settings = ["bad name": "x"]
        wrong[7].settings = ["search_path": "a\0b"]
        for configuration in wrong {
            #expect(try await self.failure(configuration).code == .invalidConfiguration)
        }
    }
}
