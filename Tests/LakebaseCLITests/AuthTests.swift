//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Hummingbird
import Logging
import NIOCore
import TestSupport
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite("lakebase auth as a process")
struct AuthTests {
    private struct Announcement: Decodable {
        var identities: [String: [String: String]]
    }

    /// Runs a body with a local workspace, given each identity's environment.
    private func withWorkspace(_ body: ([String: [String: String]]) async throws -> Void) async throws {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let process = try CommandRun.start("lakebase", ["dev", "--json"], output: output, errors: errors)
        defer { kill(process.processIdentifier, SIGTERM) }
        let line = try await scratch.text("out", containing: "\n")
        try await body(try JSONDecoder().decode(Announcement.self, from: Data(line.utf8)).identities)
    }

    private func object(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    // MARK: describe and token

    @Test func `identity, method and origins, and a token to a pipe`() async throws {
        try await self.withWorkspace { identities in
            for (name, method, secret) in [
                ("developer", "pat", "DATABRICKS_TOKEN"), ("app", "oauth-m2m", "DATABRICKS_CLIENT_SECRET"),
            ] {
                let environment = try #require(identities[name])
                let hidden = try #require(environment[secret])
                let described = try await CommandRun.run(
                    "lakebase", ["auth", "describe", "--json"], environment: environment)
                #expect(described.status == 0 && described.complaints == "", "\(described.errors)")
                let report = try self.object(described.output)
                #expect(report["method"] == .string(method))
                #expect(report["identity"] == .string(try #require(environment["PGUSER"])))
                #expect(report["host"]?.stringValue == environment["DATABRICKS_HOST"])
                #expect(report["workspace_id"]?.stringValue?.isEmpty == false)
                #expect(described.output.contains("the environment variable \(secret)"))
                #expect(!described.output.contains(hidden) && described.output.contains("********"))

                let plain = try await CommandRun.run("lakebase", ["auth", "describe"], environment: environment)
                #expect(plain.status == 0)
                for words in [environment["PGUSER"] ?? "?", method, "from the environment variable DATABRICKS_HOST"] {
                    #expect(plain.output.contains(words), "\(plain.output)")
                }
                #expect(!plain.output.contains(hidden))

                let token = try await CommandRun.run("lakebase", ["auth", "token"], environment: environment)
                #expect(token.status == 0 && token.output.hasSuffix("\n"), "\(token.errors)")
                let host = try #require(environment["DATABRICKS_HOST"])
                let used = try await CommandRun.run(
                    "lakebase", ["auth", "describe", "--json"],
                    environment: ["DATABRICKS_HOST": host, "DATABRICKS_TOKEN": String(token.output.dropLast())])
                #expect(try self.object(used.output)["identity"] == report["identity"])
            }
            let environment = try #require(identities["app"])
            let answer = try await CommandRun.run("lakebase", ["auth", "token", "--json"], environment: environment)
            let fields = try self.object(answer.output)
            #expect(fields["token_type"] == .string("Bearer") && fields["access_token"]?.stringValue?.isEmpty == false)
            #expect(fields["expiry"]?.stringValue.flatMap { RFC3339.date(from: $0) }.map { $0 > Date() } == true)
        }
    }

    @Test func `credentials that are refused are described all the same, with status 1`() async throws {
        try await self.withWorkspace { identities in
            let host = try #require(identities["developer"]?["DATABRICKS_HOST"])
            let run = try await CommandRun.run(
                "lakebase", ["auth", "describe"],
                environment: ["DATABRICKS_HOST": host, "DATABRICKS_TOKEN": "canary-token"])
            #expect(run.status == 1)
            #expect(run.output.contains("********") && run.output.contains("identity      not known"))
            #expect(run.errors.contains("token from the environment variable DATABRICKS_TOKEN"))
            #expect(!(run.output + run.errors).contains("canary"))
        }
    }

    @Test func `nothing configured is explained, with status 1`() async throws {
        let home = try Scratch()
        for arguments in [["auth", "describe"], ["auth", "token"], ["auth", "login"]] {
            let none = try await CommandRun.run("lakebase", arguments, environment: ["HOME": home.path])
            #expect(none.status == 1 && none.errors.contains("DATABRICKS_HOST"), "\(none.errors)")
        }
        let environment = ["HOME": home.path, "DATABRICKS_HOST": "h.example.com", "PATH": "/nonexistent"]
        let run = try await CommandRun.run("lakebase", ["auth", "token"], environment: environment)
        #expect(run.status == 1 && run.output == "")
        for words in ["pat (", "oauth-m2m (", "env-oidc (", "file-oidc (", "github-oidc (", "databricks-cli ("] {
            #expect(run.errors.contains(words), "\(run.errors)")
        }
        let json = try await CommandRun.run("lakebase", ["auth", "describe", "--json"], environment: environment)
        #expect(json.status == 1)
        #expect(try self.object(json.output)["error"]?.stringValue?.contains("no credentials") == true)
    }

    @Test func `wrong command lines have status 64`() async throws {
        for arguments in [
            ["auth", "nonsense"], ["auth", "token", "--nonsense"], ["auth", "login", "--timeout", "soon"],
            ["auth", "describe", "extra"],
        ] {
            let run = try await CommandRun.run("lakebase", arguments)
            #expect(run.status == 64, "\(arguments): \(run.errors)")
        }
        let help = try await CommandRun.run("lakebase", ["auth", "token", "--help"])
        #expect(help.status == 0 && help.output.contains("EXAMPLES") && help.output.contains("Exit status"))
    }

    @Test func `token is shown on a terminal only when asked to`() async throws {
        let environment = ["DATABRICKS_HOST": "h.example.com", "DATABRICKS_TOKEN": "canary-token"]
        let (refused, silent) = try await self.onTerminal(["auth", "token"], environment)
        #expect(refused == 64 && !silent.contains("canary") && silent.contains("--show"))
        let (shown, text) = try await self.onTerminal(["auth", "token", "--show"], environment)
        #expect(shown == 0 && text.contains("canary-token"))
    }

    /// Runs the command with a terminal for its output.
    @concurrent
    private func onTerminal(
        _ arguments: [String], _ environment: [String: String]
    ) async throws -> (status: Int32, text: String) {
        var (screen, terminal): (Int32, Int32) = (-1, -1)
        try #require(openpty(&screen, &terminal, nil, nil, nil) == 0)
        defer { close(screen) }
        let handle = FileHandle(fileDescriptor: terminal, closeOnDealloc: true)
        let process = try CommandRun.start(
            "lakebase", arguments, environment: environment, output: handle, errors: handle)
        let deadline = ContinuousClock.now + .seconds(60)
        while process.isRunning {
            if ContinuousClock.now > deadline { kill(process.processIdentifier, SIGKILL) }
            try await Task.sleep(for: .milliseconds(10))
        }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        _ = fcntl(screen, F_SETFL, O_NONBLOCK)
        let count = read(screen, &bytes, bytes.count)
        return (process.terminationStatus, String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self))
    }

