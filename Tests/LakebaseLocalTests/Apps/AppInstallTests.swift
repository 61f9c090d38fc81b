//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import ProgramLauncher
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres
@testable import LocalWorkspace

extension WholeLakebaseTests {
    @Suite("What apps need", .serialized) struct AppInstallTests {
        /// A package of Python with a program, as a wheel.
        private static func wheel(version: String) async throws -> Data {
            let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-wheel.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let script = """
                import sys, zipfile
                path, version = sys.argv[1:]
                info = f"greeting-{version}.dist-info"
                with zipfile.ZipFile(path, "w") as wheel:
                    wheel.writestr("greeting.py", f"import os\\nTEXT = 'greeting {version}'\\n"
                        "def main():\\n    from http.server import test, SimpleHTTPRequestHandler\\n"
                        "    open('page.txt', 'w').write(TEXT)\\n"
                        "    test(SimpleHTTPRequestHandler, port=int(os.environ['PORT']))\\n")
                    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: greeting\\nVersion: {version}\\n")
                    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                    wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\\ngreet = greeting:main\\n")
                    wheel.writestr(f"{info}/RECORD", "")
                """
            let path = folder + "/wheel.whl"
            let made = try await ChildProcess.run("/usr/bin/env", ["python3", "-c", script, path, version])
            #expect(made.status == 0, "\(made.output)")
            return try #require(FileManager.default.contents(atPath: path))
        }

        private static func deploy(
            _ apps: AppFixture, _ files: [String: Data]
        ) async throws {
            for (name, data) in files {
                try await apps.client.workspace.mkdirs("/Shared/app")
                try await apps.client.workspace.import(data, to: "/Shared/app/\(name)", format: .raw, overwrite: true)
            }
            _ = try await apps.client.apps.deploy(.init(sourceCodePath: "/Shared/app"), to: "notes")
                .wait(polling: PollingPolicy(step: .milliseconds(20), jitter: .zero ... .zero))
        }

