//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@Suite("Requests of the Workspace API", .timeLimit(.minutes(1)))
struct WorkspaceRequestTests {
    private let root = "/api/2.0/workspace"

    @Test func `folders and files`() async throws {
        let root = self.root
        try await APIServer.check([
            .init("POST \(root)/mkdirs", #"{"path":"/Shared/a b"}"#) { try await $0.workspace.mkdirs("/Shared/a b") },
            .init("POST \(root)/import", #"{"path":"/f","format":"AUTO","content":"AP8="}"#) {
                try await $0.workspace.import(Data([0, 255]), to: "/f")
            },
            .init(
                "POST \(root)/import",
                #"{"path":"/n","format":"SOURCE","language":"SQL","overwrite":true,"content":""}"#
            ) {
                try await $0.workspace.import(Data(), to: "/n", format: .source, language: .sql, overwrite: true)
            },
            .init("GET \(root)/get-status?path=%2Fa%20b%26c") { _ = try await $0.workspace.getStatus("/a b&c") },
            .init("GET \(root)/list?path=%2FShared") {
                let objects = try await $0.workspace.list("/Shared")
                #expect(objects.isEmpty)
            },
            .init("GET \(root)/export?path=%2Ff&format=JUPYTER") {
                _ = try await $0.workspace.export("/f", format: .jupyter)
            },
            .init("POST \(root)/delete", #"{"path":"/f"}"#) { try await $0.workspace.delete("/f") },
            .init("POST \(root)/delete", #"{"path":"/f","recursive":true}"#) {
                try await $0.workspace.delete("/f", recursive: true)
            },
        ])
    }

    @Test func `bytes go up and come down as they are`() async throws {
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await APIServer.with({ call, _ in
            call.line.hasPrefix("GET") ? .init(type: "application/octet-stream", bytes: bytes) : .json("")
        }) { client, server in
            try await client.workspace.upload(Data(bytes), to: "/Shared/a b/notes", overwrite: true)
            let content = try await client.workspace.download("/Shared/a b/notes")
            #expect(content == Data(bytes))
            #expect(
                server.lines == [
                    "POST /api/2.0/workspace-files/import-file/Shared/a%20b/notes?overwrite=true",
                    "GET /api/2.0/workspace/export?path=%2FShared%2Fa%20b%2Fnotes&direct_download=true",
                ])
            #expect(server.calls[0].bytes == bytes && server.calls[0].type == "application/octet-stream")
        }
    }

    @Test(arguments: ["/a/../b", "//a", "/", ""])
    func `uploads to what is no path are refused`(path: String) async throws {
        try await APIServer.with({ _, _ in .json("{}") }) { client, server in
            let error = await #expect(throws: DatabricksError.self) {
                try await client.workspace.upload(Data(), to: path)
            }
            #expect(error?.code == .invalidRequest)
            #expect(server.calls.isEmpty)
        }
    }

    @Test func `something in the way is a conflict`() async throws {
        let refusal = #"{"error_code":"RESOURCE_ALREADY_EXISTS","message":"/f is there"}"#
        try await APIServer.with({ _, _ in .json(refusal, 400) }) { client, _ in
            let error = await #expect(throws: DatabricksError.self) {
                try await client.workspace.import(Data(), to: "/f")
            }
            #expect(error?.code == .conflict)
        }
    }
}