    // MARK: login

    @Test func `login by browser is kept, as a profile, and used by the next command`() async throws {
        try await LoginPage.with { workspace in
            let scratch = try Scratch()
            let environment = [
                "HOME": scratch.path, "DATABRICKS_CONFIG_FILE": scratch.path + "/cfg", "PATH": "/nonexistent",
            ]
            let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
            let process = try CommandRun.start(
                "lakebase", ["auth", "login", "--host", workspace, "--profile", "work", "--no-browser"],
                environment: environment, output: output, errors: errors)
            defer { kill(process.processIdentifier, SIGKILL) }
            let asked = try await scratch.text("err", containing: "code_challenge_method")
            let address = try #require(asked.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("http") })
            let page = try await CommandRun.page(String(address))
            #expect(page.contains("You can close this page."))
            let said = try await scratch.text("out", containing: "\n")
            #expect(said == "Logged in to \(workspace) as me@example.com.\n")
            try await process.ended()
            #expect(process.terminationStatus == 0)
            #expect(try scratch.text("cfg") == "[work]\nhost = \(workspace)\nauth_type = databricks-cli\n")
            for file in ["cfg", ".databricks/token-cache.json"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(scratch.path)/\(file)")
                #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(file)")
            }
            let everything = try scratch.text("out") + scratch.text("err")
            #expect(!everything.contains("access-token") && !everything.contains("refresh-token"))

            let described = try await CommandRun.run(
                "lakebase", ["auth", "describe", "--profile", "work", "--json"], environment: environment)
            let report = try self.object(described.output)
            #expect(report["identity"] == .string("me@example.com") && report["method"] == .string("databricks-cli"))
            #expect(report["profile"] == .string("work"))
            let token = try await CommandRun.run(
                "lakebase", ["auth", "token"], environment: environment.merging(["DATABRICKS_HOST": workspace]) { $1 })
            #expect(token.output == "access-token\n", "\(token.errors)")
        }
    }