        @Test func `requirements are installed once, in an environment of the version's own`() async throws {
            var configuration = AppFixture.configuration()
            // One that has nothing yet.
            let cache = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-cache.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: cache) }
            configuration.apps.cacheFolder = cache
            try await AppFixture.with(configuration) { apps in
                _ = try await apps.create(.init(name: "notes"))
                var files = [
                    "app.yaml": Data("command: [greet]\n".utf8),
                    "requirements.txt": Data("--no-index\n./greeting-1.0-py3-none-any.whl\n".utf8),
                    "greeting-1.0-py3-none-any.whl": try await Self.wheel(version: "1.0"),
                ]
                try await Self.deploy(apps, files)
                let page = try await apps.visit("/page.txt")
                #expect(page.text == "greeting 1.0")
                let log = try await apps.log().map(\.text)
                #expect(log.contains { $0.contains("-m pip install") && $0.contains("requirements.txt") })
                #expect(log.contains { $0.contains("Successfully installed greeting-1.0") })

                try await Self.deploy(apps, files)
                let second = try await apps.log().map(\.text)
                #expect(second.contains("The packages of requirements.txt are installed already."))
                #expect(second.filter { $0.contains("-m pip install") }.count == 1)
                let layers = try FileManager.default.contentsOfDirectory(atPath: cache + "/environments")
                #expect(layers.count == 2, "a layer and its lock: \(layers)")

                // What the app installs itself is its own.
                files["app.yaml"] = Data(
                    "command: [sh, -c, 'python -m pip install --no-index ./greeting-2.0-py3-none-any.whl && greet']\n"
                        .utf8)
                files["greeting-2.0-py3-none-any.whl"] = try await Self.wheel(version: "2.0")
                files["requirements.txt"] = Data("--no-index\n./greeting-1.0-py3-none-any.whl\n# own\n".utf8)
                try await Self.deploy(apps, files)
                let own = try await apps.visit("/page.txt")
                #expect(own.text == "greeting 2.0")
                for layer in try FileManager.default.contentsOfDirectory(atPath: cache + "/environments")
                where !layer.hasSuffix(".lock") {
                    let result = try await ChildProcess.run(
                        "\(cache)/environments/\(layer)/bin/python", ["-c", "import greeting; print(greeting.TEXT)"])
                    #expect(result.output == "greeting 1.0\n")
                }
            }
        }

        @Test func `what cannot be installed is named, and the older version goes on`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                try await apps.deploy(["app.yaml": AppFixture.server, "page.txt": "older"])
                let failure = try await apps.fail([
                    "app.yaml": AppFixture.server, "requirements.txt": "--no-index\nlakebase-no-such-package==1\n",
                ])
                #expect(failure.hasPrefix("requirements.txt could not be installed: "), "\(failure)")
                #expect(failure.contains("lakebase-no-such-package==1"), "\(failure)")
                let page = try await apps.visit("/page.txt")
                #expect(page.text == "older")
            }
        }

        @Test(
            .enabled(if: ProgramSearch.find(["npm"], path: ChildProcess.plainEnvironment["PATH"]) != nil, "no npm here")
        )
        func `packages of Node are installed and built, and its start script is the default`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                let package =
                    #"{"name":"a","version":"1.0.0","scripts":{"build":"node build.js","start":"node server.js"}}"#
                try await apps.deploy([
                    "package.json": package,
                    "build.js": "require('fs').writeFileSync('built.txt', 'built')",
                    "server.js": """
                    const text = require('fs').readFileSync('built.txt')
                    require('http').createServer((_, answer) => answer.end(text)).listen(process.env.PORT)
                    """,
                ])
                let page = try await apps.visit("/")
                #expect(page.text == "built")
                let log = try await apps.log().map(\.text)
                #expect(log.contains { $0.hasPrefix("Running npm install") })
            }
        }

        @Test func `secrets are resources of apps, and show nowhere`() async throws {
            try await AppFixture.with { apps in
                let token = apps.fixture.ready.developer.credential
                func post(_ path: String, _ body: String) async throws -> Int {
                    let answer = try await apps.fixture.http(
                        "POST", "/api/2.0/secrets/\(path)", token: token, body: body)
                    return answer.status
                }
                #expect(try await post("scopes/create", #"{"scope":"keys"}"#) == 200)
                #expect(try await post("scopes/create", #"{"scope":"keys"}"#) == 400)
                #expect(try await post("put", #"{"scope":"keys","key":"k","string_value":"hush-hush-value"}"#) == 200)
                #expect(
                    try await post("put", #"{"scope":"keys","key":"k2","string_value":"a","bytes_value":"YQ=="}"#)
                        == 400)
                #expect(try await post("put", #"{"scope":"none","key":"k","string_value":"a"}"#) == 404)
                let got = try await apps.fixture.http("GET", "/api/2.0/secrets/get?scope=keys&key=k", token: token)
                #expect(got["value"] == Data("hush-hush-value".utf8).base64EncodedString())
                let file = apps.fixture.ready.dataDirectory + "/secrets/scopes.json"
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                _ = try await apps.create(
                    .init(
                        name: "notes",
                        resources: [
                            .init(name: "api-key", secret: .init(scope: "keys", key: "k")),
                            .init(name: "missing", secret: .init(scope: "keys", key: "other")),
                        ]))
                let manifest =
                    AppFixture.shell("echo \"it is $KEY\"; test -z \"$MISSING\" && echo none > page.txt") + """
                        env:
                          - {name: KEY, valueFrom: api-key}
                          - {name: MISSING, valueFrom: missing}
                        """
                try await apps.deploy(["app.yaml": manifest])
                let page = try await apps.visit("/page.txt")
                #expect(page.text == "none\n")
                let log = try await apps.log().map(\.text)
                #expect(log.contains("it is <redacted>") && !log.contains { $0.contains("hush-hush") })
                #expect(log.contains { $0.contains("the secret 'other' of the scope 'keys' is not there") })
                let shown = try await apps.fixture.http("GET", "/api/2.0/apps/notes", token: token)
                #expect(shown.body.range(of: Data("hush-hush".utf8)) == nil)

                #expect(try await post("delete", #"{"scope":"keys","key":"k"}"#) == 200)
                #expect(try await post("delete", #"{"scope":"keys","key":"k"}"#) == 404)
                #expect(try await post("scopes/delete", #"{"scope":"keys"}"#) == 200)
                let lists = try await apps.fixture.http("GET", "/api/2.0/secrets/list?scope=keys", token: token)
                #expect(lists.status == 404)
                let acls = try await apps.fixture.http("GET", "/api/2.0/secrets/acls/list?scope=keys", token: token)
                #expect(acls.status == 404)
            }
        }
    }
}
