//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

extension WholeLakebaseTests {
    @Suite("The port of apps", .serialized) struct AppPortTests {
        /// An app that listens on 8000 whatever it is told, and asks itself there when it is asked for `/self`.
        private static func files(_ name: String, host: String) -> [String: String] {
            [
                "app.yaml": "command: [python3, -u, app.py]\n",
                "app.py": """
                import socket, urllib.request
                from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

                class Handler(BaseHTTPRequestHandler):
                    def log_message(self, *_): pass
                    def do_GET(self):
                        if self.path == "/self":
                            body = urllib.request.urlopen("http://127.0.0.1:8000/").read() + b" itself"
                        elif self.path == "/name":
                            body = server.socket.getsockname()[0].encode()
                        else:
                            body = b"\(name)"
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(body)))
                        self.end_headers()
                        self.wfile.write(body)

                class Server(ThreadingHTTPServer):
                    address_family = socket.AF_INET6 if ":" in "\(host)" else socket.AF_INET

                server = Server(("\(host)", 8000), Handler)
                server.serve_forever()
                """,
            ]
        }

        private func start(_ apps: AppFixture, _ name: String, host: String) async throws {
            _ = try await apps.create(.init(name: name))
            for (file, text) in Self.files(name, host: host) {
                try await apps.write([file: text], to: "/Shared/\(name)")
            }
            _ = try await apps.client.apps.deploy(.init(sourceCodePath: "/Shared/\(name)"), to: name)
                .wait(polling: PollingPolicy(step: .milliseconds(20), jitter: .zero ... .zero))
        }

        #if os(Linux)
        @Test(.enabled(if: SocketWatch.isAvailable, "this system does not let sockets be watched"))
        func `apps that insist on port 8000 run side by side, and each finds itself there`() async throws {
            try await AppFixture.with { apps in
                try await self.start(apps, "first", host: "0.0.0.0")
                try await self.start(apps, "second", host: "127.0.0.1")
                try await self.start(apps, "third", host: "::")
                // A new version, while the one before runs.
                _ = try await apps.client.apps.deploy(.init(sourceCodePath: "/Shared/first"), to: "first")
                    .wait(polling: PollingPolicy(step: .milliseconds(20), jitter: .zero ... .zero))
                for name in ["first", "second", "third"] {
                    let page = try await apps.visit("/", of: name)
                    #expect(page.status == 200 && page.text == name)
                    let itself = try await apps.visit("/self", of: name)
                    #expect(itself.text == "\(name) itself")
                    // Other machines get to the app by its address alone.
                    let place = try await apps.visit("/name", of: name).text
                    #expect(place == (name == "third" ? "::ffff:127.0.0.1" : "127.0.0.1"))
                }
                let warned = try await apps.log("second").filter { $0.text.contains("127.0.0.1 only") }
                #expect(warned.count == 1)
                let quiet = try await apps.log("first").filter { $0.text.contains("127.0.0.1 only") }
                #expect(quiet.isEmpty)
            }
        }
        #endif

        @Test func `without redirection the first has the port, and the next is told who has it`() async throws {
            guard case .free = LoopbackAddress.probe(.init(address: "0.0.0.0", port: 8000)) else { return }
            var configuration = AppFixture.configuration()
            configuration.apps.redirectsPorts = false
            try await AppFixture.with(configuration) { apps in
                try await self.start(apps, "notes", host: "0.0.0.0")
                let page = try await apps.visit("/")
                #expect(page.text == "notes")
                _ = try await apps.create(.init(name: "second"))
                let failure = try await apps.fail(Self.files("second", host: "0.0.0.0"), to: "second")
                #expect(failure.contains("held by the app 'notes'"), "\(failure)")
                #expect(failure.contains("databricks apps stop notes"), "\(failure)")
                // One that does as it is told runs.
                try await apps.deploy(["app.yaml": AppFixture.server, "page.txt": "told"], to: "second")
                let told = try await apps.visit("/page.txt", of: "second")
                #expect(told.text == "told")
            }
        }
    }
}