    @Test func `browser that the environment names is the one that is opened`() async throws {
        try await LoginPage.with { workspace in
            let scratch = try Scratch()
            let browser = scratch.path + "/browser"
            try ProgramFile.write("#!/bin/sh\nprintf '%s\\n' \"$@\" > \(scratch.path)/opened\n", to: browser)
            // Those that are not there are passed over.
            for (value, words) in [("none:\(browser)", 1), ("\(browser) --new %s last", 3)] {
                try? FileManager.default.removeItem(atPath: scratch.path + "/opened")
                let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
                let process = try CommandRun.start(
                    "lakebase", ["auth", "login", "--host", workspace],
                    environment: ["HOME": scratch.path, "PATH": "/nonexistent", "BROWSER": value], output: output,
                    errors: errors)
                defer { kill(process.processIdentifier, SIGKILL) }
                _ = try await scratch.text("err", containing: "code_challenge_method")
                try await QueryTests.wait { (try? scratch.text("opened").hasSuffix("\n")) == true }
                let opened = try scratch.text("opened").split(separator: "\n").map(String.init)
                let address = try #require(opened.first { $0.hasPrefix("http") })
                #expect(opened.count == words && opened[words == 1 ? 0 : 1] == address, "\(opened)")
                #expect(address.contains("code_challenge_method") && (words == 1 || opened.last == "last"))
                _ = try await CommandRun.page(address)
                try await process.ended()
                #expect(process.terminationStatus == 0)
            }
        }
    }

