//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@Suite("Workspace files on the wire")
struct WorkspaceModelTests {
    @Test func `objects of a folder`() throws {
        let list = try WireCheck.roundTrip(
            Workspace.ListResponse.self,
            """
            {"objects":[{"object_type":"FILE","path":"/Shared/a.txt","object_id":9007199254740993,"size":3,"created_at":1767323045000,
            "modified_at":1767323045001,"resource_id":"r"},{"object_type":"DIRECTORY","path":"/Shared/d","object_id":2},
            {"object_type":"NOTEBOOK","path":"/Shared/n","object_id":3,"language":"PYTHON"}]}
            """
        )
        #expect(list.objects?.map(\.objectType) == [.file, .directory, .notebook])
        #expect(list.objects?.first?.objectID == 9_007_199_254_740_993)
        let odd = try WireCheck.decode(
            Workspace.ObjectInfo.self, #"{"object_type":"HOLOGRAM","language":"RUST","object_id":"7","new":1}"#)
        #expect(odd.objectType?.rawValue == "HOLOGRAM" && odd.language?.rawValue == "RUST" && odd.objectID == 7)
    }

    @Test func `content is base64`() throws {
        let bytes = Data([0, 255, 10, 13, 128])
        let request = Workspace.ImportRequest(path: "/a", format: .auto, overwrite: true, content: bytes)
        let written = try WireCheck.encode(request)
        #expect(
            written
                == .object([
                    "path": .string("/a"), "format": .string("AUTO"), "overwrite": .boolean(true),
                    "content": .string("AP8KDYA="),
                ]))
        let read = try WireCheck.decode(Workspace.ImportRequest.self, #"{"path":"/a","content":"AP8KDYA="}"#)
        #expect(read.content == bytes)
        let export = try WireCheck.roundTrip(
            Workspace.ExportResponse.self, #"{"content":"AP8KDYA=","file_type":"txt"}"#)
        #expect(export.content == bytes)
        #expect(throws: DecodingError.self) {
            try WireCheck.decode(Workspace.ExportResponse.self, #"{"content":"%"}"#)
        }
        let empty = try WireCheck.decode(Workspace.ExportResponse.self, #"{"content":""}"#)
        #expect(empty.content == Data())
    }

    @Test func `requests leave out what is not said`() throws {
        #expect(try WireCheck.encode(Workspace.DeleteRequest(path: "/a")) == .object(["path": .string("/a")]))
        #expect(
            try WireCheck.encode(Workspace.MakeDirectoriesRequest(path: "/a")) == .object(["path": .string("/a")]))
    }
}