    @Test func `name that would steer the terminal is written plainly`() async throws {
        try await LoginPage.with { workspace in
            let environment = ["DATABRICKS_HOST": workspace, "DATABRICKS_TOKEN": "rude"]
            let plain = try await CommandRun.run("lakebase", ["auth", "describe"], environment: environment)
            #expect(
                plain.status == 0 && plain.output.contains("[2J") && !plain.output.contains("\u{1B}"), "\(plain.output)"
            )
            let json = try await CommandRun.run("lakebase", ["auth", "describe", "--json"], environment: environment)
            #expect(!json.output.contains("\u{1B}"))
            #expect(try self.object(json.output)["identity"] == .string("a\u{1B}[2Jb"))
        }
    }

    @Test func `workspace's id in the address is kept in the profile, whose file keeps its line ends`() async throws {
        try await LoginPage.with { workspace in
            let scratch = try Scratch()
            let before = "[other]\r\nhost = https://other.example.com\r\n"
            let file = try scratch.path(of: "cfg", text: before)
            let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
            // The environment's workspace is another one, and its variables do not count beside --host.
            let environment = [
                "HOME": scratch.path, "DATABRICKS_CONFIG_FILE": file, "PATH": "/nonexistent",
                "DATABRICKS_HOST": "http://127.0.0.1:1", "DATABRICKS_DISCOVERY_URL": "http://127.0.0.1:1/discovery",
                "DATABRICKS_WORKSPACE_ID": "1",
            ]
            let process = try CommandRun.start(
                "lakebase", ["auth", "login", "--host", workspace + "/?o=777", "--profile", "work", "--no-browser"],
                environment: environment, output: output, errors: errors)
            defer { kill(process.processIdentifier, SIGKILL) }
            let asked = try await scratch.text("err", containing: "code_challenge_method")
            let address = try #require(asked.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("http") })
            _ = try await CommandRun.page(String(address))
            try await process.ended()
            let complaint = try scratch.text("err")
            #expect(process.terminationStatus == 0, "\(complaint)")
            let after = try scratch.text("cfg")
            #expect(
                after == before
                    + "\r\n[work]\r\nhost = \(workspace)\r\nworkspace_id = 777\r\nauth_type = databricks-cli\r\n")
        }
    }

    @Test func `credentials that are nobody's are described with status 1`() async throws {
        try await LoginPage.with { workspace in
            let run = try await CommandRun.run(
                "lakebase", ["auth", "describe", "--json"],
                environment: ["DATABRICKS_HOST": workspace, "DATABRICKS_TOKEN": "nobody"])
            #expect(run.status == 1 && run.errors.contains("does not say whose they are"), "\(run.errors)")
            #expect(try self.object(run.output)["error"] != nil, "\(run.output)")
        }
    }

    @Test func `Ctrl-C gives the login up and leaves the browser that it opened`() async throws {
        try await LoginPage.with { workspace in
            let scratch = try Scratch()
            let opened = scratch.path + "/opened"
            try ProgramFile.write(
                "#!/bin/sh\necho $$ > \(opened).part; mv \(opened).part \(opened); exec sleep 600\n",
                to: scratch.path + "/xdg-open")
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let terminal = try PseudoTerminal(
                CommandRun.folder.path + "/lakebase", ["auth", "login", "--host", workspace],
                environment: ["HOME": scratch.path, "PATH": "\(scratch.path):\(path)"])
            let deadline = ContinuousClock.now + .seconds(60)
            while !FileManager.default.fileExists(atPath: opened), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
            let number = try #require(Int32(try scratch.text("opened").trimmingCharacters(in: .whitespacesAndNewlines)))
            defer { kill(number, SIGKILL) }
            try terminal.type([3])
            #expect(try await terminal.status() == 128 + SIGINT, "\(terminal.text())")
            #expect(kill(number, 0) == 0)
        }
    }

    @Test func `login that nobody makes ends in time, and Ctrl-C ends it at once`() async throws {
        try await LoginPage.with { workspace in
            let scratch = try Scratch()
            let arguments = ["auth", "login", "--host", workspace, "--no-browser", "--timeout"]
            let environment = ["HOME": scratch.path]
            let late = try await CommandRun.run("lakebase", arguments + ["200ms"], environment: environment)
            #expect(late.status == 1 && late.errors.contains("no user logged in"), "\(late.errors)")
            let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
            let process = try CommandRun.start(
                "lakebase", arguments + ["5m"], environment: environment, output: output, errors: errors)
            _ = try await scratch.text("err", containing: "code_challenge_method")
            kill(process.processIdentifier, SIGINT)
            try await process.ended()
            #expect(process.terminationReason == .uncaughtSignal)
            #expect(!FileManager.default.fileExists(atPath: scratch.path + "/.databricks/token-cache.json"))
        }
    }
}

extension CommandRun {
    /// What a browser shows, which follows redirects.
    fileprivate static func page(_ address: String) async throws -> String {
        guard let url = URL(string: address) else { throw URLError(.badURL) }
        return String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
    }
}

/// A workspace that lets anybody in who asks by way of its page.
private enum LoginPage {
    static func with(_ body: (_ address: String) async throws -> Void) async throws {
        let started = AsyncStream<Int>.makeStream()
        let router = Router()
        router.get("/oidc/.well-known/oauth-authorization-server") { request, _ in
            let base = "http://\(request.head.authority ?? "")/oidc/v1"
            return Self.json(#"{"token_endpoint":"\#(base)/token","authorization_endpoint":"\#(base)/authorize"}"#)
        }
        router.get("/oidc/v1/authorize") { request, _ in
            let fields = request.uri.queryParameters
            let back = "\(fields.get("redirect_uri") ?? "")/?code=c&state=\(fields.get("state") ?? "")"
            return Response(status: .found, headers: [.location: back])
        }
        router.post("/oidc/v1/token") { _, _ in
            Self.json(
                #"{"access_token":"access-token","token_type":"Bearer","expires_in":3600,"refresh_token":"refresh-token"}"#
            )
        }
        router.get("/api/2.0/preview/scim/v2/Me") { request, _ in
            switch request.headers[.authorization] {
            case "Bearer access-token": Self.json(#"{"userName":"me@example.com"}"#)
            case "Bearer nobody": Self.json("{}")
            case "Bearer rude": Self.json(#"{"userName":"a\u001b[2Jb"}"#)
            default: Response(status: .unauthorized)
            }
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { started.continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            var ports = started.stream.makeAsyncIterator()
            let port = try #require(await ports.next())
            defer { group.cancelAll() }
            try await body("http://127.0.0.1:\(port)")
        }
    }

    private static func json(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
